// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/concurrency/single.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/testing/random.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace ashlar_test;

namespace {

constexpr std::size_t limit = 200'000;

template <class Which, class Backend, class... Policies>
using bounded_texts = ashlar::store<std::string, std::string, Backend, ashlar::simulated,
                                    ashlar::evicting<Which, limit>, Policies...>;
template <class Which, class... Policies>
using bounded_ttl = ashlar::store<std::string, std::string, ashlar::simulated,
                                  ashlar::evicting<Which, limit, ashlar::lazy_ttl>, Policies...>;

std::string key_of(std::uint64_t i) { return "k" + std::to_string(i); }

template <class Store>
std::size_t rows_in(const Store& store) {
    std::size_t rows = 0;
    CHECK(store.for_each([&](const auto&, const auto&) { ++rows; }));
    return rows;
}

/// Of `reads` look-ups, nine in ten of a few keys and one of a key never seen before, how many hit;
/// what is missed is put.
template <class Store>
int hits_with_a_scan(Store& store, int reads) {
    ashlar::testing::random_source random{7};
    std::uint64_t fresh = 1'000'000;
    int hits = 0;
    for (int i = 0; i < reads; ++i) {
        const std::string key = key_of(random.one_in(2) ? random.below(300) : fresh++);
        if (store.contains(key).value_or(false)) ++hits;
        else CHECK(store.put(key, std::string(100, 'v')));
    }
    return hits;
}

} // namespace

TEMPLATE_TEST_CASE("evicting: what all rows take stays below the limit", "",
                   (bounded_texts<ashlar::s3_fifo, ashlar::hash_map<>>),
                   (bounded_texts<ashlar::lru, ashlar::sorted_map<>>),
                   (bounded_texts<ashlar::s3_fifo, ashlar::sorted_map<>, ashlar::single>),
                   (bounded_texts<ashlar::s3_fifo, ashlar::hash_map<>, ashlar::stamped>),
                   (bounded_ttl<ashlar::volatile_ttl>)) {
    const timed_world at;
    auto store = opened<TestType>();
    const auto& rows = store.stack().evicting();
    ashlar::testing::random_source random{1};
    for (int i = 0; i < 5000; ++i) {
        REQUIRE(store.put(key_of(random.below(4000)), std::string(random.below(300), 'v')));
        CHECK(rows.used() <= limit);
        if (i % 7 == 0) REQUIRE(store.erase(key_of(random.below(4000))));
        if (i % 11 == 0) {
            auto some = store.batch();
            for (int n = 0; n < 20; ++n) some.put(key_of(random.below(4000)), "batched");
            REQUIRE(store.apply(some));
            CHECK(rows.used() <= limit);
        }
    }
    CHECK(rows.evicted() > 100);
    CHECK(rows_in(store) > 100);
    // The directory knows each row once, and no other: erasing all leaves nothing.
    REQUIRE(store.clear());
    CHECK(rows.used() == 0);
    CHECK(rows_in(store) == 0);
}

TEST_CASE("evicting lru: the row used longest ago goes first") {
    const timed_world at;
    auto store = opened<bounded_texts<ashlar::lru, ashlar::sorted_map<>, ashlar::single>>();
    const std::string value(1000, 'v');
    std::uint64_t next = 0;
    while (store.stack().evicting().evicted() == 0) REQUIRE(store.put(key_of(next++), value));
    CHECK_FALSE(store.contains(key_of(0)).value_or(true));
    REQUIRE(store.get(key_of(1))); // used: it goes to the end of the line
    REQUIRE(store.put(key_of(next++), value));
    CHECK(store.contains(key_of(1)).value_or(false));
    CHECK_FALSE(store.contains(key_of(2)).value_or(true));
}

TEST_CASE("evicting volatile_ttl: what expires first goes first, what stays goes last") {
    const timed_world at;
    auto store = opened<bounded_ttl<ashlar::volatile_ttl, ashlar::single>>();
    const std::string value(1000, 'v');
    REQUIRE(store.put("stays", value));
    REQUIRE(store.put("soon", value, 1h));
    REQUIRE(store.put("sooner", value, 1min));
    REQUIRE(store.put("moved", value, 2s));
    REQUIRE(store.persist("moved"));
    std::uint64_t next = 0;
    const auto fill = [&](std::size_t evictions) {
        while (store.stack().evicting().evicted() < evictions)
            REQUIRE(store.put(key_of(next++), value, 2h));
    };
    fill(1);
    CHECK_FALSE(store.contains("sooner").value_or(true));
    CHECK(store.contains("soon").value_or(false));
    fill(2);
    CHECK_FALSE(store.contains("soon").value_or(true));
    fill(400);
    CHECK(store.contains("stays").value_or(false));
    CHECK(store.contains("moved").value_or(false));
}

