// SPDX-License-Identifier: BSL-1.0
/// @file Defines how commands wait for a list or a sorted set to get elements.
#pragma once

#include "commands/command.hpp"

namespace cache {

/// Seconds; 0 is for ever. An error is replied.
[[nodiscard]] inline std::optional<double> timeout_of(call& c, string_view text) {
    const auto seconds = parse_long_double(text);
    if (!seconds) {
        c.out.error("ERR timeout is not a float or out of range");
        return std::nullopt;
    }
    // What is no number of milliseconds ends up as the least one, in Redis too.
    const long double most = 9223372036854775.807L;
    if (*seconds < 0 || *seconds > most) {
        c.out.error("ERR timeout is negative");
        return std::nullopt;
    }
    if (*seconds > most - static_cast<long double>(c.work.now()) / 1e9L) {
        c.out.error("ERR timeout is out of range");
        return std::nullopt;
    }
    return static_cast<double>(*seconds);
}

/// Has the client wait until one of the keys is of that type; the command is run again then.
/// REQUIRES: nothing was replied. Nobody can wait inside a transaction.
inline void wait_for(call& c, arguments keys, kind type, double timeout, bool one_value) {
    if (c.in_exec) return one_value ? c.out.null() : c.out.null_array();
    auto w = std::make_shared<waiter>();
    w->who = c.who;
    for (const string_view word : c.args) w->command.emplace_back(word);
    w->version = c.out.version();
    for (const string_view key : keys) w->keys.push_back({c.db, std::string{key}, type});
    w->timeout = timeout;
    c.after.wait = std::move(w);
}

} // namespace cache
