// SPDX-License-Identifier: BSL-1.0
/// @file Defines prefetch: how memory is asked for before it is needed.
#pragma once

namespace ashlar::inline v0_1::detail {

/// Asks for the cache line at an address, which need not be valid. The empty statement is there for
/// GCC: it takes a function that does nothing but prefetch for one without effect, and drops its
/// calls (12.2 does).
[[gnu::always_inline]] inline void prefetch(const void* at) noexcept {
    __builtin_prefetch(at);
    asm volatile("" ::);
}

} // namespace ashlar::inline v0_1::detail
