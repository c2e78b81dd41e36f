// SPDX-License-Identifier: BSL-1.0
/// @file Defines scheduled: locks and atomics whose every operation is a point of a schedule.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/concurrency/scheduled/schedule.hpp>

#include <utility>

namespace ashlar::inline v0_1 {

/// For tests: the same store with `scheduled` in place of `shared` runs on the threads of a
/// `schedule`, interleaved as a seed says. One real thread; outside of a schedule it is like
/// `single`. Every operation is sequentially consistent, also those with weaker names.
///
///   store<int, int, scheduled> db;
///   schedule turns{seed};
///   const auto done = turns.run(3, [&](std::size_t i) { db.put(1, int(i)); });
struct scheduled {
    using axis = concurrency_axis;
    static constexpr bool threads = true;

    /// Where the turn may change.
    static void point() noexcept {
        if (schedule* const turns = schedule::current()) turns->point();
    }
    /// For those who spread threads over places by a guess: the guess must not depend on addresses.
    [[nodiscard]] static std::size_t thread_number() noexcept {
        const schedule* const turns = schedule::current();
        return turns == nullptr ? 0 : turns->number();
    }
    [[nodiscard]] static const void*& visited() noexcept {
        static const void* outside = nullptr;
        schedule* const turns = schedule::current();
        return turns == nullptr ? outside : turns->local();
    }

    class mutex {
      public:
        mutex() noexcept = default;
        mutex(const mutex&) = delete;
        mutex& operator=(const mutex&) = delete;
        void lock() noexcept {
            point();
            while (held_) scheduled::wait(this);
            held_ = true;
        }
        [[nodiscard]] bool try_lock() noexcept {
            point();
            return !std::exchange(held_, true);
        }
        void unlock() noexcept {
            held_ = false;
            scheduled::wake(this);
            point();
        }

      private:
        bool held_ = false;
    };

    template <class T>
    class atomic {
      public:
        constexpr atomic() noexcept = default;
        constexpr explicit atomic(T value) noexcept : value_{value} {}
        atomic(const atomic&) = delete;
        atomic& operator=(const atomic&) = delete;

        [[nodiscard]] T load() const noexcept { return point(), value_; }
        [[nodiscard]] T load_relaxed() const noexcept { return load(); }
        [[nodiscard]] T load_acquire() const noexcept { return load(); }
        void store(T value) noexcept { point(), value_ = value; }
        void store_relaxed(T value) noexcept { store(value); }
        void store_release(T value) noexcept { store(value); }
        T exchange(T value) noexcept { return point(), std::exchange(value_, value); }
        T fetch_add(T n) noexcept {
            point();
            return std::exchange(value_, static_cast<T>(value_ + n));
        }
        T fetch_add_relaxed(T n) noexcept { return fetch_add(n); }
        T fetch_sub(T n) noexcept {
            point();
            return std::exchange(value_, static_cast<T>(value_ - n));
        }
        bool compare_exchange_strong(T& expected, T desired) noexcept {
            point();
            if (value_ != expected) return expected = value_, false;
            value_ = desired;
            return true;
        }
        /// Until somebody has notified and the value is another.
        void wait(T old) const noexcept {
            point();
            while (value_ == old && scheduled::wait(this)) {
            }
        }
        void notify_one() noexcept { scheduled::wake(this); }
        void notify_all() noexcept { scheduled::wake(this); }

      private:
        T value_{};
    };

  private:
    static bool wait(const void* on) noexcept {
        schedule* const turns = schedule::current();
        if (turns != nullptr) turns->wait(on);
        return turns != nullptr;
    }
    static void wake(const void* on) noexcept {
        if (schedule* const turns = schedule::current()) turns->wake(on);
    }
};
static_assert(concurrency_policy<scheduled>);

} // namespace ashlar::inline v0_1
