// SPDX-License-Identifier: BSL-1.0
// What concerns a client and the server rather than keys.
#include "commands/handlers.hpp"
#include "server/log.hpp"
#include "text/glob.hpp"

#include <algorithm>

namespace cache::on {

namespace {

void become(call& c, string_view user) {
    c.who->authenticated = true;
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.user = user;
}

bool log_in(call& c, string_view user, string_view password) {
    if (!c.host.admits(user, password)) {
        // Who mistakes the order of words must not find a password in the log.
        const bool known = user == "default" || c.host.options.users.contains(std::string{user});
        const std::lock_guard lock{c.who->mutex};
        log::say(log::level::warning, "authentication failed",
                 {{"user", known ? user : "(unknown)"}, {"address", c.who->shown.address}});
        c.out.error("WRONGPASS invalid username-password pair or user is disabled.");
        return false;
    }
    become(c, user);
    return true;
}

bool usable_name(string_view name) {
    return std::all_of(name.begin(), name.end(), [](char ch) { return ch >= '!' && ch <= '~'; });
}
constexpr string_view unusable_name =
    "ERR Client names cannot contain spaces, newlines or special characters.";

void speak(call& c, int version) {
    c.who->version = version;
    c.out.switch_to(version);
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.version = version;
}
void set_name(call& c, string_view name) {
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.name = name;
}

void field(resp::reply_writer& out, string_view name, string_view value) {
    out.bulk(name);
    out.bulk(value);
}

/// In the order of Redis's, for some take it by place. Buffers belong to the connection's thread,
/// which is not asked; but redis-py and node-redis fail without their sizes.
std::string line_of(session& s) {
    const std::lock_guard lock{s.mutex};
    const session::shown_state& v = s.shown;
    const bool listens = v.channels + v.patterns != 0;
    std::string flags;
    flags += v.monitors ? "O" : "";
    flags += listens ? "P" : "";
    flags += v.multi >= 0 ? "x" : "";
    flags += v.no_evict ? "e" : "";
    std::string line = "id=" + std::to_string(s.id) + " addr=" + v.address +
                       " laddr=" + v.local_address + " fd=" + std::to_string(v.descriptor) +
                       " name=" + v.name + " age=" + std::to_string(std::time(nullptr) - v.since) +
                       " idle=" + std::to_string(std::time(nullptr) - v.active) +
                       " flags=" + (flags.empty() ? "N" : flags);
    line += " db=" + std::to_string(v.db) + " sub=" + std::to_string(v.channels) +
            " psub=" + std::to_string(v.patterns) + " ssub=0 multi=" + std::to_string(v.multi) +
            " qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0"
            " events=r cmd=";
    return line + v.last_command + " user=" + v.user +
           " redir=-1 resp=" + std::to_string(v.version);
}

struct client_filter {
    std::optional<std::uint64_t> id;
    std::optional<string_view> address, local_address; // an empty one is nobody's
    string_view user, type;
    bool skip_me = true;

