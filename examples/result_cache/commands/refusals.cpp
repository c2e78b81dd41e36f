// SPDX-License-Identifier: BSL-1.0
#include "commands/refusals.hpp"

#include "commands/handlers.hpp"
#include "server/log.hpp"

#include <algorithm>

namespace cache {

namespace {

/// At most 128 bytes, and none behind a NUL: so Redis prints them.
string_view printed(string_view word, std::size_t longest = 128) {
    return word.substr(0, std::min(longest, word.find('\0')));
}

std::string unknown_command(arguments args) {
    std::string text =
        "ERR unknown command '" + std::string{printed(args[0])} + "', with args beginning with: ";
    std::string shown;
    for (std::size_t i = 1; i < args.size() && shown.size() < 128; ++i)
        shown += "'" + std::string{printed(args[i], 128 - shown.size())} + "' ";
    return text + shown;
}

} // namespace

std::string refusal(const session& who, const command* what, arguments args) {
    if (what == nullptr) return unknown_command(args);
    std::string name{what->name};
    bool arity = what->takes(args.size());
    if (bool known = false; arity && args.size() > 1) {
        const subcommand* sub = find_subcommand(what->name, args[1], known);
        if (known && sub == nullptr) {
            for (char& ch : name) ch = static_cast<char>(ch - 'a' + 'A');
            return "ERR unknown subcommand '" + std::string{printed(args[1])} + "'. Try " + name +
                   " HELP.";
        }
        if (sub != nullptr) {
            const auto given = static_cast<int>(args.size());
            arity = sub->arity > 0 ? given == sub->arity : given >= -sub->arity;
            name.append("|").append(sub->name);
        }
    }
    if (!arity) return "ERR wrong number of arguments for '" + name + "' command";
    if (!who.authenticated && (what->flags & no_auth) == 0)
        return "NOAUTH Authentication required.";
    return {};
}

bool is_http(session& who, string_view name) {
    if (!is(name, "post") && !is(name, "host:")) return false;
    who.closing = true;
    const std::lock_guard lock{who.mutex};
    log::say(log::level::warning, "a client that speaks HTTP was closed",
             {{"address", who.shown.address}});
    return true;
}

bool only_listens(const session& who, const command& what) {
    if (who.version == 3 || who.subscriptions() == 0) return false;
    for (const string_view allowed :
         {"ping", "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "quit", "reset"})
        if (what.name == allowed) return false;
    return true;
}

bool takes_memory(const session& who, const command& what) {
    if ((what.flags & denyoom) != 0) return true;
    if (!who.in_multi) return false;
    if (what.name != "exec")
        return what.name != "discard" && what.name != "quit" && what.name != "reset";
    return std::any_of(who.queued.begin(), who.queued.end(), [](const word_list& request) {
        return (find_command(request[0])->flags & denyoom) != 0;
    });
}
void refuse(session& who, const command* what, resp::reply_writer& out, string_view why) {
    who.multi_failed = who.in_multi;
    if (what == nullptr || what->name != "exec") return out.error(why);
    on::discard_quietly(who);
    out.error("EXECABORT Transaction discarded because of: " +
              std::string{why.substr(why.starts_with("ERR ") ? 4 : 0)});
}

} // namespace cache
