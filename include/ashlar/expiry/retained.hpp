// SPDX-License-Identifier: BSL-1.0
/// @file Defines retained: tombstones go when they have stood for a while.
#pragma once

#include <ashlar/expiry/concept.hpp>
#include <ashlar/expiry/ttl/layer.hpp>

namespace ashlar::inline v0_1 {

/// Tombstones, which remember the version of an erased group, stay for `Seconds`. Then they are
/// swept as expired rows are: the group counts as one that never was, and its versions begin anew.
/// So a client may rely on a version for that long. `Expiry` says who sweeps, and gives rows a time
/// to live: lazy_ttl (sweeps when asked to) or active_ttl<>.
template <std::uint64_t Seconds, class Expiry>
struct retained {
    static_assert(Expiry::fields.expiry,
                  "ashlar: tombstones are retained for a while by letting them expire; give "
                  "retained a second argument by which rows expire, lazy_ttl or active_ttl<>");
    static_assert(Seconds >= 1 && Seconds <= 1'000'000'000,
                  "ashlar: tombstones are retained for 1 to 1,000,000,000 seconds; without "
                  "retained they stay for ever");
    using axis = expiry_axis;
    using base = Expiry;
    static constexpr row_fields fields = Expiry::fields;
    static constexpr bool needs_clock = true;
    static constexpr bool needs_tombstones = true;
    static constexpr void describe(sentence& text) noexcept { Expiry::describe(text); }

    template <class Next, class, class Environment, class Concurrency>
    using layer_in = ttl_layer<Next, Environment, Concurrency, Seconds * 1'000'000'000>;
};

} // namespace ashlar::inline v0_1
