// SPDX-License-Identifier: BSL-1.0
/// @file Defines effort: how often a random check repeats.
#pragma once

#include <ashlar/testing/engine_laws.hpp>

#include <cstddef>

namespace ashlar_test {

/// A sanitizer makes a step some fifteen times slower, and meets what it looks for in the first of
/// them; whether the results are right, plain builds have asked with all of them.
template <class Count>
[[nodiscard]] constexpr Count effort(Count steps) noexcept {
#ifdef ASHLAR_TEST_SANITIZED
    return steps / 5;
#else
    return steps;
#endif
}

/// Of what is tried one by one: each, or with a sanitizer every fifth.
inline constexpr std::size_t stride = 5 / effort(5);

[[nodiscard]] inline ashlar::testing::law_options law_effort() noexcept {
    ashlar::testing::law_options options;
    options.steps = effort(options.steps);
    return options;
}

} // namespace ashlar_test
