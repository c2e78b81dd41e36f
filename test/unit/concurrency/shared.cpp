// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include <catch.hpp>

#include <ashlar/concurrency/shared.hpp>

#include <chrono>
#include <thread>
#include <type_traits>
#include <vector>

TEST_CASE("shared: a guard holds the mutex for its scope", "[threads]") {
    ashlar::shared::mutex mutex;
    const auto free_elsewhere = [&] {
        bool free = false;
        std::jthread{[&] {
            free = mutex.try_lock();
            if (free) mutex.unlock();
        }}.join();
        return free;
    };
    {
        const ashlar::guard hold{mutex};
        CHECK_FALSE(free_elsewhere());
    }
    CHECK(free_elsewhere());
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<ashlar::guard<ashlar::shared::mutex>>);
}

TEST_CASE("shared: whoever sleeps for a mutex gets it, one after another", "[threads]") {
    ashlar::shared::mutex mutex;
    STATIC_REQUIRE(sizeof mutex == 4);
    std::vector<int> order;
    std::vector<std::jthread> threads;
    {
        const ashlar::guard hold{mutex};
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 20; ++i) {
                    const ashlar::guard one{mutex};
                    order.push_back(t);
                    if (i % 5 == 0) std::this_thread::yield(); // others fall asleep meanwhile
                }
            });
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        CHECK(order.empty());
    }
    threads.clear();
    CHECK(order.size() == 8 * 20);
}

TEST_CASE("shared: counts of many threads are exact, under a guard and in an atomic", "[threads]") {
    ashlar::shared::mutex mutex;
    ashlar::shared::atomic<std::uint64_t> counted{0}, relaxed{0}, exchanged{0};
    std::uint64_t guarded = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) {
                    counted.fetch_add(3);
                    counted.fetch_sub(2);
                    relaxed.fetch_add_relaxed(1);
                    std::uint64_t seen = exchanged.load_relaxed();
                    while (!exchanged.compare_exchange_strong(seen, seen + 1)) {
                    }
                    const ashlar::guard hold{mutex};
                    ++guarded;
                }
            });
    }
    CHECK(counted.load() == 4000);
    CHECK(relaxed.load_acquire() == 4000);
    CHECK(exchanged.exchange(0) == 4000);
    CHECK(guarded == 4000);
}

TEST_CASE("shared: what is released is seen by who acquires", "[threads]") {
    ashlar::shared::atomic<bool> ready{false};
    int payload = 0;
    std::jthread writer{[&] {
        payload = 42;
        ready.store_release(true);
    }};
    while (!ready.load_acquire()) std::this_thread::yield();
    CHECK(payload == 42);
}
