// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include <catch.hpp>

#include <ashlar/concurrency/brief_guard.hpp>
#include <ashlar/concurrency/shared.hpp>

#include <thread>
#include <vector>

namespace {

/// Is free only from the `free_at`-th try on, or once it is waited for.
struct busy_mutex {
    int free_at = 0, tries = 0, waits = 0, unlocks = 0;
    bool try_lock() { return ++tries >= free_at; }
    void lock() { ++waits; }
    void unlock() { ++unlocks; }
};

} // namespace

TEST_CASE("brief_guard: takes what is free at once, tries a while, then sleeps") {
    for (const int free_at : {1, 2, 64}) {
        busy_mutex mutex{free_at};
        {
            const ashlar::brief_guard held{mutex};
        }
        CHECK(mutex.tries == free_at);
        CHECK(mutex.waits == 0);
        CHECK(mutex.unlocks == 1);
    }
    busy_mutex held_for_long{1000};
    {
        const ashlar::brief_guard held{held_for_long};
    }
    CHECK(held_for_long.tries == 64);
    CHECK(held_for_long.waits == 1);
    CHECK(held_for_long.unlocks == 1);
}

TEST_CASE("brief_guard: one thread at a time", "[threads]") {
    ashlar::shared::mutex mutex;
    int sum = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) {
                    const ashlar::brief_guard held{mutex};
                    ++sum;
                }
            });
    }
    CHECK(sum == 6000);
}
