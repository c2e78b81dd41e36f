// SPDX-License-Identifier: BSL-1.0
/// @file Defines what is taken from the ends of lists and put there.
#pragma once

#include "commands/command.hpp"

namespace cache {

enum class end : std::uint8_t { left, right };

[[nodiscard]] inline std::optional<end> end_named(string_view word) noexcept {
    if (is(word, "left")) return end::left;
    if (is(word, "right")) return end::right;
    return std::nullopt;
}

inline void push_one(call& c, head& h, end where, string_view value) {
    const std::uint64_t index = where == end::left ? --h.first : h.first + h.count;
    c.work.put(list_key(c.db, h.id, index), std::string{value}, h.elements_at);
    ++h.count;
}

/// REQUIRES: not empty.
[[nodiscard]] inline std::string pop_one(call& c, head& h, end where) {
    const std::uint64_t index = where == end::left ? h.first : h.first + h.count - 1;
    const std::string key = list_key(c.db, h.id, index);
    std::string value = c.work.get(key).value_or(std::string{});
    c.work.erase(key);
    if (where == end::left) ++h.first;
    --h.count;
    return value;
}

} // namespace cache