TEST_CASE("evicting s3_fifo: keys read once do not drive out those that are read often") {
    const timed_world at;
    auto fifo = opened<bounded_texts<ashlar::s3_fifo, ashlar::hash_map<>, ashlar::single>>();
    auto lru = opened<bounded_texts<ashlar::lru, ashlar::hash_map<>, ashlar::single>>();
    const int with_fifo = hits_with_a_scan(fifo, 40'000);
    const int with_lru = hits_with_a_scan(lru, 40'000);
    CHECK(with_fifo > with_lru);
    CHECK(with_fifo > 40'000 * 45 / 100); // half of the reads could hit
}

TEST_CASE("evicting: an eviction is a commit, which versions know") {
    const timed_world at;
    auto store = opened<bounded_texts<ashlar::lru, ashlar::hash_map<>, ashlar::stamped>>();
    const auto first = store.put("a", "1");
    REQUIRE(first);
    for (std::uint64_t i = 0; store.contains("a").value_or(true); ++i) {
        REQUIRE(store.put(key_of(i), std::string(1000, 'v')));
        for (std::uint64_t j = 0; j <= i; ++j) static_cast<void>(store.contains(key_of(j)));
        REQUIRE(i < 1000);
        if (i > 500) break;
    }
    if (!store.contains("a").value_or(true)) {
        CHECK(store.version_of("a").value_or(9) == 0);
        auto stale = store.batch();
        stale.expect_version("a", static_cast<std::uint64_t>(*first)).put("a", "2");
        CHECK(store.apply(stale).error() == errc::conflict);
    }
}

TEST_CASE("evicting: a row above the limit does not stay") {
    const timed_world at;
    auto store = opened<bounded_texts<ashlar::s3_fifo, ashlar::hash_map<>>>();
    REQUIRE(store.put("small", "1"));
    REQUIRE(store.put("large", std::string(limit + 1, 'v')));
    CHECK_FALSE(store.contains("large").value_or(true));
    CHECK(store.stack().evicting().used() <= limit);
}

TEST_CASE("evicting: rows that were there before count from the first write on") {
    using store_type = bounded_texts<ashlar::lru, ashlar::sorted_map<>>;
    using engine = ashlar::sorted_map<>::engine<store_type::row, ashlar::simulated, ashlar::shared>;
    const timed_world at;
    engine below;
    for (std::uint64_t i = 0; i < 3000; ++i)
        REQUIRE(below.put(ashlar::bytes_view{ashlar::text_view{key_of(i).c_str()}},
                          ashlar::bytes_view{ashlar::text_view{"0123456789"}}));
    store_type store{store_type::stack_type{std::move(below)}};
    CHECK(rows_in(store) == 3000);
    while (store.stack().evicting().used() > limit || store.stack().evicting().evicted() == 0)
        REQUIRE(store.put("one more", "1"));
    CHECK(rows_in(store) < 2500);
}

TEMPLATE_TEST_CASE("evicting: many writers and readers, never far above the limit", "[threads]",
                   (bounded_texts<ashlar::s3_fifo, ashlar::hash_map<>>),
                   (bounded_texts<ashlar::lru, ashlar::sorted_map<>>)) {
    const timed_world at;
    auto store = opened<TestType>();
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            ashlar::testing::random_source random{static_cast<std::uint64_t>(t)};
            for (int i = 0; i < 3000; ++i) {
                const std::string key = key_of(random.below(3000));
                if (random.one_in(2)) {
                    const auto value = store.get(key);
                    if (value && *value != key + std::string(100, 'v')) ++wrong;
                } else if (!store.put(key, key + std::string(100, 'v'))) {
                    ++wrong;
                }
                if (store.stack().evicting().used() > limit + 4 * 65 * 400) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    REQUIRE(store.put("last", "1"));
    CHECK(store.stack().evicting().used() <= limit);
    REQUIRE(store.clear());
    CHECK(store.stack().evicting().used() == 0);
}
