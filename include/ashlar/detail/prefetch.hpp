// SPDX-License-Identifier: BSL-1.0
/// @file Defines prefetch: how memory is asked for before it is needed.
#pragma once

#include <cstddef>

namespace ashlar::inline v0_1::detail {

/// Asks for the cache line at an address, which need not be valid. The empty statement is there for
/// GCC: it takes a function that does nothing but prefetch for one without effect, and drops its
/// calls (12.2 does).
[[gnu::always_inline]] inline void prefetch(const void* at) noexcept {
    __builtin_prefetch(at);
    asm volatile("" ::);
}

inline constexpr std::size_t cache_line = 64;

/// Asks for so many lines. Not by a loop, which would be most of the instructions.
template <std::size_t Lines>
[[gnu::always_inline]] inline void prefetch_lines(const void* at) noexcept {
    if constexpr (Lines != 0) {
        prefetch(at);
        prefetch_lines<Lines - 1>(static_cast<const std::byte*>(at) + cache_line);
    }
}

} // namespace ashlar::inline v0_1::detail
