// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/stores.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace ashlar_test;

namespace {
using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;
using done = ashlar::result<void>;
} // namespace

TEMPLATE_TEST_CASE("transact: reads see own writes, and all is committed at once", "",
                   text_counters<toy_backend>, text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 10));
    const auto committed = store.transact([&](auto& tx) -> done {
        CHECK(tx.get("a").value_or(0) == 10);
        CHECK(tx.get("b").error() == errc::not_found);
        tx.put("a", 4).put("b", 6);
        CHECK(tx.get("a").value_or(0) == 4);
        CHECK(tx.get("b").value_or(0) == 6);
        tx.erase("b");
        CHECK(tx.get("b").error() == errc::not_found);
        CHECK(store.get("a").value_or(0) == 10); // nothing before the commit
        tx.put("b", 7);
        return {};
    });
    REQUIRE(committed);
    CHECK((store.get("a").value_or(0) == 4 && store.get("b").value_or(0) == 7));
}

TEMPLATE_TEST_CASE("transact: an error from the function changes nothing and is answered", "",
                   text_counters<toy_backend>, text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    int calls = 0;
    const auto refused = store.transact([&](auto& tx) -> done {
        ++calls;
        tx.put("a", 1);
        return errc::invalid_argument;
    });
    CHECK((refused.error() == errc::invalid_argument && calls == 1));
    CHECK(store.get("a").error() == errc::not_found);
}

TEMPLATE_TEST_CASE("transact: a lost race is run again, bounded", "", text_counters<toy_backend>,
                   text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 1));

    SECTION("once") {
        int calls = 0;
        REQUIRE(store.transact([&](auto& tx) -> done {
            const auto before = tx.get("a");
            if (!before) return before.error();
            if (++calls == 1) REQUIRE(store.put("a", 100)); // another writer comes in between
            tx.put("a", *before + 1);
            return {};
        }));
        CHECK((calls == 2 && store.get("a").value_or(0) == 101));
    }
    SECTION("a key that was absent counts as read") {
        int calls = 0;
        REQUIRE(store.transact([&](auto& tx) -> done {
            const bool there = tx.get("new").has_value();
            if (++calls == 1) REQUIRE(store.put("new", 5));
            if (!there) tx.put("new", 1);
            return {};
        }));
        CHECK((calls == 2 && store.get("new").value_or(0) == 5));
    }
    SECTION("for ever: contended, after as many attempts as asked for") {
        int calls = 0;
        const auto lost = store.transact(
            [&](auto& tx) -> done {
                static_cast<void>(tx.get("a"));
                REQUIRE(store.add("a", 1));
                tx.put("b", ++calls);
                return {};
            },
            5);
        CHECK((lost.error() == errc::contended && calls == 5));
        CHECK(store.get("b").error() == errc::not_found);
    }
}

TEMPLATE_TEST_CASE("transact: 4 threads x 1000 transfers keep the sum", "[threads]",
                   text_counters<sorted>, text_counters<hashed>,
                   (text_counters<sorted, ashlar::stamped>)) {
    auto store = opened<TestType>();
    constexpr int accounts = 64;
    const auto name = [](unsigned i) { return "account" + std::to_string(i % accounts); };
    for (unsigned i = 0; i < accounts; ++i) REQUIRE(store.put(name(i), 1000));

    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            unsigned random = t * 7919 + 1;
            for (int i = 0; i < 1000; ++i) {
                random = random * 1664525 + 1013904223;
                const std::string from = name(random >> 8), to = name(random >> 16);
                if (from == to) continue;
                const auto moved = store.transact(
                    [&](auto& tx) -> done {
                        const auto a = tx.get(from), b = tx.get(to);
                        if (!a) return a.error();
                        if (!b) return b.error();
                        tx.put(from, *a - 1).put(to, *b + 1);
                        return {};
                    },
                    1000);
                failures += !moved;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    std::int64_t sum = 0;
    REQUIRE(store.for_each([&](const std::string&, std::int64_t value) { sum += value; }));
    CHECK((failures == 0 && sum == accounts * 1000));
}

TEMPLATE_TEST_CASE("add and compare_exchange from 4 threads lose nothing", "[threads]",
                   text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put("swapped", 0));
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                failures += !store.add("added", 1);
                for (bool swapped = false; !swapped;) {
                    const auto now = store.get("swapped");
                    if (!now) return void(++failures);
                    const auto tried = store.compare_exchange("swapped", *now, *now + 1);
                    if (!tried) return void(++failures);
                    swapped = *tried;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK((store.get("added").value_or(0) == 2000 && store.get("swapped").value_or(0) == 2000));
}
