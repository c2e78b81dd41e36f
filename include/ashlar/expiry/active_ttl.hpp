// SPDX-License-Identifier: BSL-1.0
/// @file Defines active_ttl: rows may expire, and writers give back what the expired ones took.
#pragma once

#include <ashlar/expiry/concept.hpp>
#include <ashlar/expiry/ttl/layer.hpp>

namespace ashlar::inline v0_1 {

/// As lazy_ttl, and the same bytes on disk; but a write that comes `Microseconds` or more after the
/// last sweep looks at the next `Rows` rows, wherever the last one stopped, and erases what has
/// expired (systems row K-18). While a quarter or more of them are expired, the next sweep follows
/// after a pause as long as the last one took. So a write does at most `Rows` rows of work beyond
/// its own, and a store that is written to holds no expired row for longer than a round takes. One
/// that is not written to does not grow: call `maintain(rows)` from a timer where its memory
/// matters.
template <std::size_t Rows = 128, std::uint64_t Microseconds = 1000>
struct active_ttl {
    static_assert(Rows >= 1, "ashlar: active_ttl<0> would never sweep; use lazy_ttl for that");
    using axis = expiry_axis;
    static constexpr row_fields fields{.expiry = true};
    static constexpr bool needs_clock = true;
    static constexpr std::size_t rows_per_sweep = Rows;
    static constexpr std::uint64_t sweep_interval = Microseconds * 1000;
    static constexpr void describe(sentence& text) noexcept { text << " expiry=wall_ns/1"; }

    template <class Next, class, class Environment, class Concurrency>
    using layer_in = ttl_layer<Next, Environment, Concurrency>;
};
static_assert(expiry_policy<active_ttl<>>);

} // namespace ashlar::inline v0_1
