// SPDX-License-Identifier: BSL-1.0
// CLIENT: who is there, who goes, who waits, who is answered.
#include "commands/client_name.hpp"
#include "commands/handlers.hpp"

namespace cache::on {

namespace {

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

} // namespace

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

/// All clients, or all that write, wait for some time before their requests run.
void client_pause(call& c) {
    if (c.size() > 4)
        return c.out.error("ERR unknown subcommand or wrong number of arguments for 'pause'. Try "
                           "CLIENT HELP.");
    const bool writers = c.size() == 4 && is(c[3], "write");
    if (c.size() == 4 && !writers && !is(c[3], "all"))
        return c.out.error("ERR CLIENT PAUSE mode must be WRITE or ALL");
    const auto time = parse_integer(c[2]);
    constexpr std::int64_t longest = std::int64_t{1} << 40; // milliseconds: some thirty years
    if (!time || *time > longest)
        return c.out.error("ERR timeout is not an integer or out of range");
    if (*time < 0) return c.out.error("ERR timeout is negative");
    c.host.pausing.begin(std::chrono::milliseconds{*time},
                         writers ? pauses::whom::writers : pauses::whom::everybody);
    c.out.ok();
}
void client_unpause(call& c) {
    c.host.pausing.end();
    for (const auto& one : c.host.clients()) one->mail.poke();
    c.out.ok();
}

/// Not within a transaction, whose replies are one array.
void client_reply(call& c) {
    using replies = session::replies;
    if (c.in_exec) return c.out.error("ERR CLIENT REPLY is not allowed in a transaction");
    replies& now = c.who->answers;
    if (is(c[2], "on")) {
        now = replies::all;
        c.out.ok();
    } else if (is(c[2], "off")) {
        now = replies::none;
    } else if (!is(c[2], "skip")) {
        c.syntax_error();
    } else if (now != replies::none) {
        now = replies::all_but_next;
    }
}

/// Nothing tracks keys here, so no client's messages go to another.
void client_getredir(call& c) { c.out.integer(-1); }

} // namespace cache::on
