// SPDX-License-Identifier: BSL-1.0
// What concerns a connection: who speaks, in which version, to which database.
#include "commands/client_name.hpp"
#include "commands/handlers.hpp"
#include "server/log.hpp"

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

void speak(call& c, int version) {
    c.who->version = version;
    c.out.switch_to(version);
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.version = version;
}

void field(resp::reply_writer& out, string_view name, string_view value) {
    out.bulk(name);
    out.bulk(value);
}

} // namespace

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

} // namespace cache::on
