// SPDX-License-Identifier: BSL-1.0
// Threads take from pools of their own, as far as their stacks tell them apart; whoever has an
// object gives it back to the pool that it is from.
// NEEDS: threads
#include "catch.hpp"

#include <ashlar/concurrency/scheduled.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/slab/pools.hpp>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

TEST_CASE("pools: a thread keeps to one, and objects find the way back", "[threads]") {
    constexpr std::size_t size = 100;
    using pools = ashlar::slab::pools<ashlar::shared>;
    pools all;
    std::vector<void*> taken[4];
    std::vector<const void*> first(4), last(4);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                first[t] = &all.mine();
                for (int i = 0; i < 1000; ++i) {
                    taken[t].push_back(all.mine().take(size));
                    std::memset(taken[t].back(), static_cast<int>(t), size);
                }
                last[t] = &all.mine();
            });
    }
    CHECK(first == last);
    for (std::size_t t = 0; t < 4; ++t)
        for (void* object : taken[t]) {
            REQUIRE(*static_cast<unsigned char*>(object) == t);
            ashlar::slab::pool<ashlar::shared>::give(object, size);
        }
}

TEST_CASE("pools: threads that take turns have numbers, not addresses") {
    ashlar::slab::pools<ashlar::scheduled> pools;
    std::vector<const void*> of(3);
    ashlar::schedule turns{7};
    REQUIRE_FALSE(turns.run(3, [&](std::size_t i) { of[i] = &pools.mine(); }).stuck);
    CHECK(std::set<const void*>(of.begin(), of.end()).size() == 3);
}
