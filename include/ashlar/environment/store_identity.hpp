// SPDX-License-Identifier: BSL-1.0
/// @file Defines store_identity: what tells a store in memory from all others of its type.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// How many identities were given out where nothing is random.
inline constinit std::uintptr_t identities_given = 0;

/// A number that no other store of this process has; where the environment has random numbers, no
/// store of any process (but for a chance of 2^-64 each). Never 0.
template <environment_policy Environment>
[[nodiscard]] std::uint64_t draw_identity() noexcept {
    if constexpr (Environment::has_random) {
        const std::uint64_t drawn = Environment{}.random_seed();
        return drawn != 0 ? drawn : 1;
    } else if constexpr (Environment::has_threads) {
        // Not the concurrency's atomic: stores under `single` may live in different threads.
        return __atomic_add_fetch(&identities_given, 1, __ATOMIC_RELAXED);
    } else {
        return ++identities_given;
    }
}

/// Draws its number when it is first asked for, so a store that makes no cursors pays 8 bytes and
/// nothing else, and can be constant-initialised. The number goes where the rows go: a store that
/// was moved from is another store. As thread-safe as Concurrency. (docs/decisions/0041)
template <environment_policy Environment, concurrency_policy Concurrency>
class store_identity {
  public:
    constexpr store_identity() noexcept = default;
    store_identity(store_identity&& other) noexcept : drawn_{other.drawn_.exchange(0)} {}
    store_identity& operator=(store_identity&& other) noexcept {
        drawn_.store(other.drawn_.exchange(0));
        return *this;
    }

    [[nodiscard]] std::uint64_t value() const noexcept {
        std::uint64_t known = drawn_.load();
        if (known != 0) return known;
        const std::uint64_t fresh = draw_identity<Environment>();
        return drawn_.compare_exchange_strong(known, fresh) ? fresh : known;
    }

  private:
    using number = typename Concurrency::template atomic<std::uint64_t>;
    mutable number drawn_{0}; ///< 0: nobody has asked yet
};

} // namespace ashlar::inline v0_1
