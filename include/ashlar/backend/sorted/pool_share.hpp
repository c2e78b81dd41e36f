// SPDX-License-Identifier: BSL-1.0
/// @file Defines pool_share: who owns the memory that a sorted map and its snapshots rest in.
#pragma once

#include <ashlar/backend/sorted/node_pool.hpp>
#include <ashlar/slab/pool.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Where nodes and items of a map rest that nobody reads without its lock. Thread-safe: snapshots
/// give them back without it. Not movable.
template <class Concurrency>
struct item_pool {
    explicit item_pool(page_advice advise) noexcept { objects.use(advise); }

    slab::pool<Concurrency> objects;
    typename Concurrency::template atomic<std::uint32_t> users{1U}; ///< shares in it
};

/// A share in a pool, for the map and for each snapshot: what they hold is given back to it by
/// whichever goes last. Null until somebody writes, so that a map that is not used has no memory.
template <class Pool>
class pool_share {
  public:
    constexpr pool_share() noexcept = default;
    pool_share(const pool_share& other) noexcept : pool_{other.pool_} {
        if (pool_ != nullptr) pool_->users.fetch_add_relaxed(1);
    }
    pool_share(pool_share&& other) noexcept : pool_{std::exchange(other.pool_, nullptr)} {}
    pool_share& operator=(pool_share other) noexcept {
        std::swap(pool_, other.pool_);
        return *this;
    }
    ~pool_share() {
        if (pool_ != nullptr && pool_->users.fetch_sub(1) == 1) delete pool_;
    }

    [[nodiscard]] Pool* get() const noexcept { return pool_; }
    /// False when memory is out. REQUIRES: null.
    template <class Environment>
    [[nodiscard]] bool make() noexcept {
        page_advice advise = nullptr;
        if constexpr (requires { Environment::prefer_large_pages(nullptr, 0); })
            advise = &Environment::prefer_large_pages;
        pool_ = new (std::nothrow) Pool{advise};
        return pool_ != nullptr;
    }

  private:
    Pool* pool_ = nullptr;
};

} // namespace ashlar::inline v0_1::sorted_tree
