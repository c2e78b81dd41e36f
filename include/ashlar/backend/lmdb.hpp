// SPDX-License-Identifier: BSL-1.0
/// @file Defines lmdb: rows in a copy-on-write B+tree in one memory-mapped file.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/lmdb/engine.hpp>

namespace ashlar::inline v0_1 {

/// Rows in one file that is mapped into memory: reads neither copy nor wait, one writer at a time,
/// every commit on disk before it is answered. Survives kill -9 and, with lmdb_sync::durable, power
/// loss (docs/policies/lmdb.md). Keys of 1 to 511 bytes. Up to `Readers` threads read at once;
/// more of them wait for one another.
template <std::size_t Readers = 32>
struct lmdb {
    static_assert(Readers > 0 && Readers <= 4096,
                  "ashlar: lmdb needs at least one reader and takes 4096 at most; choose between");
    using axis = backend_axis;
    using options = lmdb_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = true;
    static constexpr bool copies_itself = true; ///< engines have copy_into
    static constexpr bool opens_system_files = true;
    static constexpr std::size_t max_key_size = lmdb_parts::longest_key;
    static constexpr std::size_t max_row_size = 0xFFFF'FFFF;
    static constexpr bool needs_fixed_extents = false;
    static void describe(sentence& text) { text << "lmdb/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = lmdb_parts::engine<Row, Environment, Concurrency, Readers>;
};
static_assert(backend_policy<lmdb<>>);

} // namespace ashlar::inline v0_1
