// SPDX-License-Identifier: BSL-1.0
/// @file Defines count_heads: how the keys of a node are searched.
#pragma once

#include <ashlar/concurrency/seqlock_word.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// How words that may be looked at while they change are read and written.
template <bool Threads>
using word = seqlock_word<Threads>;

inline constexpr std::size_t most_heads = 32; ///< of a node

/// How many of the ascending heads are below `wanted` (or not above it). No branch depends on what
/// they are, so none is mispredicted. Whether sixteen of them are the first or the last is one
/// comparison; where it is among sixteen, three and four that need not wait for each other.
/// REQUIRES: count <= most_heads.
template <bool NotAbove, bool Threads = false>
[[nodiscard]] inline std::size_t count_heads(const std::uint64_t* heads, std::size_t count,
                                             std::uint64_t wanted) noexcept {
    const auto counts = [&](std::size_t i) {
        const std::uint64_t head = word<Threads>::load(heads[i]);
        return std::size_t{NotAbove ? head <= wanted : head < wanted};
    };
    const std::uint64_t* const first = heads;
    if (count >= most_heads / 2) {
        const std::size_t rest = count - most_heads / 2;
        heads += counts(rest) != 0 ? rest : 0;
        heads += 4 * (counts(3) + counts(7) + counts(11));
        return static_cast<std::size_t>(heads - first) + counts(0) + counts(1) + counts(2) +
               counts(3);
    }
    if (count == 0) return 0;
    for (; count > 1; count -= count / 2) heads += counts(count / 2 - 1) != 0 ? count / 2 : 0;
    return static_cast<std::size_t>(heads - first) + counts(0);
}

} // namespace ashlar::inline v0_1::sorted_tree
