// SPDX-License-Identifier: BSL-1.0
/// @file Defines thread_hint: a guess at which thread this is.
#pragma once

#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1 {

/// A number below `limit` that tells threads apart well enough for a guess: made of the place of a
/// local variable, because threads have stacks of their own (which a sanitizer of addresses would
/// put elsewhere). A policy whose runs must be repeatable numbers its threads itself.
template <concurrency_policy Concurrency>
[[nodiscard, gnu::no_sanitize_address]] inline std::size_t thread_hint(std::size_t limit) noexcept {
    if constexpr (requires { Concurrency::thread_number(); })
        return Concurrency::thread_number() % limit;
    const char here = 0;
    const std::uint64_t stack = reinterpret_cast<std::uintptr_t>(&here) >> 16;
    // 0.622 of 2^64, and 128 times that is 0.618 of it: stacks that lie 64 KiB apart, or 8 MiB, as
    // most do, are spread as evenly as can be. Only the upper bits of a product are mixed.
    const std::uint64_t mixed = stack * 0x9F3C'6EF3'72FE'94F9U >> 32;
    return static_cast<std::size_t>(mixed * limit >> 32);
}

} // namespace ashlar::inline v0_1
