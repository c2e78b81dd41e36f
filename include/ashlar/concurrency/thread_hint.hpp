// SPDX-License-Identifier: BSL-1.0
/// @file Defines thread_hint: a guess at which thread this is.
#pragma once

#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1 {

/// A number below `limit` that tells threads apart well enough for a guess. Threads have stacks of
/// their own, so it is made of the place of a local variable; the multiplier is 2^64 divided by the
/// golden ratio. A policy whose runs must be repeatable numbers its threads itself.
template <concurrency_policy Concurrency>
[[nodiscard]] inline std::size_t thread_hint(std::size_t limit) noexcept {
    if constexpr (requires { Concurrency::thread_number(); })
        return Concurrency::thread_number() % limit;
    const char here = 0;
    const std::uint64_t stack = reinterpret_cast<std::uintptr_t>(&here) >> 16;
    return static_cast<std::size_t>((stack * 0x9E37'79B9'7F4A'7C15U) >> 32) % limit;
}

} // namespace ashlar::inline v0_1
