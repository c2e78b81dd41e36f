// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/concurrency/slot_pool.hpp>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace {

struct counter {
    int users = 0; // of this slot, not atomic: sanitizers watch
    long total = 0;
};

} // namespace

TEST_CASE("slot pool: a slot has one user at a time, and being alone excludes them all",
          "[threads]") {
    ashlar::slot_pool<ashlar::shared, counter, 3> pool;
    std::vector<std::thread> threads;
    std::vector<int> wrong(6, 0);
    for (std::size_t t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2000; ++i) {
                if (t == 5 && i % 100 == 0) {
                    pool.alone([&] { pool.for_each([&](counter& c) { wrong[t] += c.users; }); });
                    continue;
                }
                const auto slot = pool.acquire();
                if (++slot->users != 1) ++wrong[t];
                ++slot->total;
                --slot->users;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(6, 0));
    long total = 0;
    pool.alone([&] { pool.for_each([&](const counter& c) { total += c.total; }); });
    CHECK(total == 6 * 2000 - 20);
}

TEST_CASE("slot pool: a second user gets another slot while the first keeps its own", "[threads]") {
    ashlar::slot_pool<ashlar::shared, counter, 2> pool;
    const auto first = pool.acquire();
    counter* const mine = &*first;
    counter* others = nullptr;
    std::thread{[&] { others = &*pool.acquire(); }}.join();
    CHECK(others != nullptr);
    CHECK(others != mine);
}

TEST_CASE("slot pool: one thread needs one slot") {
    STATIC_REQUIRE(ashlar::slot_pool<ashlar::single, counter, 32>::count == 1);
    STATIC_REQUIRE(ashlar::slot_pool<ashlar::shared, counter, 32>::count == 32);
    ashlar::slot_pool<ashlar::single, counter> pool;
    pool.acquire()->total = 7;
    CHECK(pool.acquire()->total == 7);
    CHECK(pool.alone([] { return 3; }) == 3);
}

namespace {

/// Counts the threads that have gone for a lock that they can't do without.
struct counted_waits : ashlar::shared {
    inline static std::atomic<std::size_t> locks{0};
    struct mutex : std::mutex {
        void lock() {
            ++locks;
            std::mutex::lock();
        }
    };
};

} // namespace

TEST_CASE("slot pool: who finds all slots taken waits for one", "[threads]") {
    ashlar::slot_pool<counted_waits, counter, 4> pool;
    std::thread late;
    pool.alone([&] {
        late = std::thread{[&] { pool.acquire()->total = 5; }};
        while (counted_waits::locks < 4 + 1) std::this_thread::yield(); // four are ours
        long total = 0;
        pool.for_each([&](const counter& c) { total += c.total; });
        CHECK(total == 0);
    });
    late.join();
    long total = 0;
    pool.alone([&] { pool.for_each([&](const counter& c) { total += c.total; }); });
    CHECK(total == 5);
}

TEST_CASE("thread hint: below its limit, and the same while a thread stays where it is",
          "[threads]") {
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (const std::size_t limit : {1U, 3U, 4U, 16U, 32U}) {
                const std::size_t hint = ashlar::thread_hint<ashlar::shared>(limit);
                if (hint >= limit || ashlar::thread_hint<ashlar::shared>(limit) != hint) ++wrong;
            }
        });
    for (auto& one : threads) one.join();
    CHECK(wrong == 0);
}
