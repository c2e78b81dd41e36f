// SPDX-License-Identifier: BSL-1.0
/// @file Defines static_map<Capacity>: rows in a sorted array inside the engine, without a heap.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/static/engine.hpp>

namespace ashlar::inline v0_1 {

/// For microcontrollers and small tables: keys and rows of fixed length, at most `Capacity` of
/// them, all inside the store object. A put or batch that would need more is `full` and changes
/// nothing. Constant-initialisable, so a global store costs no start-up code; it brings neither
/// heap nor exceptions. Reads and scans find by bisection, O(log n); a new or erased key moves the
/// rows behind it, O(n): meant for up to some thousand rows.
template <std::size_t Capacity>
struct static_map {
    static_assert(Capacity > 0, "ashlar: static_map<0> could hold no row; give it a capacity");

    using axis = backend_axis;
    using options = no_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = dynamic_extent;
    static constexpr std::size_t max_row_size = dynamic_extent;
    static constexpr bool needs_fixed_extents = true;
    static constexpr void describe(sentence& text) noexcept { text << "static_map/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = static_map_engine<Capacity, Row, Concurrency>;
};
static_assert(backend_policy<static_map<1>>);

} // namespace ashlar::inline v0_1
