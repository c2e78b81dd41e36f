// SPDX-License-Identifier: BSL-1.0
/// @file Defines bare: a microcontroller without files, clock, random numbers or threads.
#pragma once

#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// For builds without an operating system. Policies that need a part of the world are refused with
/// a sentence; a board that has a clock or a generator gets an environment of its own with as many
/// lines as it has parts. Goes with `single`.
struct bare {
    using axis = environment_axis;
    static constexpr bool has_files = false;
    static constexpr bool has_clock = false;
    static constexpr bool has_random = false;
    static constexpr bool has_threads = false;
};
static_assert(environment_policy<bare> && std::is_empty_v<bare>);
static_assert(!file_system<bare> && !clock_source<bare> && !random_source<bare>);

} // namespace ashlar::inline v0_1
