// SPDX-License-Identifier: BSL-1.0
/// @file Defines brief_guard and lock_briefly: locks for sections that are over before a thread has
/// fallen asleep.
#pragma once

namespace ashlar::inline v0_1 {

/// Tells the processor that this thread only waits for another one.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Locks a mutex whose sections are shorter than falling asleep and being woken: tries for about 2
/// microseconds before it sleeps, which takes some 20, and 10 of whoever wakes it (0186).
template <class Mutex>
[[gnu::always_inline]] inline void lock_briefly(Mutex& mutex) noexcept {
    for (int tries = 0; tries < 64; ++tries) {
        if (mutex.try_lock()) return;
        relax();
    }
    mutex.lock();
}

/// The same for a scope.
template <class Mutex>
class [[nodiscard]] brief_guard {
  public:
    explicit brief_guard(Mutex& mutex) noexcept : mutex_{mutex} { lock_briefly(mutex); }
    ~brief_guard() { mutex_.unlock(); }
    brief_guard(const brief_guard&) = delete;
    brief_guard& operator=(const brief_guard&) = delete;

  private:
    Mutex& mutex_;
};

} // namespace ashlar::inline v0_1
