// SPDX-License-Identifier: BSL-1.0
/// @file Defines where walks and sweeps over a table stand.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::hash {

/// Where a walk stands: before `slot` of the chain of `bucket`, seen when there were `buckets`.
struct bucket_position {
    std::uint32_t bucket = 0;
    std::uint32_t slot = 0;
    std::uint32_t buckets = 0;
};

/// How many entries a sweep may still look at.
struct sweep_budget {
    std::size_t whole;
    std::size_t left = whole;

    [[nodiscard]] static constexpr sweep_budget unlimited() noexcept {
        return {static_cast<std::size_t>(-1)};
    }
    /// For a chain of so many, an empty one as if it had one; false ends the sweep.
    [[nodiscard]] bool take(std::size_t entries) noexcept {
        if (entries == 0) entries = 1;
        const bool fits = entries <= left || entries > whole;
        left -= fits && entries <= left ? entries : left;
        return fits;
    }
};

} // namespace ashlar::inline v0_1::hash
