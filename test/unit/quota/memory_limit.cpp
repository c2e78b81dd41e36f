// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/quota/memory_limit.hpp>
#include <ashlar/testing/random.hpp>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

using namespace ashlar_test;
using ashlar::errc;

namespace {

constexpr std::size_t limit = 4096;
constexpr std::size_t per_row = 64;
using limited = ashlar::memory_limit<limit, per_row>;
using sorted_store = ashlar::store<std::string, std::string, ashlar::sorted_map<>, limited>;
using hashed_store = ashlar::store<std::string, std::string, ashlar::hash_map<>, limited>;

/// By hand: every row there is.
template <class Store>
std::size_t recount(Store& store) {
    std::size_t sum = 0;
    typename Store::stack_type::position at{};
    const auto met = store.stack().walk(
        at,
        [&](ashlar::bytes_view key, ashlar::bytes_view row) {
            sum += key.size() + row.size() + per_row;
        },
        static_cast<std::size_t>(-1));
    REQUIRE(met);
    return sum;
}
template <class Store>
std::size_t used(Store& store) {
    const auto quota = ashlar::quota_of(store);
    REQUIRE(quota);
    return quota->used;
}

} // namespace

TEMPLATE_TEST_CASE("G12 memory_limit: what would take too much is refused and leaves no trace", "",
                   sorted_store, hashed_store) {
    auto store = opened<TestType>();
    const std::string half(limit / 2, 'x');
    REQUIRE(store.put("a", half));
    CHECK(used(store) == 1 + half.size() + per_row);
    CHECK(store.put("b", half).error().code == errc::quota_exhausted);
    CHECK_FALSE(store.contains("b").value_or(true));
    CHECK(store.put("a", half + half).error().code == errc::quota_exhausted);
    CHECK(store.get("a").value_or("") == half);
    SECTION("to the last byte") {
        const std::size_t left = limit - used(store);
        const std::string rest(left - 1 - per_row, 'y');
        CHECK(store.put("b", rest + "y").error().code == errc::quota_exhausted);
        REQUIRE(store.put("b", rest));
        CHECK(used(store) == limit);
        REQUIRE(store.put("b", rest)); // the same again takes nothing more
        CHECK(store.put("", "").error().code == errc::quota_exhausted);
        REQUIRE(store.erase("b"));
        CHECK(used(store) == limit - left);
    }
    SECTION("an overwrite counts the difference") {
        REQUIRE(store.put("a", half + std::string(limit - used(store), 'z')));
        CHECK(used(store) == limit);
        REQUIRE(store.put("a", "short"));
        CHECK(used(store) == 1 + 5 + per_row);
    }
    SECTION("a batch is one") {
        auto both = TestType::batch();
        both.put("b", std::string(1000, 'b')).put("c", std::string(1000, 'c'));
        CHECK(store.apply(both).error().code == errc::quota_exhausted);
        CHECK_FALSE(store.contains("b").value_or(true));
        auto exchange = TestType::batch();
        exchange.put("b", half).put("b", "small").erase("a").put("c", half);
        REQUIRE(store.apply(exchange)); // what it passes through does not count
        CHECK(used(store) == recount(store));
        CHECK(used(store) == 2 + 5 + half.size() + 2 * per_row);
    }
    SECTION("a limit may be changed") {
        ashlar::limit_memory(store, 100);
        CHECK(store.put("b", "").error().code == errc::quota_exhausted);
        REQUIRE(store.put("a", "less")); // shrinking is always allowed
        CHECK(store.put("b", std::string(40, 'b')).error().code == errc::quota_exhausted);
        ashlar::limit_memory(store, 2 * limit);
        REQUIRE(store.put("b", half + half));
    }
}

