// SPDX-License-Identifier: BSL-1.0
/// @file Defines where the rows of a hash map stand: in the table's slots, or as objects of a pool.
#pragma once

#include <ashlar/backend/hash/copied_rows.hpp>
#include <ashlar/backend/hash/entry_rows.hpp>
#include <ashlar/backend/hash/inline_rows.hpp>

namespace ashlar::inline v0_1::hash {

/// Whether keys and rows of this layout stand in the slots.
template <class Row>
inline constexpr bool in_slots =
    Row::key_extent <= 256 && Row::row_extent <= 256 && Row::key_extent + Row::row_extent <= 256;

/// The rows of a shard, and what a walk copies them into. Not std::conditional_t: that would be one
/// more type for each layout.
template <class Row, class Concurrency, bool InSlots = in_slots<Row>>
struct layout {
    using rows = bytes_table<Concurrency>;
    using copies = copied_rows<Concurrency::threads>;
};
template <class Row, class Concurrency>
struct layout<Row, Concurrency, true> {
    using rows = inline_rows<Row, Concurrency::threads>;
    using copies = copied_slots<Row::key_extent, Row::row_extent>;
};

} // namespace ashlar::inline v0_1::hash
