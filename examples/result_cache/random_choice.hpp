// SPDX-License-Identifier: BSL-1.0
/// @file Defines how members of collections are drawn by lot.
#pragma once

#include "command.hpp"

#include <random>

namespace cache {

[[nodiscard]] inline std::minstd_rand& random_numbers() {
    thread_local std::minstd_rand numbers{std::random_device{}()};
    return numbers;
}

/// With repetition, one member would make a reply of any length.
inline constexpr std::int64_t most_repeated = 1 << 24;

/// How many are to be drawn, negative for with repetition; an error is replied.
[[nodiscard]] inline std::optional<std::int64_t> draws_of(call& c, string_view text) {
    const auto count = c.integer(text);
    if (!count || *count >= -most_repeated) return count;
    const std::int64_t least = *count == INT64_MIN ? -INT64_MAX : -most_repeated;
    c.out.error("ERR value is out of range, value must between " + std::to_string(least) +
                " and 9223372036854775807");
    return std::nullopt;
}

/// `count` different ones, any as likely as any other. REQUIRES: count <= all.size().
template <class Member>
void choose(std::vector<Member>& all, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uniform_int_distribution<std::size_t> from{i, all.size() - 1};
        std::swap(all[i], all[from(random_numbers())]);
    }
    all.resize(count);
}
/// As many as draws_of() says: at most all that there are, or, for a negative number, that many.
template <class Member>
[[nodiscard]] std::vector<Member> draw(std::vector<Member> all, std::int64_t count) {
    if (count < 0 && !all.empty()) {
        std::vector<Member> drawn;
        drawn.reserve(static_cast<std::size_t>(-count));
        std::uniform_int_distribution<std::size_t> any{0, all.size() - 1};
        for (std::int64_t i = 0; i < -count; ++i) drawn.push_back(all[any(random_numbers())]);
        return drawn;
    }
    choose(all, std::min(all.size(), static_cast<std::size_t>(count < 0 ? 0 : count)));
    return all;
}

} // namespace cache
