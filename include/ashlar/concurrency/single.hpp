// SPDX-License-Identifier: BSL-1.0
/// @file Defines single: one thread, no locks, plain variables where others have atomics.
#pragma once

#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1 {

/// For one thread and for embedded builds. A store with it is not thread-safe, and not one
/// instruction of locking remains.
struct single {
    using axis = concurrency_axis;
    static constexpr bool threads = false;

    struct mutex {
        constexpr void lock() noexcept {}
        constexpr void unlock() noexcept {}
        [[nodiscard]] constexpr bool try_lock() noexcept { return true; }
    };

    template <class T>
    class atomic {
      public:
        constexpr atomic() noexcept = default;
        constexpr explicit atomic(T value) noexcept : value_{value} {}
        [[nodiscard]] constexpr T load() const noexcept { return value_; }
        [[nodiscard]] constexpr T load_relaxed() const noexcept { return value_; }
        [[nodiscard]] constexpr T load_acquire() const noexcept { return value_; }
        constexpr void store(T value) noexcept { value_ = value; }
        constexpr void store_relaxed(T value) noexcept { value_ = value; }
        constexpr void store_release(T value) noexcept { value_ = value; }
        constexpr T exchange(T value) noexcept {
            const T old = value_;
            value_ = value;
            return old;
        }
        constexpr T fetch_add(T n) noexcept { return exchange(static_cast<T>(value_ + n)); }
        constexpr T fetch_add_relaxed(T n) noexcept { return fetch_add(n); }
        constexpr T fetch_sub(T n) noexcept { return exchange(static_cast<T>(value_ - n)); }
        constexpr bool compare_exchange_strong(T& expected, T desired) noexcept {
            if (value_ != expected) {
                expected = value_;
                return false;
            }
            value_ = desired;
            return true;
        }

      private:
        T value_{};
    };
};
static_assert(concurrency_policy<single>);

} // namespace ashlar::inline v0_1
