// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/environment/simulated.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>

#include <chrono>

// Stores in a simulated world, whose clocks the tests turn.
namespace ashlar_test {

using namespace std::chrono_literals;

template <class Backend, class... Policies>
using timed_texts = ashlar::store<std::string, std::string, Backend, ashlar::simulated,
                                  ashlar::lazy_ttl, Policies...>;
template <class Backend, class... Policies>
using timed_counters = ashlar::store<std::string, std::int64_t, Backend, ashlar::simulated,
                                     ashlar::lazy_ttl, Policies...>;

class timed_world {
  public:
    void pass(std::chrono::nanoseconds time) const {
        world_.pass(static_cast<std::uint64_t>(time.count()));
        passed_ += static_cast<std::uint64_t>(time.count());
    }
    /// The wall clock alone is set, by that much.
    void set_wall(std::chrono::nanoseconds by) const {
        world_.set_wall(world_.wall() + static_cast<std::uint64_t>(by.count()));
    }
    [[nodiscard]] ashlar::wall_time wall() const { return ashlar::wall_time{world_.wall()}; }

    /// Of the disk only what was synced is left. The monotonic clock begins anew.
    void lose_power() { world_.lose_power(ashlar::power_loss::everything, 1); }
    /// Nanoseconds since the beginning, by a clock that nobody sets.
    [[nodiscard]] std::uint64_t elapsed() const {
        return passed_ + world_.calls() * world_.plan.nanoseconds_per_call;
    }
    [[nodiscard]] std::vector<std::string> files() const { return world_.files(); }

  private:
    mutable ashlar::simulated_world world_{1};
    mutable std::uint64_t passed_ = 0;
    ashlar::simulated_world::presence here_{world_};
};

} // namespace ashlar_test
