// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a concurrency policy is: the one source of locks and atomics.
#pragma once

#include <ashlar/axis.hpp>

#include <cstddef>
#include <cstdint>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that give `mutex` (lock, unlock, try_lock), `atomic<T>` (load, store,
/// exchange, fetch_add, fetch_sub, compare_exchange_strong, with the defaults of std::atomic and
/// named weaker forms load_relaxed, load_acquire, store_relaxed, store_release,
/// fetch_add_relaxed) and say whether there can be more than one thread.
template <class P>
concept concurrency_policy =
    on_axis<P, concurrency_axis> &&
    requires(typename P::mutex& m, typename P::template atomic<std::uint64_t>& a,
             const typename P::template atomic<std::uint64_t>& c, std::uint64_t& expected) {
        { P::threads } -> std::convertible_to<bool>;
        m.lock();
        m.unlock();
        { m.try_lock() } -> std::same_as<bool>;
        { c.load() } -> std::same_as<std::uint64_t>;
        { c.load_relaxed() } -> std::same_as<std::uint64_t>;
        { c.load_acquire() } -> std::same_as<std::uint64_t>;
        a.store(expected);
        a.store_relaxed(expected);
        a.store_release(expected);
        { a.exchange(expected) } -> std::same_as<std::uint64_t>;
        { a.fetch_add(expected) } -> std::same_as<std::uint64_t>;
        { a.fetch_add_relaxed(expected) } -> std::same_as<std::uint64_t>;
        { a.fetch_sub(expected) } -> std::same_as<std::uint64_t>;
        { a.compare_exchange_strong(expected, expected) } -> std::same_as<bool>;
    };

/// Holds a mutex for a scope. (std::lock_guard would bring <mutex> into headers that may run
/// without threads.)
template <class Mutex>
class [[nodiscard]] guard {
  public:
    explicit guard(Mutex& mutex) noexcept : mutex_{mutex} { mutex_.lock(); }
    ~guard() { mutex_.unlock(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

  private:
    Mutex& mutex_;
};

} // namespace ashlar::inline v0_1
