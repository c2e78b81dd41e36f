// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "unit/backend/on_disk.hpp"

#include <ashlar/backend/lmdb.hpp>

namespace ashlar::testing {

struct lmdb_facts {
    using backend = lmdb<>;
    static constexpr const char* data = "data.mdb";
    static constexpr bool goes_on_after_full_disk = true;
    static lmdb_options quick() { return {.sync = lmdb_sync::none}; }
    static lmdb_options safe() { return {}; }
    static bool is_scrap(const std::string& path) { return path.ends_with("lock"); }
    static std::size_t cut(std::size_t size) { return size / 2 / 4096 * 4096; }
};

} // namespace ashlar::testing
