// SPDX-License-Identifier: BSL-1.0
/// @file Defines how members of collections are drawn by lot.
#pragma once

#include "commands/command.hpp"

#include <algorithm>
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

/// A member of a collection and its row: one of some that stand side by side behind a place drawn
/// by lot, so that gaps between hashes matter little; Redis looks at as many. O(log n). REQUIRES:
/// the rows of `count` members begin with `prefix`.
[[nodiscard]] inline std::pair<std::string, std::string>
draw_one(const unit& work, const std::string& prefix, std::uint64_t count) {
    constexpr std::uint64_t neighbours = 16;
    const auto wanted = static_cast<std::size_t>(std::min(count, neighbours));
    std::uniform_int_distribution<std::uint32_t> any_hash;
    std::string from = prefix;
    append_big(from, any_hash(random_numbers()));
    std::vector<std::pair<std::string, std::string>> found;
    const auto take = [&](string_view key, string_view row) {
        found.emplace_back(key.substr(prefix.size() + sizeof(std::uint32_t)), row);
        return found.size() < wanted;
    };
    work.scan(from, behind(prefix), false, take, wanted);
    if (found.size() < wanted) work.scan(prefix, from, false, take, wanted);
    std::uniform_int_distribution<std::size_t> any{0, found.size() - 1};
    return std::move(found[any(random_numbers())]);
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
