// SPDX-License-Identifier: BSL-1.0
/// @file Defines lazy_ttl: rows may expire, and take memory until somebody sweeps.
#pragma once

#include <ashlar/expiry/concept.hpp>
#include <ashlar/expiry/ttl/layer.hpp>

namespace ashlar::inline v0_1 {

/// Rows put with a time to live are absent from the moment it is over. Their bytes stay until they
/// are overwritten, or until `sweep` or `maintain` is called; nothing is done unasked. The expiry
/// is absolute wall time in the row's header, so it goes on over restarts, in logs and in
/// snapshots. Costs 8 bytes a row. docs/policies/expiry.md says the rest.
struct lazy_ttl {
    using axis = expiry_axis;
    static constexpr row_fields fields{.expiry = true};
    static constexpr bool needs_clock = true;
    static constexpr void describe(sentence& text) noexcept { text << " expiry=wall_ns/1"; }

    template <class Next, class, class Environment, class Concurrency>
    using layer_in = ttl_layer<Next, Environment, Concurrency>;
};
static_assert(expiry_policy<lazy_ttl>);

} // namespace ashlar::inline v0_1
