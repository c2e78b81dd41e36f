// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/concurrency/single.hpp>

#include <type_traits>

TEST_CASE("single: its atomics are plain variables with the same answers") {
    ashlar::single::atomic<std::uint64_t> n{5};
    CHECK(n.load() == 5);
    CHECK(n.fetch_add(2) == 5);
    CHECK(n.fetch_add_relaxed(1) == 7);
    CHECK(n.fetch_sub(3) == 8);
    CHECK(n.exchange(9) == 5);
    std::uint64_t expected = 8;
    CHECK_FALSE(n.compare_exchange_strong(expected, 1));
    CHECK(expected == 9);
    CHECK(n.compare_exchange_strong(expected, 1));
    n.store_relaxed(2);
    CHECK(n.load_relaxed() == 2);
    n.store_release(3);
    CHECK(n.load_acquire() == 3);
    n.store(4);
    CHECK(n.load() == 4);
    ashlar::single::atomic<std::uint8_t> small{255};
    CHECK(small.fetch_add(1) == 255);
    CHECK(small.load() == 0);
}

TEST_CASE("single: nothing of a lock remains") {
    STATIC_REQUIRE_FALSE(ashlar::single::threads);
    STATIC_REQUIRE(std::is_empty_v<ashlar::single::mutex>);
    STATIC_REQUIRE(sizeof(ashlar::single::atomic<std::uint32_t>) == 4);
    STATIC_REQUIRE(std::is_trivially_destructible_v<ashlar::single::atomic<int>>);
    static constinit ashlar::single::mutex mutex;
    const ashlar::guard hold{mutex};
    CHECK(mutex.try_lock());
}
