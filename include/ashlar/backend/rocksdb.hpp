// SPDX-License-Identifier: BSL-1.0
/// @file Defines rocksdb: rows in a RocksDB database, an LSM tree on disk.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/rocksdb/engine.hpp>

namespace ashlar::inline v0_1 {

/// An LSM tree: fast writes, data far larger than memory, ordered. Links RocksDB 7 or later;
/// derives from none of its classes, so a library built without RTTI serves. Batches with checks
/// are serialised by one mutex per store (checks and write are one critical section); reads take no
/// lock. The sequence is RocksDB's own and costs no row of ours. Kernel-tested, not simulated.
template <class...>
struct rocksdb {
    using axis = backend_axis;
    using options = rocksdb_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = true;
    static constexpr bool copies_itself = true; ///< engines have copy_into
    static constexpr bool opens_system_files = true;
    static constexpr bool needs_fixed_extents = false;
    static constexpr std::size_t max_key_size = 0xFFFF'FFFFU;
    static constexpr std::size_t max_row_size = 0xFFFF'FFFFU;
    static void describe(sentence& text) noexcept { text << "rocksdb/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = rocksdb_parts::engine<Row, Environment, Concurrency>;
};
static_assert(backend_policy<rocksdb<>>);

} // namespace ashlar::inline v0_1
