// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/expiry/evicting.hpp>

using namespace ashlar_test;

namespace {

template <class... Policies>
using logged_counters = ashlar::store<std::string, std::int64_t, ashlar::sorted_map<>,
                                      ashlar::simulated, ashlar::logged<>, Policies...>;

} // namespace

TEMPLATE_TEST_CASE(
    "K-41 G16 expiry under a log: absolute times, and what sweeps erased stays gone", "",
    (logged_counters<ashlar::lazy_ttl>), (logged_counters<ashlar::lazy_ttl, ashlar::stamped>),
    (logged_counters<ashlar::evicting<ashlar::s3_fifo, 1 << 20, ashlar::lazy_ttl>>)) {
    const timed_world at;
    {
        auto store = TestType::open({.directory = "db"});
        REQUIRE(store);
        REQUIRE(store->put("short", 1, 1h));
        REQUIRE(store->put("long", 2, 5h));
        REQUIRE(store->put("swept", 3, 1s));
        at.pass(1s);
        CHECK(store->sweep().value_or(0) == 1);
        REQUIRE(store->checkpoint());                    // half is in the snapshot, half in the log
        CHECK(store->add("long", 40).value_or(0) == 42); // keeps its expiry, also when replayed
        CHECK(store->compare_exchange("short", 1, 10).value_or(false));
        REQUIRE(store->put("stays", 5));
        CHECK(store->expire_after("stays", 10h).value_or(false));
        REQUIRE(store->close());
    }
    at.pass(2h);
    auto store = TestType::open({.directory = "db"});
    REQUIRE(store);
    CHECK_FALSE(store->contains("short").value_or(true));
    CHECK_FALSE(store->contains("swept").value_or(true));
    CHECK(store->get("long").value_or(0) == 42);
    CHECK(store->get("stays").value_or(0) == 5);
    const auto left = store->ttl_of("long");
    REQUIRE(left);
    CHECK(left->nanoseconds <= 3 * 3'600'000'000'000U);
    CHECK(left->nanoseconds > 2 * 3'600'000'000'000U);
    at.pass(3h);
    CHECK_FALSE(store->contains("long").value_or(true));
    CHECK(store->ttl_of("stays").value_or(ashlar::face::time_left{}).expires);
    // What a sweep has erased is gone, wherever the clock is set before the next start.
    CHECK(store->sweep().value_or(0) == 2);
    REQUIRE(store->close());
    at.set_wall(-10h);
    auto again = TestType::open({.directory = "db"});
    REQUIRE(again);
    for (const char* key : {"short", "swept", "long"})
        CHECK_FALSE(again->contains(key).value_or(true));
    CHECK(again->contains("stays").value_or(false));
}

TEST_CASE("evicting under a log: evictions are replayed, and rows of earlier runs count") {
    using store_type = logged_counters<ashlar::evicting<ashlar::lru, 100'000>>;
    const timed_world at;
    std::size_t rows = 0;
    const auto count = [&](store_type& store) {
        std::size_t n = 0;
        REQUIRE(store.for_each([&](const auto&, const auto&) { ++n; }));
        return n;
    };
    {
        auto store = store_type::open({.directory = "db"});
        REQUIRE(store);
        for (int i = 0; i < 3000; ++i) REQUIRE(store->put("k" + std::to_string(i), i));
        rows = count(*store);
        CHECK(rows < 1000);
        CHECK(store->stack().evicting().evicted() == 3000 - rows);
        REQUIRE(store->close());
    }
    auto store = store_type::open({.directory = "db"});
    REQUIRE(store);
    CHECK(count(*store) == rows);
    REQUIRE(store->put("new", 1));
    CHECK(store->stack().evicting().used() <= 100'000);
    CHECK(count(*store) + 2 > rows);
    // Who does not wait for the disk pays for evictions as well.
    const std::size_t before = store->stack().evicting().evicted();
    auto one = store->batch();
    for (int i = 0; i < 500; ++i) {
        one.clear();
        one.put("later" + std::to_string(i), i);
        REQUIRE(store->submit(one));
        REQUIRE(store->stack().evicting().used() <= 100'000);
    }
    CHECK(store->stack().evicting().evicted() >= before + 490);
}
