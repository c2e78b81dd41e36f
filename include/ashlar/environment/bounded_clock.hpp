// SPDX-License-Identifier: BSL-1.0
/// @file Defines bounded_clock_source: a bound of the time, for those whom that is enough.
#pragma once

#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by environments that also have a quick bound of the wall clock: `wall_at_least` is
/// never ahead of `wall_now`, and behind it by no more than `wall_lag` nanoseconds. `bounded_clock`
/// is the environment itself, so that one that derives from it and has a clock of its own does not
/// inherit another's bound.
template <class E>
concept bounded_clock_source = clock_source<E> && requires(const E& e) {
    { e.wall_at_least() } -> std::same_as<wall_time>;
    { std::uint64_t{E::wall_lag} };
    requires std::same_as<typename E::bounded_clock, E>;
};

} // namespace ashlar::inline v0_1
