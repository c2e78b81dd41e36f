// SPDX-License-Identifier: BSL-1.0
/// @file Defines memory_keeper: what is done when the data takes more memory than it may.
#pragma once

#include "keyspace/keyspace.hpp"
#include "keyspace/tally.hpp"

#include <mutex>

namespace cache {

/// Bytes as Redis writes them: 100, 100b, 1k (1000), 1kb (1024), m, mb, g, gb in any case; no
/// number is 0, as for Redis.
[[nodiscard]] std::optional<std::size_t> parse_memory(string_view text) noexcept;

/// Thread-safe.
class memory_keeper {
  public:
    explicit memory_keeper(keyspace& space) noexcept : space_{space} {}

    /// 0 for no limit.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_.load(); }
    void set_limit(std::size_t bytes);
    [[nodiscard]] memory_policy policy() const noexcept { return policy_.load(); }
    /// O(keys) where the policy evicts: it learns which there are. `spill` is for stores that do.
    void set_policy(memory_policy policy);

    /// What the data takes, with what is kept of it.
    [[nodiscard]] std::size_t used() const;
    /// Erases keys where the policy does, a few hundred at most. Answers whether commands that
    /// take memory may run. To be called without any stripe.
    [[nodiscard]] bool make_room();
    /// Keys that went.
    tally evicted;

  private:
    [[nodiscard]] bool evict_down_to(std::size_t limit);
    void evict(const std::string& head);

    keyspace& space_;
    std::atomic<std::size_t> limit_{0};
    std::atomic<memory_policy> policy_{memory_policy::noeviction};
    std::mutex one_evicts_;
    std::vector<std::string> going_; ///< of the thread that evicts
};

} // namespace cache
