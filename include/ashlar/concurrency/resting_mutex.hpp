// SPDX-License-Identifier: BSL-1.0
/// @file Defines resting_mutex: a mutex inside an object that is moved.
#pragma once

namespace ashlar::inline v0_1 {

/// A mutex that stays where it is, unlocked, when what it guards is moved to another object, which
/// has one of its own. REQUIRES: nobody holds either while that is done.
template <class Concurrency>
struct resting_mutex {
    constexpr resting_mutex() noexcept = default;
    constexpr resting_mutex(resting_mutex&&) noexcept {}
    constexpr resting_mutex& operator=(resting_mutex&&) noexcept { return *this; }

    [[no_unique_address]] typename Concurrency::mutex mutex{};
};

} // namespace ashlar::inline v0_1
