// SPDX-License-Identifier: BSL-1.0
/// @file Defines sync_timer: when a commit is to sync under sync::interval.
#pragma once

#include <ashlar/checkpoint/log/sync_models.hpp>
#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1::log_parts {

/// When a commit is to sync under `interval`; nothing under the other models. From the end of the
/// last sync: if its beginning counted, a disk that takes longer than the interval would have a
/// commit wait for the next sync as soon as the last one ends, ahead of every timer.
/// (docs/decisions/0170) As thread-safe as Counter.
template <sync::model Sync, class Counter>
class sync_timer {
  public:
    template <class Environment>
    void note(const Environment& environment) noexcept {
        last_.store(static_cast<std::uint64_t>(environment.monotonic_now()));
    }
    template <class Environment>
    [[nodiscard]] bool due(const Environment& environment) const noexcept {
        const monotonic_time last{last_.load_relaxed()};
        return nanoseconds_between(last, environment.monotonic_now()) >=
               Sync::milliseconds * std::uint64_t{1'000'000};
    }

  private:
    Counter last_{0};
};
template <sync::model Sync, class Counter>
    requires(Sync::milliseconds == 0)
class sync_timer<Sync, Counter> {
  public:
    template <class Environment>
    void note(const Environment&) noexcept {}
    template <class Environment>
    [[nodiscard]] bool due(const Environment&) const noexcept {
        return false;
    }
};

} // namespace ashlar::inline v0_1::log_parts
