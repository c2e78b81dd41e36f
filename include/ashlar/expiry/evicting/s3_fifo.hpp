// SPDX-License-Identifier: BSL-1.0
/// @file Defines s3_fifo: rows that are used once leave soon, rows that come back stay.
#pragma once

#include <ashlar/expiry/evicting/entry.hpp>

#include <array>

namespace ashlar::inline v0_1 {

/// For evicting<s3_fifo, ...>: three first-in-first-out queues (Yang, Zhang, Qiu, Yue, Vinayak:
/// "FIFO queues are all you need for cache eviction", SOSP 2023). A new row enters the small queue,
/// a tenth of the bytes; used again there, it moves to the main one, else it goes, and its hash is
/// remembered: if it comes back soon, it enters the main queue at once. The main queue goes round,
/// and a use there saves a row from one round, three from three.
struct s3_fifo {
    static constexpr bool needs_expiry = false;

    /// Complexity: O(1) amortised each.
    class order {
      public:
        void insert(eviction::entry& e) noexcept {
            e.uses = 0;
            e.queue = was_here(e.hash) ? main : small;
            queues_[e.queue].add(e);
        }
        void resize(eviction::entry& e, std::size_t size) noexcept {
            queues_[e.queue].resize(e, size);
            use(e);
        }
        void use(eviction::entry& e) noexcept {
            if (e.uses < most_uses) ++e.uses;
        }
        void remove(eviction::entry& e) noexcept { queues_[e.queue].remove(e); }
        [[nodiscard]] eviction::entry* victim() noexcept {
            while (queues_[small].oldest() != nullptr || queues_[main].oldest() != nullptr) {
                const bool small_is_large =
                    queues_[small].bytes() >= (queues_[small].bytes() + queues_[main].bytes()) / 10;
                const bool from_small = queues_[main].oldest() == nullptr ||
                                        (small_is_large && queues_[small].oldest() != nullptr);
                eviction::entry& e = *queues_[from_small ? small : main].oldest();
                const std::uint8_t uses = e.uses;
                if (from_small && uses > 1) {
                    move(e, main);
                    e.uses = 0;
                } else if (!from_small && uses > 0) {
                    move(e, main);
                    e.uses = static_cast<std::uint8_t>(uses - 1);
                } else {
                    if (from_small) remember(e.hash);
                    move(e, e.queue); // to the end, in case it stays
                    return &e;
                }
            }
            return nullptr;
        }

      private:
        static constexpr std::uint8_t small = 0, main = 1;
        static constexpr std::uint8_t most_uses = 3;
        static constexpr std::size_t ghosts = 1024;

        void move(eviction::entry& e, std::uint8_t to) noexcept {
            queues_[e.queue].remove(e);
            e.queue = to;
            queues_[to].add(e);
        }
        /// The ghost queue as a table of one place per hash: a newer one takes an older one's.
        void remember(std::uint64_t hash) noexcept { ghosts_[hash % ghosts] = hash; }
        [[nodiscard]] bool was_here(std::uint64_t hash) noexcept {
            if (ghosts_[hash % ghosts] != hash) return false;
            ghosts_[hash % ghosts] = 0;
            return true;
        }

        eviction::queue queues_[2];
        std::array<std::uint64_t, ghosts> ghosts_{};
    };
};

} // namespace ashlar::inline v0_1
