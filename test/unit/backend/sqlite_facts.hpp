// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "unit/backend/on_disk.hpp"

#include <ashlar/backend/sqlite.hpp>

namespace ashlar::testing {

struct sqlite_facts {
    using backend = sqlite<>;
    static constexpr const char* data = "rows.sqlite";
    static constexpr bool goes_on_after_full_disk = true;
    static sqlite_options quick() { return {.sync = sqlite_sync::none}; }
    static sqlite_options safe() { return {}; }
    /// A writer's lock file, and the log's index, hold no rows.
    static bool is_scrap(const std::string& path) {
        return path.ends_with("lock") || path.ends_with("-shm");
    }
    static std::size_t cut(std::size_t size) { return size / 2; }
};

} // namespace ashlar::testing
