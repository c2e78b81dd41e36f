// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a file may offer beside the environment's concept.
#pragma once

#include <ashlar/result.hpp>

#include <concepts>

namespace ashlar::inline v0_1 {

/// Satisfied by files that can be told to begin writing what they hold, and to end it, before they
/// are synced: so that little is left to do then; behind the end the system may forget what it
/// held, for nobody reads it soon. Promises nothing about durability, but an error is an error of
/// the writes so far, and as final as that of a sync.
template <class F>
concept early_writer = requires(F& file, std::uint64_t from, std::uint64_t size) {
    { file.begin_write_back(from, size) } -> std::same_as<result<void>>;
    { file.end_write_back(from, size) } -> std::same_as<result<void>>;
};

/// Satisfied by files that may have several names, and say how many.
template <class F>
concept linkable_file = requires(const F& file) {
    { file.names() } -> std::same_as<result<std::uint64_t>>;
};

} // namespace ashlar::inline v0_1
