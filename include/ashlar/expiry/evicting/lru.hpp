// SPDX-License-Identifier: BSL-1.0
/// @file Defines lru: the row that was used longest ago goes first.
#pragma once

#include <ashlar/expiry/evicting/entry.hpp>

namespace ashlar::inline v0_1 {

/// For evicting<lru, ...>. One pass over many rows that are read once drives everything else out;
/// s3_fifo does not have that weakness.
struct lru {
    static constexpr bool needs_expiry = false;

    /// Complexity: O(1) each. Not thread-safe, as all orders.
    class order {
      public:
        void insert(eviction::entry& e) noexcept { line_.add(e); }
        void resize(eviction::entry& e, std::size_t size) noexcept {
            line_.resize(e, size);
            use(e);
        }
        void use(eviction::entry& e) noexcept {
            line_.remove(e);
            line_.add(e);
        }
        void remove(eviction::entry& e) noexcept { line_.remove(e); }
        /// The row to go next, put at the end of the line in case it stays; null without rows.
        [[nodiscard]] eviction::entry* victim() noexcept {
            eviction::entry* const oldest = line_.oldest();
            if (oldest != nullptr) use(*oldest);
            return oldest;
        }

      private:
        eviction::queue line_;
    };
};

} // namespace ashlar::inline v0_1
