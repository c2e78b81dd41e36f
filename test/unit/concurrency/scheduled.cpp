// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/concurrency/scheduled.hpp>
#include <ashlar/concurrency/slot_pool.hpp>

#include <set>
#include <string>

using ashlar::schedule;
using ashlar::scheduled;

namespace {

using word = scheduled::atomic<int>;

/// In how many of the schedules something was found.
template <class F>
int found_in(int seeds, F once) {
    int found = 0;
    for (int seed = 0; seed < seeds; ++seed) found += once(static_cast<std::uint64_t>(seed));
    return found;
}

} // namespace

TEST_CASE("G18 the same seed gives the same schedule, another seed another") {
    const auto trace_of = [](std::uint64_t seed) {
        word shared_word{0};
        std::string order;
        schedule turns{seed};
        const auto done = turns.run(3, [&](std::size_t i) {
            for (int n = 0; n < 20; ++n) {
                shared_word.fetch_add(1);
                order += static_cast<char>('a' + i);
            }
        });
        CHECK(shared_word.load() == 60);
        CHECK_FALSE(done.stuck);
        return std::pair{done.trace, order};
    };
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto once = trace_of(seed);
        CHECK(once == trace_of(seed));
        orders.insert(once.second);
    }
    CHECK(orders.size() > 80);
    CHECK(trace_of(7).first == 0xAEFD'3B2A'F905'65BCU); // on any compiler
}

TEST_CASE("G17 a mutex lets in one at a time, and an update in two steps without it is lost") {
    const auto lost = [](std::uint64_t seed, bool locked) {
        scheduled::mutex mutex;
        word count{0};
        schedule turns{seed};
        const auto done = turns.run(3, [&](std::size_t) {
            for (int n = 0; n < 4; ++n) {
                if (locked) mutex.lock();
                count.store(count.load() + 1);
                if (locked) mutex.unlock();
            }
        });
        REQUIRE_FALSE(done.stuck);
        return count.load() != 12;
    };
    CHECK(found_in(300, [&](std::uint64_t seed) { return lost(seed, true); }) == 0);
    CHECK(found_in(300, [&](std::uint64_t seed) { return lost(seed, false); }) > 100);
}

TEST_CASE("G17 locks taken in two orders are stuck in some schedules, in one order in none") {
    const auto stuck = [](std::uint64_t seed, bool ordered) {
        scheduled::mutex locks[2];
        schedule turns{seed};
        return turns
            .run(2,
                 [&](std::size_t i) {
                     const std::size_t first = ordered ? 0 : i;
                     locks[first].lock();
                     locks[1 - first].lock();
                     locks[1 - first].unlock();
                     locks[first].unlock();
                 })
            .stuck;
    };
    CHECK(found_in(200, [&](std::uint64_t seed) { return stuck(seed, true); }) == 0);
    CHECK(found_in(200, [&](std::uint64_t seed) { return stuck(seed, false); }) > 10);
}

TEST_CASE("G17 who waits for a word is woken, unless the notification is forgotten") {
    const auto stuck = [](std::uint64_t seed, bool told) {
        word ready{0};
        int seen = 0;
        schedule turns{seed};
        const auto done = turns.run(3, [&](std::size_t i) {
            if (i == 0) {
                ready.store(1);
                if (told) ready.notify_all();
            } else {
                ready.wait(0);
                ++seen;
            }
        });
        REQUIRE(done.stuck == (seen != 2));
        return done.stuck;
    };
    CHECK(found_in(200, [&](std::uint64_t seed) { return stuck(seed, true); }) == 0);
    CHECK(found_in(200, [&](std::uint64_t seed) { return stuck(seed, false); }) > 20);
}

TEST_CASE("G17 slots are shared out without looking at addresses") {
    ashlar::slot_pool<scheduled, int, 2> pool;
    std::uint64_t traces[2]{};
    for (std::uint64_t& trace : traces) {
        schedule turns{5};
        trace = turns
                    .run(3,
                         [&](std::size_t) {
                             for (int n = 0; n < 10; ++n) ++*pool.acquire();
                         })
                    .trace;
    }
    CHECK(traces[0] == traces[1]);
    int total = 0;
    pool.alone([&] { pool.for_each([&](int slot) { total += slot; }); });
    CHECK(total == 60);
}
