// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a file may offer beside the environment's concept.
#pragma once

#include <ashlar/result.hpp>

#include <concepts>

namespace ashlar::inline v0_1 {

/// Satisfied by files whose data can be sent to the disk before they are synced: begin_write_back
/// starts that for a range, end_write_back waits until it is done, and the sync then finds little
/// left to do. Behind end_write_back the system may drop the range from its cache, because nobody
/// reads it soon. Promises nothing about durability; but an error means that writes so far have
/// failed, and is as final as that of a sync.
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
