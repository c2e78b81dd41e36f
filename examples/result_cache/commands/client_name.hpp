// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a client gets the name that CLIENT LIST shows.
#pragma once

#include "commands/command.hpp"

#include <algorithm>

namespace cache {

inline bool usable_name(string_view name) {
    return std::all_of(name.begin(), name.end(), [](char ch) { return ch >= '!' && ch <= '~'; });
}
inline constexpr string_view unusable_name =
    "ERR Client names cannot contain spaces, newlines or special characters.";
inline void set_name(call& c, string_view name) {
    const std::lock_guard lock{c.who->mutex};
    c.who->shown.name = name;
}

} // namespace cache
