// SPDX-License-Identifier: BSL-1.0
/// @file Defines sqlite: rows in one table of an SQLite file.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/sqlite/engine.hpp>

namespace ashlar::inline v0_1 {

/// A B-tree in one SQLite file with a write-ahead log: a file that every SQLite tool can read, any
/// number of readers beside one writer, every commit on disk before it is answered
/// (docs/policies/sqlite.md). Links against SQLite 3.32 or later. The limits are in bytes; together
/// they stay below SQLite's limit of 10^9 bytes per row.
template <std::size_t MaxKeySize = 65'536, std::size_t MaxRowSize = 999'900'000>
struct sqlite {
    static_assert(MaxKeySize <= 999'999'000 && MaxRowSize <= 999'999'000 - MaxKeySize,
                  "ashlar: SQLite holds 10^9 bytes in a row, key and value together; lower "
                  "sqlite<>'s limits");
    using axis = backend_axis;
    using options = sqlite_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = true;
    static constexpr bool copies_itself = true; ///< engines have copy_into
    static constexpr bool opens_system_files = true;
    static constexpr std::size_t max_key_size = MaxKeySize;
    static constexpr std::size_t max_row_size = MaxRowSize;
    static constexpr bool needs_fixed_extents = false;
    static void describe(sentence& text) { text << "sqlite/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = sqlite_parts::engine<Row, Environment, Concurrency, MaxKeySize, MaxRowSize>;
};
static_assert(backend_policy<sqlite<>>);

} // namespace ashlar::inline v0_1
