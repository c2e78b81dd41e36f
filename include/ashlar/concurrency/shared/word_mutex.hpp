// SPDX-License-Identifier: BSL-1.0
/// @file Defines word_mutex: a lock in a word that threads can sleep at.
#pragma once

#include <cstdint>

namespace ashlar::inline v0_1 {

/// A mutex of four bytes (Drepper 2011, "Futexes Are Tricky"). To take or give back one that nobody
/// waits for is one atomic instruction, which is inlined; std::mutex calls the C library for
/// either, which takes three times as many instructions
/// (docs/decisions/0193-what-two-threads-share.md). As fair as that one: who comes first may be
/// last. Word: as std::atomic<std::uint32_t>, with wait and notify_one. REQUIRES: as of std::mutex.
template <class Word>
class word_mutex {
  public:
    constexpr word_mutex() noexcept = default;
    word_mutex(const word_mutex&) = delete;
    word_mutex& operator=(const word_mutex&) = delete;

    [[nodiscard]] bool try_lock() noexcept {
        std::uint32_t seen = is_free;
        return state_.compare_exchange_strong(seen, is_taken);
    }
    void lock() noexcept {
        if (!try_lock()) [[unlikely]]
            lock_asleep();
    }
    void unlock() noexcept {
        if (state_.exchange(is_free) == has_sleepers) [[unlikely]]
            state_.notify_one();
    }

  private:
    static constexpr std::uint32_t is_free = 0, is_taken = 1, has_sleepers = 2;

    /// Whoever wakes up says that there are sleepers, for he can't know that he was the only one.
    [[gnu::noinline]] void lock_asleep() noexcept {
        while (state_.exchange(has_sleepers) != is_free) state_.wait(has_sleepers);
    }

    Word state_{is_free};
};

} // namespace ashlar::inline v0_1
