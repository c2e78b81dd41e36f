// SPDX-License-Identifier: BSL-1.0
/// @file Defines active_ttl: rows may expire, and writers give back what the expired ones took.
#pragma once

#include <ashlar/expiry/concept.hpp>
#include <ashlar/expiry/ttl/layer.hpp>

namespace ashlar::inline v0_1 {

/// As lazy_ttl, with the same bytes on disk. But a write that comes `Microseconds` or more after
/// the last sweep sweeps the next `Rows` rows: it erases those that have expired, and the sweep
/// after it goes on where this one stopped. While a quarter or more of the rows are expired, the
/// next sweep follows after a pause as long as the last one took. So a write does the work of at
/// most `Rows` rows beyond its own, and a store that is written to holds no expired row for longer
/// than one round over all rows takes. A store that is not written to does not grow: call
/// `maintain(rows)` from a timer where its memory matters.
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