    [[nodiscard]] bool fits(const session& s, const session::shown_state& v) const {
        const bool listens = v.channels + v.patterns != 0;
        return (!id || *id == s.id) && (!address || *address == v.address) &&
               (!local_address || *local_address == v.local_address) &&
               (user.empty() || user == v.user) &&
               (type.empty() || is(type, listens ? "pubsub" : "normal"));
    }
};

std::optional<client_filter> parse_filter(call& c) {
    client_filter f;
    if (c.size() % 2 != 0) return c.syntax_error(), std::nullopt;
    for (std::size_t i = 2; i < c.size(); i += 2) {
        const string_view value = c[i + 1];
        if (is(c[i], "id")) {
            const auto id = parse_integer(value);
            if (!id || *id < 1)
                return c.out.error("ERR client-id should be greater than 0"), std::nullopt;
            f.id = static_cast<std::uint64_t>(*id);
        } else if (is(c[i], "addr")) {
            f.address = value;
        } else if (is(c[i], "laddr")) {
            f.local_address = value;
        } else if (is(c[i], "user")) {
            if (value != "default" && !c.host.options.users.contains(std::string{value}))
                return c.out.error("ERR No such user '" + std::string{value} + "'"), std::nullopt;
            f.user = value;
        } else if (is(c[i], "type")) {
            if (!is(value, "normal") && !is(value, "pubsub") && !is(value, "master") &&
                !is(value, "replica") && !is(value, "slave"))
                return c.out.error("ERR Unknown client type '" + std::string{value} + "'"),
                       std::nullopt;
            f.type = value;
        } else if (is(c[i], "skipme") && (is(value, "yes") || is(value, "no"))) {
            f.skip_me = is(value, "yes");
        } else {
            return c.syntax_error(), std::nullopt;
        }
    }
    return f;
}

void describe(resp::reply_writer& out, const cache::command& one) {
    out.array(10);
    out.bulk(one.name);
    out.integer(one.arity);
    const auto names = [&](std::uint32_t bits, auto all, string_view prefix) {
        out.set(static_cast<std::size_t>(std::popcount(bits)));
        for (std::size_t i = 0; i < all.size(); ++i)
            if ((bits >> i & 1) != 0) out.simple(std::string{prefix}.append(all[i]));
    };
    names(one.flags, command_flag_names, "");
    out.integer(one.first_key);
    out.integer(one.last_key);
    out.integer(one.key_step);
    names(static_cast<std::uint32_t>(one.categories), category_names, "@");
    for (int i = 0; i < 3; ++i) out.set(0); // tips, key specifications, subcommands: none
}

/// The group that the documentation of Redis puts a command in: that of its category, with
/// exceptions.
string_view group_of(const cache::command& one) {
    using group = std::pair<string_view, string_view>;
    constexpr std::array exceptions = std::to_array<group>({{"client", "connection"},
                                                            {"cluster", "cluster"},
                                                            {"command", "server"},
                                                            {"dbsize", "server"},
                                                            {"flushall", "server"},
                                                            {"flushdb", "server"},
                                                            {"pubsub", "pubsub"},
                                                            {"object", "generic"},
                                                            {"sort", "generic"},
                                                            {"sort_ro", "generic"},
                                                            {"swapdb", "server"},
                                                            {"wait", "generic"},
                                                            {"script", "scripting"}});
    for (const auto& [name, its] : exceptions)
        if (one.name == name) return its;
    using named = std::pair<category, string_view>;
    constexpr std::array groups = std::to_array<named>({{category::bitmap, "bitmap"},
                                                        {category::string, "string"},
                                                        {category::list, "list"},
                                                        {category::hash, "hash"},
                                                        {category::set, "set"},
                                                        {category::sortedset, "sorted-set"},
                                                        {category::pubsub, "pubsub"},
                                                        {category::connection, "connection"},
                                                        {category::transaction, "transactions"},
                                                        {category::scripting, "scripting"},
                                                        {category::keyspace, "generic"}});
    for (const auto& [its, name] : groups)
        if (has(one.categories, its)) return name;
    return "server";
}

void list_all(call& c) {
    c.out.array(commands().size());
    for (const cache::command& one : commands()) describe(c.out, one);
}

} // namespace

// --- who is there --------------------------------------------------------------------------------

void auth(call& c) {
    if (c.size() > 3) return c.syntax_error();
    if (c.size() == 2 && !c.host.needs_password())
        return c.out.error("ERR AUTH <password> called without any password configured for the "
                           "default user. Are you sure your configuration is correct?");
    if (c.size() == 2 ? log_in(c, "default", c[1]) : log_in(c, c[1], c[2])) c.out.ok();
}

void hello(call& c) {
    int version = c.who->version;
    std::size_t at = 1;
    if (c.size() > 1) {
        const auto wanted = parse_integer(c[at++]);
        if (!wanted) return c.out.error("ERR Protocol version is not an integer or out of range");
        if (*wanted < 2 || *wanted > 3) return c.out.error("NOPROTO unsupported protocol version");
        version = static_cast<int>(*wanted);
    }
    std::optional<string_view> name;
    std::optional<std::pair<string_view, string_view>> login;
    while (at < c.size()) {
        const std::size_t left = c.size() - at - 1;
        if (is(c[at], "auth") && left >= 2) {
            login.emplace(c[at + 1], c[at + 2]);
            at += 3;
        } else if (is(c[at], "setname") && left >= 1) {
            if (!usable_name(c[at + 1])) return c.out.error(unusable_name);
            name = c[at + 1];
            at += 2;
        } else {
            return c.out.error("ERR Syntax error in HELLO option '" + std::string{c[at]} + "'");
        }
    }
    if (login && !log_in(c, login->first, login->second)) return;
    if (!c.who->authenticated)
        return c.out.error(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the "
            "HELLO AUTH <user> <pass> option can be used to authenticate the client and select "
            "the RESP protocol version at the same time");
    if (name) set_name(c, *name);
    if (c.size() > 1) speak(c, version);
    c.out.map(7);
    field(c.out, "server", "redis");
    field(c.out, "version", redis_version);
    c.out.bulk("proto");
    c.out.integer(c.who->version);
    c.out.bulk("id");
    c.out.integer(static_cast<long long>(c.who->id));
    field(c.out, "mode", "standalone");
    field(c.out, "role", "master");
    c.out.bulk("modules");
    c.out.array(0);
}

void quit(call& c) {
    c.out.ok();
    c.who->closing = true;
}

void reset(call& c) {
    discard_quietly(*c.who);
    leave_all(c);
    c.host.watchers.remove(*c.who);
    c.who->db = 0;
    c.who->answers = session::replies::all;
    c.who->authenticated = !c.host.needs_password();
    speak(c, 2);
    {
        const std::lock_guard lock{c.who->mutex};
        c.who->shown.db = 0;
        c.who->shown.name.clear();
        c.who->shown.user = "default";
        c.who->shown.no_evict = false;
        c.who->shown.monitors = false;
    }
    c.out.simple("RESET");
}

void select(call& c) {
    const auto number = database(c, c[1]);
    if (!number) return;
    c.who->db = *number;
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.db = c.who->db;
    c.out.ok();
}

void ping(call& c) {
    if (c.size() > 2) return c.wrong_arity();
    const string_view text = c.size() == 2 ? c[1] : string_view{};
    if (c.who->subscriptions() != 0 && c.out.version() == 2) {
        c.out.array(2);
        c.out.bulk("pong");
        return c.out.bulk(text);
    }
    if (c.size() == 2) c.out.bulk(text);
    else c.out.simple("PONG");
}
void echo(call& c) { c.out.bulk(c[1]); }

void acl_whoami(call& c) {
    const std::lock_guard lock{c.who->mutex};
    c.out.bulk(c.who->shown.user);
}

void client_id(call& c) { c.out.integer(static_cast<long long>(c.who->id)); }
void client_getname(call& c) {
    const std::lock_guard lock{c.who->mutex};
    if (c.who->shown.name.empty()) c.out.null();
    else c.out.bulk(c.who->shown.name);
}
void client_setname(call& c) {
    if (!usable_name(c[2])) return c.out.error(unusable_name);
    set_name(c, c[2]);
    c.out.ok();
}
void client_no_evict(call& c) {
    const bool on = is(c[2], "on");
    if (!on && !is(c[2], "off")) return c.syntax_error();
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.no_evict = on;
    c.out.ok();
}
void client_info(call& c) { c.out.verbatim(line_of(*c.who) + "\n"); }
void client_list(call& c) {
    std::string text;
    std::vector<std::uint64_t> ids;
    string_view type;
    if (c.size() == 4 && is(c[2], "type")) {
        type = c[3];
        if (!is(type, "normal") && !is(type, "pubsub") && !is(type, "master") &&
            !is(type, "replica") && !is(type, "slave"))
            return c.out.error("ERR Unknown client type '" + std::string{type} + "'");
    } else if (c.size() > 3 && is(c[2], "id")) {
        for (const string_view word : c.args.subspan(3)) {
            const auto id = parse_integer(word);
            if (!id) return c.out.error("ERR Invalid client ID");
            ids.push_back(static_cast<std::uint64_t>(*id));
        }
    } else if (c.size() != 2) {
        return c.syntax_error();
    }
    client_filter of_type;
    of_type.type = type;
    for (const auto& s : c.host.clients()) {
        if (!ids.empty() && std::find(ids.begin(), ids.end(), s->id) == ids.end()) continue;
        if (!type.empty()) {
            const std::lock_guard lock{s->mutex};
            if (!of_type.fits(*s, s->shown)) continue;
        }
        text += line_of(*s) + "\n";
    }
    c.out.verbatim(text);
}
void client_unblock(call& c) {
    const bool as_error = c.size() == 4 && is(c[3], "error");
    if (c.size() > 4)
        return c.out.error("ERR unknown subcommand or wrong number of arguments for 'unblock'. Try "
                           "CLIENT HELP.");
    if (c.size() == 4 && !as_error && !is(c[3], "timeout"))
        return c.out.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    const auto id = c.integer(c[2]);
    if (!id) return;
    c.out.integer(c.host.blocked.end_wait(static_cast<std::uint64_t>(*id), as_error) ? 1 : 0);
}
void client_kill(call& c) {
    client_filter filter;
    const bool by_address = c.size() == 3;
    if (by_address) {
        filter.address = c[2];
        filter.skip_me = false;
    } else {
        const auto parsed = parse_filter(c);
        if (!parsed) return;
        filter = *parsed;
    }
    long long killed = 0;
    for (const auto& s : c.host.clients()) {
        if (filter.skip_me && s == c.who) continue;
        {
            const std::lock_guard lock{s->mutex};
            if (!filter.fits(*s, s->shown)) continue;
        }
        ++killed;
        if (s == c.who) c.who->closing = true; // behind the reply
        else s->mail.close();
    }
    if (!by_address) c.out.integer(killed);
    else if (killed != 0) c.out.ok();
    else c.out.error("ERR No such client");
}

// --- the server ----------------------------------------------------------------------------------

void time(call& c) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    c.out.array(2);
    c.out.bulk(std::to_string(now / 1000000));
    c.out.bulk(std::to_string(now % 1000000));
}

