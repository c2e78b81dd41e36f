// SPDX-License-Identifier: BSL-1.0
/// @file Defines evicting: rows go when all of them together take too much.
#pragma once

#include <ashlar/expiry/concept.hpp>
#include <ashlar/expiry/evicting/layer.hpp>
#include <ashlar/expiry/evicting/lru.hpp>
#include <ashlar/expiry/evicting/s3_fifo.hpp>
#include <ashlar/expiry/evicting/volatile_ttl.hpp>
#include <ashlar/fwd.hpp>

namespace ashlar::inline v0_1 {

/// A store of at most `Bytes`, counting keys, rows and what is kept of them here: the writer that
/// makes it more erases rows behind its write, in the order that `Which` gives (s3_fifo, lru,
/// volatile_ttl), until it is less. An eviction is a batch submitted at the top, which versions,
/// logs and feeds see as any other erasure. `Expiry` says what else makes rows go: lazy_ttl,
/// active_ttl<>; volatile_ttl needs one of them. Costs about 150 bytes of memory a row and a
/// look-up per read and write. docs/policies/evicting.md says the rest.
template <class Which, std::size_t Bytes, class Expiry = kept>
struct evicting {
    static_assert(!Which::needs_expiry || Expiry::fields.expiry,
                  "ashlar: volatile_ttl evicts what expires first, but rows of this store don't "
                  "expire; give evicting a third argument, lazy_ttl or active_ttl<>");
    using axis = expiry_axis;
    using base = Expiry;
    static constexpr row_fields fields = Expiry::fields;
    static constexpr bool needs_clock = fields.expiry;
    static constexpr bool evicts_single_rows = true;
    static constexpr void describe(sentence& text) noexcept { Expiry::describe(text); }

    template <class Next, class KeyCodec, class Environment, class Concurrency>
    using layer_in =
        evicting_layer<typename layer_over<Expiry, Next, KeyCodec, Environment, Concurrency>::type,
                       Which, Bytes, Environment, Concurrency>;
};

} // namespace ashlar::inline v0_1
