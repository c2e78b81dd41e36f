// SPDX-License-Identifier: BSL-1.0
/// @file Defines tiered: rows in memory as long as there is room, below in another engine if not.
#pragma once

#include <ashlar/backend/tiered/engine.hpp>
#include <ashlar/expiry/evicting/s3_fifo.hpp>

namespace ashlar::inline v0_1 {

/// Run-time options of tiered. `ColdOptions` are the cold backend's own.
template <class ColdOptions>
struct tiered_options {
    std::size_t memory_limit = std::size_t{1} << 30; ///< bytes above which rows leave memory
    std::size_t least_row = 64; ///< bytes; shorter rows, with their header, never leave
    text_view directory{};      ///< of the cold backend where it needs one; what it holds is erased
    ColdOptions cold{};
};

/// A store whose rows may be more than memory holds: all of them are in `Hot` up to a limit, and
/// what is used least, as `Which` sees it (s3_fifo, lru), rests in `Cold`. A read brings a row
/// back. Keys, headers, and 17 bytes for each row below, stay in memory: with rows of R bytes and
/// keys of K, the data may be about (R + K + 60) / (K + 100) times the limit; with more, memory
/// grows above it.
/// Cold rows have checksums; a wrong one is an error, never a wrong row. The cold tier is scratch
/// space, emptied when the store is opened: nothing survives the process unless a checkpoint policy
/// (logged<>) says so. Thread-safe under `shared`. docs/policies/tiered.md says the rest.
///
///   using results = ashlar::store<std::string, std::string,
///                                 ashlar::tiered<ashlar::sorted_map<>, ashlar::lmdb<>>>;
///   auto db = results::open({}, ashlar::tiered_options<ashlar::lmdb_options>{
///                                   .memory_limit = std::size_t{1} << 30, .directory = "cold"});
template <class Hot, class Cold, class Which = s3_fifo>
struct tiered {
    static_assert(!outlives_process<Hot>,
                  "ashlar: the hot tier of tiered rests in memory; give it hash_map<> or "
                  "sorted_map<>, and the backend on disk as the second argument");
    static_assert(!Cold::needs_fixed_extents && Cold::max_key_size >= 8,
                  "ashlar: the cold tier of tiered keeps rows of any length under keys of 8 "
                  "bytes; choose lmdb<>, rocksdb<> or sqlite<>");
    using axis = backend_axis;
    using hot = Hot;
    using cold = Cold;
    using which = Which;
    using options = tiered_options<typename Cold::options>;
    static constexpr bool ordered = Hot::ordered;
    static constexpr bool persistent = false;
    static constexpr bool opens_system_files = requires { requires Cold::opens_system_files; };
    static constexpr std::size_t max_key_size = Hot::max_key_size;
    static constexpr std::size_t max_row_size = [] {
        std::size_t least = std::size_t{1} << 30;
        if (Hot::max_row_size < least) least = Hot::max_row_size;
        if (Cold::max_row_size < least) least = Cold::max_row_size;
        return least - 17; // what stands before the row in the hot tier
    }();
    static constexpr bool needs_fixed_extents = false;
    /// A store may have a cold tier today and none tomorrow: its files are the same.
    static void describe(sentence& text) { Hot::describe(text); }

    template <class Row, class Environment, class Concurrency>
    using engine = tiered_parts::engine<Row, tiered, Environment, Concurrency>;
};

} // namespace ashlar::inline v0_1