TEST_CASE("G12 memory_limit: used is what there is, after any batch, never more than the limit") {
    auto store = opened<sorted_store>();
    std::map<std::string, std::string> model;
    ashlar::testing::random_source luck{12};
    const auto key = [&] {
        return std::string(1 + luck.below(3), static_cast<char>('a' + luck.below(6)));
    };
    std::size_t refused = 0;
    for (int step = 0; step < 4000; ++step) {
        auto batch = sorted_store::batch();
        auto after = model;
        for (std::uint64_t i = 0; i <= luck.below(5); ++i) {
            const std::string k = key();
            const auto kind = luck.below(10);
            if (kind < 6) {
                const std::string value(luck.below(900), 'v');
                batch.put(k, value);
                after[k] = value;
            } else if (kind < 8) {
                batch.erase(k);
                after.erase(k);
            } else {
                const std::string end = k + "c";
                batch.erase_range(k, end);
                after.erase(after.lower_bound(k), after.lower_bound(end));
            }
        }
        std::size_t would = 0;
        for (const auto& [k, v] : after) would += k.size() + v.size() + per_row;
        const bool fits = would <= limit || would <= used(store);
        const auto done = store.apply(batch);
        REQUIRE(done.has_value() == fits);
        if (!fits) ++refused;
        if (fits) model = after;
        REQUIRE(used(store) == recount(store));
        REQUIRE(used(store) <= limit);
        REQUIRE(store.size() == model.size());
    }
    CHECK(refused > 100);
}

TEST_CASE("G12 memory_limit: any number of writers at once", "[threads]") {
    auto store = opened<hashed_store>();
    std::atomic<bool> over{false};
    std::atomic<bool> stop{false};
    std::thread watcher{[&] {
        while (!stop)
            if (const auto quota = ashlar::quota_of(store); !quota || quota->used > limit)
                over = true;
    }};
    std::vector<std::thread> writers;
    std::atomic<int> refused{0};
    for (unsigned n = 0; n < 4; ++n)
        writers.emplace_back([&, n] {
            ashlar::testing::random_source luck{n};
            for (int i = 0; i < 5000; ++i) {
                const std::string key{static_cast<char>('a' + luck.below(12))};
                if (luck.below(4) == 0) {
                    static_cast<void>(store.erase(key));
                } else if (luck.below(3) == 0) {
                    auto batch = hashed_store::batch();
                    batch.put(key, std::string(luck.below(900), 'b')).erase(key + "x");
                    if (!store.apply(batch)) ++refused;
                } else if (!store.put(key, std::string(luck.below(900), 'v'))) {
                    ++refused;
                }
            }
        });
    for (std::thread& t : writers) t.join();
    stop = true;
    watcher.join();
    CHECK_FALSE(over);
    CHECK(refused > 100);
    CHECK(used(store) == recount(store));
}

TEST_CASE("G12 memory_limit: what has expired counts until it is swept; versions and logs agree") {
    const timed_world at;
    using timed = ashlar::store<std::string, std::string, ashlar::sorted_map<>, ashlar::simulated,
                                ashlar::stamped, ashlar::active_ttl<>, ashlar::logged<>, limited>;
    {
        auto store = timed::open({.directory = "db"});
        REQUIRE(store);
        const std::string big(1500, 'x');
        REQUIRE(store->put("a", big, 1s));
        REQUIRE(store->put("b", big));
        CHECK(store->put("c", big).error().code == errc::quota_exhausted);
        CHECK(used(*store) == recount(*store));
        at.pass(2s);
        REQUIRE(store->sweep());
        CHECK(used(*store) == recount(*store));
        REQUIRE(store->put("c", big));
        REQUIRE(store->put("a", "again", 1s));
        CHECK(used(*store) == recount(*store));
        REQUIRE(store->close());
    }
    auto again = timed::open({.directory = "db"});
    REQUIRE(again);
    CHECK(used(*again) == recount(*again));
    CHECK(used(*again) > 3000);
    CHECK(again->put("d", std::string(1500, 'x')).error().code == errc::quota_exhausted);
}
