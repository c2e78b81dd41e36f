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
    }
    /// The wall clock alone is set, by that much.
    void set_wall(std::chrono::nanoseconds by) const {
        world_.set_wall(world_.wall() + static_cast<std::uint64_t>(by.count()));
    }
    [[nodiscard]] ashlar::wall_time wall() const { return ashlar::wall_time{world_.wall()}; }

  private:
    mutable ashlar::simulated_world world_{1};
    ashlar::simulated_world::presence here_{world_};
};

} // namespace ashlar_test
