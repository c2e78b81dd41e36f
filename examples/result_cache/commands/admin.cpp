// SPDX-License-Identifier: BSL-1.0
// What operators ask: configuration, slow commands, what is going on, what a key takes.
#include "commands/handlers.hpp"
#include "text/glob.hpp"

#include <algorithm>
#include <csignal>

#include <malloc.h>

namespace cache::on {

namespace {

/// A parameter of CONFIG. `set` answers what is wrong with a value, empty for nothing; null where
/// only a restart can change it. Redis's names.
struct parameter {
    string_view name;
    std::string (*get)(server&);
    std::string (*check)(server&, string_view value);
    void (*set)(server&, string_view value);
};

std::string check_number(string_view text, std::int64_t least, std::int64_t greatest) {
    const auto value = text.empty() ? std::nullopt : parse_integer(text);
    if (!value) return "argument couldn't be parsed into an integer";
    if (*value < least || *value > greatest)
        return "argument must be between " + std::to_string(least) + " and " +
               std::to_string(greatest) + " inclusive";
    return {};
}
std::int64_t checked(string_view text) { return parse_integer(text).value_or(0); }

std::string lowered(string_view text) {
    std::string made{text};
    for (char& ch : made) ch = lower(ch);
    return made;
}
/// Where data rests is decided when the server starts.
std::string check_policy(server& s, string_view value) {
    const auto policy = memory_policy_named(lowered(value));
    if (!policy) return "argument(s) must be one of the following: " + memory_policy_names();
    const bool spills = *policy == memory_policy::spill;
    if (spills != s.space.rows().spills())
        return "a server can't begin or stop to spill while it runs";
    return {};
}

constexpr std::array parameters = std::to_array<parameter>({
    // --fsync says it more finely; these are Redis's words for it.
    {"appendfsync",
     [](server& s) {
         const fsync_policy when = s.options.storage.fsync;
         return std::string{when == fsync_policy::interval ? "everysec"
                            : when == fsync_policy::no     ? "no"
                                                           : "always"};
     },
     nullptr, nullptr},
    {"appendonly",
     [](server& s) { return std::string{s.space.rows().is_durable() ? "yes" : "no"}; }, nullptr,
     nullptr},
    {"bind", [](server& s) { return s.options.bind; }, nullptr, nullptr},
    {"databases", [](server&) { return std::to_string(database_count); }, nullptr, nullptr},
    {"dir", [](server& s) { return s.options.storage.directory; }, nullptr, nullptr},
    {"enable-debug-command", [](server& s) { return s.options.debug; }, nullptr, nullptr},
    {"io-threads", [](server& s) { return std::to_string(s.options.threads); }, nullptr, nullptr},
    {"maxclients", [](server& s) { return std::to_string(s.most_clients.load()); },
     [](server&, string_view value) { return check_number(value, 1, 4294967295); },
     [](server& s, string_view value) {
         s.most_clients = static_cast<std::size_t>(checked(value));
     }},
    {"maxmemory", [](server& s) { return std::to_string(s.memory.limit()); },
     [](server&, string_view value) {
         return std::string{parse_memory(value) ? "" : "argument must be a memory value"};
     },
     [](server& s, string_view value) { s.memory.set_limit(parse_memory(value).value_or(0)); }},
    {"maxmemory-policy", [](server& s) { return std::string{name_of(s.memory.policy())}; },
     check_policy,
     [](server& s, string_view value) {
         s.memory.set_policy(memory_policy_named(lowered(value)).value_or(memory_policy{}));
     }},
    {"notify-keyspace-events", [](server& s) { return s.events.letters(); },
     [](server&, string_view value) {
         return std::string{key_events::parse(value) ? ""
                                                     : "Invalid event class character. Use "
                                                       "'Ag$lshzxeKEtmdn'."};
     },
     [](server& s, string_view value) { s.events.set(key_events::parse(value).value_or(0)); }},
    {"port", [](server& s) { return std::to_string(s.options.port); }, nullptr, nullptr},
    {"proto-max-bulk-len", [](server&) { return std::string{"536870912"}; }, nullptr, nullptr},
    // A password is nobody's business, whoever asks: Redis tells it.
    {"requirepass", [](server& s) { return std::string{s.needs_password() ? "(redacted)" : ""}; },
     [](server&, string_view) { return std::string{}; },
     [](server& s, string_view value) { s.set_password(std::string{value}); }},
    {"save", [](server&) { return std::string{}; }, nullptr, nullptr}, // --snapshot-after says when
    {"slowlog-log-slower-than", [](server& s) { return std::to_string(s.slow.threshold.load()); },
     [](server&, string_view value) { return check_number(value, -1, INT64_MAX); },
     [](server& s, string_view value) { s.slow.threshold = checked(value); }},
    {"slowlog-max-len", [](server& s) { return std::to_string(s.slow.longest.load()); },
     [](server&, string_view value) { return check_number(value, 0, INT64_MAX); },
     [](server& s, string_view value) { s.slow.longest = checked(value); }},
    {"timeout", [](server& s) { return std::to_string(s.idle_seconds.load()); },
     [](server&, string_view value) { return check_number(value, 0, 2147483647); },
     [](server& s, string_view value) { s.idle_seconds = static_cast<unsigned>(checked(value)); }},
});

const parameter* find_parameter(string_view name) {
    for (const parameter& one : parameters)
        if (is(name, one.name)) return &one;
    return nullptr;
}

} // namespace

// --- CONFIG --------------------------------------------------------------------------------------

void config_get(call& c) {
    // Who asks for a name and not for a pattern gets it back as it was written.
    std::vector<std::pair<const parameter*, string_view>> found;
    for (const parameter& one : parameters)
        for (const string_view wanted : c.args.subspan(2))
            if (glob_match(lowered(wanted), one.name)) {
                const bool is_pattern = wanted.find_first_of("*?[") != string_view::npos;
                found.emplace_back(&one, is_pattern ? one.name : wanted);
                break;
            }
    c.out.map(found.size());
    for (const auto& [one, name] : found) {
        c.out.bulk(name);
        c.out.bulk(one->get(c.host));
    }
}

/// All of them or none.
void config_set(call& c) {
    if (c.size() % 2 != 0) return c.syntax_error();
    std::vector<std::pair<const parameter*, string_view>> chosen;
    const auto fail = [&](const parameter& one, const std::string& why) {
        c.out.error("ERR CONFIG SET failed (possibly related to argument '" +
                    std::string{one.name} + "') - " + why);
    };
    for (std::size_t i = 2; i < c.size(); i += 2) {
        const parameter* one = find_parameter(c[i]);
        if (one == nullptr)
            return c.out.error("ERR Unknown option or number of arguments for CONFIG SET - '" +
                               std::string{c[i]} + "'");
        for (const auto& [other, value] : chosen)
            if (other == one) return fail(*one, "duplicate parameter");
        chosen.emplace_back(one, c[i + 1]);
    }
    for (const auto& [one, value] : chosen) {
        if (one->set == nullptr) return fail(*one, "can't set immutable config");
        if (const std::string why = one->check(c.host, value); !why.empty()) return fail(*one, why);
    }
    for (const auto& [one, value] : chosen) one->set(c.host, value);
    c.out.ok();
}

void config_resetstat(call& c) {
    c.host.stats.reset();
    for (auto* count : {&c.host.counts.connections, &c.host.counts.commands, &c.host.counts.hits,
                        &c.host.counts.misses, &c.host.counts.rejected, &c.host.memory.evicted,
                        &c.host.space.expired})
        count->reset();
    c.out.ok();
}
/// One process has all keys (row K-27); who asks is told as by a Redis of which the same is true.
void role(call& c) {
    c.out.array(3);
    c.out.bulk("master");
    c.out.integer(0); // of no replication
    c.out.array(0);
}
/// There are no replicas, and none can come: nobody need wait for them.
void wait(call& c) {
    if (!c.integer(c[1])) return;
    const auto timeout = parse_integer(c[2]);
    if (!timeout) return c.out.error("ERR timeout is not an integer or out of range");
    if (*timeout < 0) return c.out.error("ERR timeout is negative");
    c.out.integer(0);
}

/// The subcommands that there are.
void help(call& c) {
    const auto upper = [](string_view name) {
        std::string text{name};
        for (char& ch : text)
            if (ch >= 'a' && ch <= 'z') ch = static_cast<char>(ch - 'a' + 'A');
        return text;
    };
    std::vector<std::string> lines{upper(c[0]) +
                                   " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"};
    for (const subcommand& one : subcommands())
        if (is(c[0], one.of)) lines.push_back(upper(one.name));
    c.out.array(lines.size());
    for (const std::string& line : lines) c.out.simple(line);
}

void no_cluster(call& c) { c.out.error("ERR This instance has cluster support disabled"); }

/// The file that --config names is the operator's: it is read and never written.
void config_rewrite(call& c) { c.out.error("ERR The server is running without a config file"); }

// --- DEBUG ---------------------------------------------------------------------------------------

/// SLEEP alone, for tests of clients: this one waits, the others don't. Like all that waits, it
/// does not inside a transaction.
void debug(call& c) {
    const string_view from = c.who->shown.address;
    const bool is_local = from.starts_with("127.") || from.starts_with("[::1]:");
    const std::string& who = c.host.options.debug;
    if (who != "yes" && !(who == "local" && is_local))
        return c.out.error("ERR DEBUG command not allowed. Start the server with "
                           "--enable-debug-command local, or yes for clients from elsewhere.");
    if (c.size() != 3 || !is(c[1], "sleep"))
        return c.out.error("ERR unknown subcommand or wrong number of arguments for '" +
                           std::string{c[1].substr(0, 128)} + "'. Try DEBUG HELP.");
    const auto seconds = c.real(c[2]);
    if (!seconds) return;
    if (!(*seconds > 0) || c.in_exec) return c.out.ok();
    c.after.wait = std::make_shared<waiter>();
    c.after.wait->who = c.who;
    c.after.wait->version = c.out.version();
    c.after.wait->timeout = *seconds;
    c.after.wait->sleeps = true;
}

// --- SLOWLOG -------------------------------------------------------------------------------------

void slowlog_get(call& c) {
    std::int64_t count = 10;
    if (c.size() > 3)
        return c.out.error("ERR unknown subcommand or wrong number of arguments for 'get'. Try "
                           "SLOWLOG HELP.");
    if (c.size() == 3) {
        const auto given = parse_integer(c[2]);
        if (!given || *given < -1)
            return c.out.error("ERR count should be greater than or equal to -1");
        count = *given;
    }
    const auto entries = c.host.slow.newest(count);
    c.out.array(entries.size());
    for (const slow_log::entry& one : entries) {
        c.out.array(6);
        c.out.integer(static_cast<long long>(one.id));
        c.out.integer(one.seconds);
        c.out.integer(one.microseconds);
        c.out.array(one.words.size());
        for (const std::string& word : one.words) c.out.bulk(word);
        c.out.bulk(one.address);
        c.out.bulk(one.name);
    }
}
void slowlog_len(call& c) { c.out.integer(static_cast<long long>(c.host.slow.size())); }
void slowlog_reset(call& c) {
    c.host.slow.clear();
    c.out.ok();
}

// --- MONITOR -------------------------------------------------------------------------------------

void monitor(call& c) {
    if (c.in_exec) return c.out.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    c.out.ok();
    {
        const std::lock_guard lock{c.who->mutex};
        c.who->shown.monitors = true;
    }
    c.host.watchers.add(c.who);
}

// --- MEMORY --------------------------------------------------------------------------------------

/// The bytes of a key's rows with their keys and headers; what the tree keeps around them is not
/// counted. Of a collection, `SAMPLES` rows are looked at (5; 0 for all).
void memory_usage(call& c) {
    std::int64_t samples = 5;
    if (c.size() != 3) {
        if (c.size() != 5 || !is(c[3], "samples")) return c.syntax_error();
        const auto given = c.integer(c[4]);
        if (!given) return;
        if (*given < 0) return c.syntax_error();
        samples = *given;
    }
    constexpr std::size_t header = 16; // version and expiry
    const std::string key = head_key(c.db, c[2]);
    std::size_t bytes = 0;
    head h;
    c.work.read_kept(key, [&](string_view row, std::uint64_t at) {
        h = parse_head(row, at);
        bytes = key.size() + row.size() + header;
    });
    if (h.absent()) return c.out.null();
    if (h.type != kind::string) {
        const std::uint64_t rows = h.type == kind::zset ? 2 * h.count : h.count;
        std::uint64_t seen = 0;
        std::size_t taken = 0;
        const auto most =
            samples == 0 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(samples);
        c.work.scan_prefix(
            element_prefix(c.db, h.id),
            [&](string_view row_key, string_view row) {
                taken += row_key.size() + row.size() + header;
                return ++seen < most;
            },
            most);
        if (seen != 0) bytes += static_cast<std::size_t>(taken / seen * rows);
    }
    c.out.integer(static_cast<long long>(bytes));
}

void memory_doctor(call& c) {
    const std::size_t used = c.host.space.rows().memory_used();
    c.out.verbatim("Rows and what the store keeps of them take " + std::to_string(used) +
                   " bytes. This server has no replicas, scripts or defragmentation that could "
                   "take more; see INFO memory and MEMORY USAGE.\n");
}

/// What the heap keeps for later goes back to the system.
void memory_purge(call& c) {
    malloc_trim(0);
    c.out.ok();
}

/// As by SIGTERM: clients have their replies, and with a directory a snapshot is written.
void shutdown(call& c) {
    bool saves = false;
    bool saves_not = false;
    bool aborts = false;
    for (const string_view word : c.args.subspan(1)) {
        if (is(word, "save")) saves = true;
        else if (is(word, "nosave")) saves_not = true;
        else if (is(word, "abort")) aborts = true;
        else if (!is(word, "now") && !is(word, "force")) return c.syntax_error();
    }
    if ((saves && saves_not) || (aborts && c.size() > 2)) return c.syntax_error();
    if (aborts) return c.out.error("ERR No shutdown in progress.");
    std::raise(SIGTERM);
}

void time(call& c) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    c.out.array(2);
    c.out.bulk(std::to_string(now / 1000000));
    c.out.bulk(std::to_string(now % 1000000));
}

} // namespace cache::on
