// SPDX-License-Identifier: BSL-1.0
/// @file Defines shared: any number of threads, with the standard library's atomics.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/concurrency/shared/word_mutex.hpp>

#include <atomic>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#endif

namespace ashlar::inline v0_1 {

/// The default. A store with it may be called from any thread without external synchronisation.
struct shared {
    using axis = concurrency_axis;
    static constexpr bool threads = true;

    /// The store whose visitor this thread is in; kept up in debug builds only (visit_scope).
    [[nodiscard]] static const void*& visited() noexcept {
        thread_local const void* store = nullptr;
        return store;
    }

    template <class T>
    class atomic : public std::atomic<T> {
      public:
        using std::atomic<T>::atomic;
        [[nodiscard]] T load_relaxed() const noexcept {
            return this->load(std::memory_order_relaxed);
        }
        [[nodiscard]] T load_acquire() const noexcept {
            return this->load(std::memory_order_acquire);
        }
        void store_relaxed(T value) noexcept { this->store(value, std::memory_order_relaxed); }
        void store_release(T value) noexcept { this->store(value, std::memory_order_release); }
        T fetch_add_relaxed(T n) noexcept { return this->fetch_add(n, std::memory_order_relaxed); }

#ifdef __linux__
        /// As std::atomic's, but sleeps at once: libstdc++ 12 has each waiter yield four times
        /// first, which costs dozens of them more than what they wait for.
        void wait(T old) const noexcept
            requires(sizeof(T) == 4)
        {
            while (this->load() == old)
                ::syscall(SYS_futex, this, FUTEX_WAIT_PRIVATE, old, nullptr);
        }
        void notify_one() noexcept { wake(1); }
        void notify_all() noexcept { wake(INT_MAX); }

      private:
        void wake(int most) noexcept { ::syscall(SYS_futex, this, FUTEX_WAKE_PRIVATE, most); }
#endif
    };

    using mutex = word_mutex<atomic<std::uint32_t>>;
};
static_assert(concurrency_policy<shared>);

} // namespace ashlar::inline v0_1
