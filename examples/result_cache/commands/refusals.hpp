// SPDX-License-Identifier: BSL-1.0
/// @file Declares which requests are refused before anything runs, and how that is told.
#pragma once

#include "commands/command.hpp"

namespace cache {

/// What is true of nearly every request; otherwise refusal() looks closer.
[[nodiscard]] inline bool is_plain(const session& who, const command* what, arguments args) {
    return what != nullptr && what->takes(args.size()) && who.authenticated &&
           !has_subcommands(*what);
}
/// Why a request is refused before anything runs; empty if it is not.
[[nodiscard]] std::string refusal(const session& who, const command* what, arguments args);
/// A page in somebody's browser makes it send requests of HTTP to this port, whose bodies may be
/// commands: such a connection ends before they are read, as with Redis.
[[nodiscard]] bool is_http(session& who, string_view name);
/// In version 2 a reply could not be told from a message: a subscriber may ask for little.
[[nodiscard]] bool only_listens(const session& who, const command& what);
/// Whether it does once it runs, or does now by being queued.
[[nodiscard]] bool takes_memory(const session& who, const command& what);
/// Replies why a command does not run. It spoils a transaction; EXEC ends it.
void refuse(session& who, const command* what, resp::reply_writer& out, string_view why);

} // namespace cache
