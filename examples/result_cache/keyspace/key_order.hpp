// SPDX-License-Identifier: BSL-1.0
/// @file Defines key_order: which keys should go first when memory is used up.
#pragma once

#include "keyspace/rows.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace cache {

/// What happens when memory is above its limit. Redis's names where Redis has them.
enum class memory_policy : std::uint8_t {
    noeviction,     ///< commands that take memory are refused
    spill,          ///< rows that are used least rest on disk; no key goes
    allkeys_lru,    ///< keys go, the least recently used first
    allkeys_s3fifo, ///< keys go, those first that were used once only
    volatile_ttl,   ///< keys go that will expire, the soonest first
};
[[nodiscard]] string_view name_of(memory_policy policy) noexcept;
[[nodiscard]] std::optional<memory_policy> memory_policy_named(string_view name) noexcept;
/// All names, as an error lists them.
[[nodiscard]] std::string memory_policy_names();
[[nodiscard]] constexpr bool evicts(memory_policy policy) noexcept {
    return policy >= memory_policy::allkeys_lru;
}

/// Remembers keys, by their heads' row keys, in the order of one policy; nothing while that evicts
/// none. A hint: it may name keys that are gone, and miss some when memory is out. Thread-safe.
class key_order {
  public:
    key_order();
    ~key_order();

    /// Forgets all and follows another policy from now on.
    void follow(memory_policy policy);
    [[nodiscard]] bool is_on() const noexcept { return evicts(policy_.load(relaxed)); }

    void put(string_view head, std::size_t bytes, std::uint64_t at) noexcept;
    void use(string_view head) noexcept {
        if (is_on()) note_use(head);
    }
    void erase(string_view head) noexcept;
    /// O(keys).
    void erase_database(int db) noexcept;
    /// take(head) for the keys that should go next: until they are `bytes`, or `most` keys.
    void victims(std::size_t bytes, std::size_t most, const std::function<void(string_view)>& take);
    /// Bytes of memory that this takes.
    [[nodiscard]] std::size_t memory_used() const noexcept;

  private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    struct directories;
    void note_use(string_view head) noexcept;

    std::atomic<memory_policy> policy_{memory_policy::noeviction};
    std::unique_ptr<directories> each_;
};

} // namespace cache
