// SPDX-License-Identifier: BSL-1.0
// What clients may ask about being answered: when, and whether at all.
#include "commands/handlers.hpp"

namespace cache::on {

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
