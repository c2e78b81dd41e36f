// SPDX-License-Identifier: BSL-1.0
// Scripts are not run here. Those by which redis-py's lock lets go, extends and takes again are
// known by their digests, and done natively: as atomic as any command. So is the one that nearly
// all locks let go by: phpredis's sessions, and whoever has copied it from Redis's documentation.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"
#include "text/sha1.hpp"

namespace cache::on {

namespace {

/// The words behind the number of keys.
struct script_call {
    string_view key;
    arguments words;
};

/// The token that a lock's key holds, and how long it does, if the first word is that token.
std::optional<head> held(call& c, const script_call& s, bool& wrong) {
    std::optional<head> lock;
    c.work.read(head_key(c.db, s.key), [&](string_view row, std::uint64_t at) {
        const head h = parse_head(row, at);
        wrong = h.type != kind::string;
        if (!wrong && row.substr(1) == s.words[0]) lock = h;
    });
    return lock;
}

std::optional<std::uint64_t> later_by(call& c, string_view text) {
    const auto at = moment(c, {{.absolute = false, .seconds = false}, text}, false);
    return at;
}

void prolong(call& c, const script_call& s, std::uint64_t at) {
    if (at <= c.work.now()) c.work.erase_key(c.db, s.key);
    else set_expiry(c, s.key, at);
    c.out.integer(1);
}

void release(call& c, const script_call& s, const head&) {
    c.work.erase_key(c.db, s.key);
    c.out.integer(1);
}
/// words: token, milliseconds, "0" to add them to what is left.
void extend(call& c, const script_call& s, const head& lock) {
    if (lock.at == 0) return c.out.integer(0);
    const auto more = c.integer(s.words[1]);
    if (!more) return;
    const std::uint64_t now = c.work.now();
    const std::uint64_t left = lock.at > now ? (lock.at - now) / nanoseconds_per_ms : 0;
    std::int64_t ms = *more;
    if (s.words[2] == "0" && __builtin_add_overflow(ms, static_cast<std::int64_t>(left), &ms))
        return c.out.error("ERR invalid expire time in 'pexpire' command");
    if (const auto at = later_by(c, std::to_string(ms))) prolong(c, s, *at);
}
void reacquire(call& c, const script_call& s, const head&) {
    if (const auto at = later_by(c, s.words[1])) prolong(c, s, *at);
}

struct known_script {
    string_view digest;
    std::size_t words;
    void (*run)(call&, const script_call&, const head&);
};
constexpr std::array known = std::to_array<known_script>({
    {"b70c2384248f88e6b75b9f89241a180f856ad852", 1, release}, // phpredis
    {"c3f8721cbb97f72bc19e972846bd7aaf91901658", 1, release},
    {"a4e8783852e6b949f9ef3a97212805108459a890", 3, extend},
    {"1cac51482acf5858da00f6d685d68f886cd6b6b2", 2, reacquire},
});

const known_script* find_script(string_view digest) {
    for (const known_script& one : known)
        if (is(digest, one.digest)) return &one;
    return nullptr;
}

/// Whether a text is the release of a lock, however it is laid out.
bool releases(string_view text) {
    constexpr string_view plain = "ifredis.call('get',keys[1])==argv[1]then"
                                  "returnredis.call('del',keys[1])elsereturn0end";
    std::string seen;
    for (const char ch : text) {
        if (seen.size() > plain.size()) return false;
        if (ch != ' ' && ch != '\t' && ch != '\r' && ch != '\n' && ch != ';')
            seen += ch == '"' ? '\'' : lower(ch);
    }
    return seen == plain;
}
const known_script* find_text(string_view text) {
    if (const known_script* script = find_script(sha1(text))) return script;
    return releases(text) ? known.data() : nullptr;
}
static_assert(known.front().run == release);

constexpr string_view not_run =
    "ERR this server runs no scripts; it knows those of redis-py's lock by their digests";

void run(call& c, const known_script& script) {
    if (parse_integer(c[2]) != 1 || c.size() - 4 < script.words)
        return c.out.error("ERR this script takes one key and " + std::to_string(script.words) +
                           " words");
    const script_call s{c[3], c.args.subspan(4)};
    bool wrong = false;
    const auto lock = held(c, s, wrong);
    if (wrong) c.wrong_type();
    else if (lock) script.run(c, s, *lock);
    else c.out.integer(0);
}

} // namespace

namespace {
/// Whether as many keys follow as are announced; an error is replied.
bool has_keys(call& c) {
    const auto count = c.integer(c[2]);
    if (!count) return false;
    if (*count > static_cast<std::int64_t>(c.size()) - 3) {
        c.out.error("ERR Number of keys can't be greater than number of args");
        return false;
    }
    if (*count < 0) c.out.error("ERR Number of keys can't be negative");
    return *count >= 0;
}
} // namespace

void evalsha(call& c) {
    if (c[1].size() == 40 && !has_keys(c)) return;
    if (const known_script* script = find_script(c[1])) return run(c, *script);
    c.out.error("NOSCRIPT No matching script. Please use EVAL.");
}
void eval(call& c) {
    if (!has_keys(c)) return;
    if (const known_script* script = find_text(c[1])) return run(c, *script);
    c.out.error(not_run);
}

void script_load(call& c) {
    const std::string digest = sha1(c[2]);
    if (find_script(digest) == nullptr) return c.out.error(not_run);
    c.out.bulk(digest);
}
void script_exists(call& c) {
    c.out.array(c.size() - 2);
    for (const string_view digest : c.args.subspan(2))
        c.out.integer(find_script(digest) != nullptr ? 1 : 0);
}
/// Nothing was loaded, so nothing is forgotten.
void script_flush(call& c) {
    if (c.size() > 3 || (c.size() == 3 && !is(c[2], "async") && !is(c[2], "sync")))
        return c.out.error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    c.out.ok();
}

} // namespace cache::on
