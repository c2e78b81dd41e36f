// SPDX-License-Identifier: BSL-1.0
/// @file Defines commit_waits: where threads of a log sleep, so that few are woken in vain.
#pragma once

#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Places to sleep at: one for each generation of commits, which are those that one sync makes
/// durable, counted round and round; one for who waits to be the only writer; one for who waits
/// until any sync has ended. With one place for all, each sync would wake all clients, of whom half
/// wait for another. Thread-safe. Nothing is called of the system while nobody sleeps.
///
/// Use: seen() while holding the lock under which the state was looked at; wait() without it. Who
/// changes the state wakes after having let go of that lock.
template <concurrency_policy Concurrency>
class commit_waits {
    using word = typename Concurrency::template atomic<std::uint32_t>;
    static constexpr std::uint32_t generations = 8; // twice as many as syncs go side by side

  public:
    using place = std::uint32_t;
    static constexpr place for_turn = generations;
    static constexpr place for_landing = generations + 1;
    [[nodiscard]] static place of(std::uint32_t generation) noexcept {
        return generation % generations;
    }

    [[nodiscard]] std::uint32_t seen(place at) const noexcept { return words_[at].load_acquire(); }
    /// Returns when somebody has woken this place since, or for no reason.
    void wait(place at, std::uint32_t seen) noexcept {
        asleep_.fetch_add(1); // before the word is looked at, as wakers look here after changing it
        if constexpr (Concurrency::threads) words_[at].wait(seen);
        asleep_.fetch_sub(1);
    }
    void wake_everybody() noexcept {
        for (place at = 0; at < places; ++at) wake(at, true);
    }
    /// The only writer has ended, and begun a flight; another one may begin, or not.
    void turn_ended(bool may_start, std::uint32_t next_generation) noexcept {
        wake(for_turn, true);
        if (may_start) wake(of(next_generation), false);
    }
    /// A flight has ended: those who waited for it go, and one of the next may begin another.
    void landed(std::uint32_t generation, std::uint32_t next_generation) noexcept {
        wake(of(next_generation), false);
        wake(of(generation), true);
        wake(for_landing, true);
    }

  private:
    void wake(place at, bool all) noexcept {
        words_[at].fetch_add(1);
        if constexpr (Concurrency::threads) {
            if (asleep_.load() == 0) return;
            if (all) words_[at].notify_all();
            else words_[at].notify_one();
        }
    }

    static constexpr place places = generations + 2;
    word words_[places]{};
    word asleep_{0};
};

} // namespace ashlar::inline v0_1::log_parts
