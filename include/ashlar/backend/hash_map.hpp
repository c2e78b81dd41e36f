// SPDX-License-Identifier: BSL-1.0
/// @file Defines hash_map: rows in memory, found by hash, from any number of threads.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/hash/engine.hpp>
#include <ashlar/fwd.hpp>

namespace ashlar::inline v0_1 {

/// The default backend: rows in memory, unordered, gone with the process.
/// `Shards` (a power of two, at most 256) is how many locks the keys are spread over; with `single`
/// there is one table and no lock.
template <std::size_t Shards>
struct hash_map {
    static_assert(
        Shards >= 1 && Shards <= 256 && (Shards & (Shards - 1)) == 0,
        "ashlar: hash_map can't have so many shards; give it a power of two from 1 to 256");
    using axis = backend_axis;
    using options = hash_map_options;
    static constexpr bool ordered = false;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = 0xFFFF'FFFFU;
    static constexpr std::size_t max_row_size = 0xFFFF'FFFFU;
    static constexpr bool needs_fixed_extents = false;
    static constexpr void describe(sentence& out) noexcept { out << "hash_map/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine =
        hash_map_engine<Row, Environment, Concurrency, Concurrency::threads ? Shards : 1>;
};
static_assert(backend_policy<hash_map<>>);

} // namespace ashlar::inline v0_1
