// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

#include <limits>
#include <vector>

using namespace ashlar_test;

namespace {
using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;
} // namespace

TEMPLATE_TEST_CASE("batch: all checks, then all operations or none", "", text_counters<toy_backend>,
                   text_counters<unordered_toy>, text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 1));
    REQUIRE(store.put("b", 2));

    SECTION("operations take effect in their order") {
        auto batch = store.batch();
        batch.put("c", 3).erase("c").put("d", 4).add("d", 1).add("e", 7).erase("a");
        CHECK((batch.operation_count() == 6 && batch.check_count() == 0));
        REQUIRE(store.apply(batch));
        CHECK(store.get("c").error() == errc::not_found);
        CHECK(store.get("a").error() == errc::not_found);
        CHECK((store.get("d").value_or(0) == 5 && store.get("e").value_or(0) == 7));
    }
    SECTION("each check, met and failed") {
        auto met = store.batch();
        met.expect_present("a").expect_absent("z").expect_equals("b", 2).put("a", 10);
        REQUIRE(store.apply(met));
        CHECK(store.get("a").value_or(0) == 10);

        const auto fails = [&](auto&& add_check) {
            auto batch = store.batch();
            batch.expect_present("b"); // holds: the report must name the one behind it
            add_check(batch);
            batch.put("never", 1).erase("b");
            typename TestType::conflict report;
            CHECK(store.apply(batch, &report).error() == errc::conflict);
            CHECK(store.get("never").error() == errc::not_found);
            CHECK(store.get("b").value_or(0) == 2);
            CHECK(report.index == 1);
            return report.found;
        };
        CHECK(fails([](auto& b) { b.expect_absent("a"); }));
        CHECK_FALSE(fails([](auto& b) { b.expect_present("z"); }));
        CHECK(fails([](auto& b) { b.expect_equals("a", 11); }));
        CHECK_FALSE(fails([](auto& b) { b.expect_equals("z", 11); }));
    }
    SECTION("an overflow undoes the whole batch") {
        REQUIRE(store.put("big", std::numeric_limits<std::int64_t>::max()));
        auto batch = store.batch();
        batch.put("never", 1).add("a", 1).add("big", 1);
        CHECK(store.apply(batch).error() == errc::overflow);
        CHECK(store.get("never").error() == errc::not_found);
        CHECK(store.get("a").value_or(0) == 1);
    }
    SECTION("a cleared batch can be used again; an empty one changes nothing") {
        auto batch = store.batch();
        batch.put("x", 1);
        batch.clear();
        REQUIRE(store.apply(batch));
        CHECK(store.get("x").error() == errc::not_found);
        batch.put("y", 2);
        REQUIRE(store.apply(batch));
        CHECK(store.get("y").value_or(0) == 2);
    }
    SECTION("batches move") {
        auto batch = store.batch();
        batch.put("x", 1);
        auto moved = std::move(batch);
        REQUIRE(store.apply(moved));
        CHECK(store.get("x").value_or(0) == 1);
    }
}

TEMPLATE_TEST_CASE("batch: ranges", "", texts<toy_backend>, texts<sorted>) {
    auto store = opened<TestType>();
    for (const char* key : {"", "a", "ab", "b", "c"}) REQUIRE(store.put(key, key));
    const auto count = [&] {
        std::size_t rows = 0;
        REQUIRE(store.for_each([&](const auto&, const auto&) { ++rows; }));
        return rows;
    };
    const auto apply = [&](auto&& build) {
        auto batch = store.batch();
        build(batch);
        return store.apply(batch).error().code;
    };
    CHECK(apply([](auto& b) { b.erase_range("a", "b"); }) == errc::ok);
    CHECK(count() == 3);
    CHECK(apply([](auto& b) { b.erase_range("c", "b"); }) == errc::range_invalid);
    CHECK(apply([](auto& b) { b.expect_range_empty("c", "b"); }) == errc::range_invalid);
    CHECK(apply([](auto& b) { b.expect_range_empty("a", "b").put("d", "d"); }) == errc::ok);
    CHECK(apply([](auto& b) { b.expect_range_empty("c", "cc").erase("d"); }) == errc::conflict);
    CHECK(count() == 4);
    // The least key as upper bound: an empty range, though an engine reads "" as no bound.
    CHECK(apply([](auto& b) { b.erase_range("", ""); }) == errc::ok);
    CHECK(apply([](auto& b) { b.expect_range_empty("", ""); }) == errc::ok);
    CHECK(apply([](auto& b) { b.erase_range("a", ""); }) == errc::range_invalid);
    CHECK(count() == 4);
}

TEST_CASE("batch: what can't be encoded is remembered, and nothing happens") {
    auto store = opened<ashlar::store<entry_key, std::int64_t, ashlar::composite,
                                      ashlar::sorted_map<16>, toy_environment>>();
    auto batch = store.batch();
    batch.put({"a", "b"}, 1).erase({"a very long group", "b"});
    CHECK(store.apply(batch).error() == errc::key_too_long);
    CHECK(store.size() == 0);
}
