// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "unit/backend/on_disk.hpp"

#include <ashlar/backend/rocksdb.hpp>

namespace ashlar::testing {

struct rocksdb_facts {
    using backend = rocksdb<>;
    static constexpr const char* data = "rocksdb/CURRENT";
    static constexpr bool goes_on_after_full_disk = false; // RocksDB refuses writes until reopened
    static rocksdb_options quick() { return {.sync = false}; }
    static rocksdb_options safe() { return {}; }
    /// Lock files hold no rows.
    static bool is_scrap(const std::string& path) {
        return path.ends_with("lock") || path.ends_with("LOCK");
    }
    static std::size_t cut(std::size_t size) { return size / 2; }
};

} // namespace ashlar::testing
