// SPDX-License-Identifier: BSL-1.0
/// @file Defines sorted_map: an ordered map in memory, with snapshots.
#pragma once

#include <ashlar/backend/sorted/engine.hpp>

namespace ashlar::inline v0_1 {

/// Rows in memory in the byte order of their keys: scans both ways, and snapshots that stop no
/// writer. Thread-safe under `shared`; without locks under `single`. Nothing survives the process
/// unless a checkpoint policy says so. Keys of a fixed length up to 8 bytes are compared as one
/// integer, and rows of a fixed length up to 64 bytes behind such keys need no allocation of their
/// own (docs/decisions/0021-sorted-map.md).
template <std::size_t MaxKeySize = sorted_tree::size_limit,
          std::size_t MaxRowSize = sorted_tree::size_limit>
struct sorted_map {
    static_assert(MaxKeySize <= sorted_tree::size_limit && MaxRowSize <= sorted_tree::size_limit,
                  "ashlar: sorted_map keeps keys and rows below 2 GiB each (1 GiB on 32-bit "
                  "machines); lower its limits");

    using axis = backend_axis;
    using options = no_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = MaxKeySize;
    static constexpr std::size_t max_row_size = MaxRowSize;
    static constexpr bool needs_fixed_extents = false;
    static void describe(sentence& text) { text << "sorted_map/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = sorted_tree::engine<Row, Environment, Concurrency, MaxKeySize, MaxRowSize>;
};
static_assert(backend_policy<sorted_map<>>);

} // namespace ashlar::inline v0_1