void command(call& c) {
    if (c.size() > 1) return by_subcommand(c);
    list_all(c);
}
void command_count(call& c) { c.out.integer(static_cast<long long>(commands().size())); }
/// [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]
void command_list(call& c) {
    if (c.size() != 2 && (c.size() != 5 || !is(c[2], "filterby"))) return c.syntax_error();
    const auto is_wanted = [&](const cache::command& one) {
        if (c.size() == 2) return true;
        if (is(c[3], "pattern")) return glob_match(c[4], one.name);
        for (std::size_t i = 0; is(c[3], "aclcat") && i < category_names.size(); ++i)
            if (is(c[4], category_names[i]))
                return has(one.categories, static_cast<category>(1U << i));
        return false; // there are no modules
    };
    if (c.size() == 5 && !is(c[3], "pattern") && !is(c[3], "aclcat") && !is(c[3], "module"))
        return c.syntax_error();
    std::vector<std::string> names;
    for (const cache::command& one : commands())
        if (is_wanted(one)) names.emplace_back(one.name);
    for (const subcommand& one : subcommands()) {
        std::string name = std::string{one.of}.append("|").append(one.name);
        const bool fits = c.size() == 2 || (is(c[3], "pattern") && glob_match(c[4], name)) ||
                          (is(c[3], "aclcat") && is(c[4], "admin") && (one.flags & admin) != 0);
        if (fits) names.push_back(std::move(name));
    }
    c.out.array(names.size());
    for (const std::string& name : names) c.out.bulk(name);
}
/// Of SORT the source alone: what STORE names is nobody's to tell apart.
void command_getkeys(call& c) {
    const cache::command* what = find_command(c[2]);
    const arguments words = c.args.subspan(2);
    if (what == nullptr) return c.out.error("ERR Invalid command specified");
    bool known = false; // of subcommands, those that read have a key
    const subcommand* sub = find_subcommand(c[2], words[1], known);
    if (sub != nullptr && (sub->flags & readonly) != 0 && words.size() > 2) {
        c.out.array(1);
        return c.out.bulk(words[2]);
    }
    if (what->first_key == 0 && what->key_count == 0)
        return c.out.error("ERR The command has no key arguments");
    if (!what->takes(words.size()))
        return c.out.error("ERR Invalid number of arguments specified for command");
    std::vector<string_view> keys;
    what->each_key(words, [&](string_view key) { keys.push_back(key); });
    std::optional<string_view> target; // of SORT; the last counts
    for (std::size_t i = 2; what->run == sort && i + 1 < words.size(); ++i)
        if (is(words[i], "store")) target = words[i + 1];
    if (target) keys.push_back(*target);
    if (keys.empty() && (what->flags & no_mandatory_keys) == 0)
        return c.out.error("ERR Invalid arguments specified for command");
    c.out.array(keys.size());
    for (const string_view key : keys) c.out.bulk(key);
}
void command_info(call& c) {
    if (c.size() == 2) return list_all(c);
    c.out.array(c.size() - 2);
    for (const string_view name : c.args.subspan(2)) {
        if (const cache::command* one = find_command(name)) describe(c.out, *one);
        else c.out.null();
    }
}
void command_docs(call& c) {
    std::vector<const cache::command*> shown;
    if (c.size() == 2)
        for (const cache::command& one : commands()) shown.push_back(&one);
    for (const string_view name : c.args.subspan(2))
        if (const cache::command* one = find_command(name)) shown.push_back(one);
    c.out.map(shown.size());
    for (const cache::command* one : shown) {
        c.out.bulk(one->name);
        c.out.map(1);
        field(c.out, "group", group_of(*one));
    }
}

} // namespace cache::on
