// SPDX-License-Identifier: BSL-1.0
/// @file Defines volatile_ttl: the row that expires first goes first.
#pragma once

#include <ashlar/expiry/evicting/entry.hpp>

#include <set>

namespace ashlar::inline v0_1 {

/// For evicting<volatile_ttl, ...>, over a policy by which rows expire. Rows that stay go only when
/// there are no others left.
struct volatile_ttl {
    static constexpr bool needs_expiry = true;

    /// Complexity: O(log n) each.
    class order {
      public:
        void insert(eviction::entry& e) { line_.insert(&e); }
        void resize(eviction::entry& e, std::size_t size) noexcept { e.size = size; }
        void use(eviction::entry&) noexcept {}
        void remove(eviction::entry& e) noexcept { line_.erase(&e); }
        [[nodiscard]] eviction::entry* victim() noexcept {
            return line_.empty() ? nullptr : *line_.begin();
        }

      private:
        struct sooner {
            bool operator()(const eviction::entry* a, const eviction::entry* b) const noexcept {
                // One less than never, which is 0, is the latest of all.
                if (a->expiry != b->expiry) return a->expiry - 1 < b->expiry - 1;
                return a->key < b->key;
            }
        };
        std::set<eviction::entry*, sooner> line_;
    };
};

} // namespace ashlar::inline v0_1
