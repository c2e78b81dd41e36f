// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/stores.hpp"

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

using namespace ashlar_test;

// Backends with and without the in-place path: the same versions on both.
TEMPLATE_TEST_CASE("K-05 K-06 stamped: every entry has a version, and each write a higher one", "",
                   (text_counters<toy_backend, ashlar::stamped>),
                   (text_counters<ashlar::sorted_map<>, ashlar::stamped>),
                   (text_counters<ashlar::hash_map<>, ashlar::stamped>)) {
    auto store = opened<TestType>();
    std::uint64_t last = 0;
    const auto grew = [&](const char* key) {
        const auto now = store.version_of(key);
        REQUIRE(now);
        const bool higher = *now > last;
        last = *now;
        return higher;
    };
    CHECK(store.version_of("a").value_or(9) == 0); // what was never there
    REQUIRE(store.put("a", 1));
    CHECK(grew("a"));
    REQUIRE(store.put("a", 1)); // also on an overwrite with the same value
    CHECK(grew("a"));
    REQUIRE(store.add("a", 1));
    CHECK(grew("a"));
    REQUIRE(store.compare_exchange("a", 2, 3));
    CHECK(grew("a"));
    REQUIRE(store.exchange("a", 4));
    CHECK(grew("a"));
    REQUIRE(store.transact([](auto& tx) { return tx.put("a", 5), ashlar::result<void>{}; }));
    CHECK(grew("a"));
    if constexpr (TestType::updates_in_place) {
        REQUIRE(store.update(
            "a", [](std::int64_t& v, bool) { return ++v, ashlar::update_action::kind::write; }));
        CHECK(grew("a"));
    }
    const auto both = store.get_versioned("a");
    REQUIRE(both);
    CHECK(both->version == last);
    CHECK(store.get_versioned("b").error() == errc::not_found);

    // The receipt of a write is the version it gave, and all rows of a batch have one.
    auto batch = store.batch();
    batch.put("x", 1).put("y", 2).add("a", 1);
    const auto receipt = store.apply(batch);
    REQUIRE(receipt);
    for (const char* key : {"x", "y", "a"})
        CHECK(store.version_of(key).value_or(0) == static_cast<std::uint64_t>(*receipt));
    CHECK(static_cast<std::uint64_t>(*receipt) > last);
}

TEMPLATE_TEST_CASE("X5-6 stamped: what was erased and came back is not what it was", "",
                   (text_counters<toy_backend, ashlar::stamped>),
                   (text_counters<ashlar::sorted_map<>, ashlar::stamped>),
                   (text_counters<ashlar::hash_map<>, ashlar::stamped>)) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 1));
    const auto before = store.version_of("a");
    REQUIRE(before);

    const auto comes_back = [&](auto&& remove) {
        remove();
        CHECK(store.version_of("a").value_or(9) == 0);
        REQUIRE(store.put("a", 1));
        const auto after = store.version_of("a");
        REQUIRE(after);
        CHECK(*after > *before);
        auto stale = store.batch();
        stale.expect_version("a", *before).put("a", 99);
        typename TestType::conflict seen;
        CHECK(store.apply(stale, &seen).error() == errc::conflict);
        CHECK((seen.index == 0 && seen.found));
        CHECK((seen.expected == *before && seen.actual == *after));
        CHECK(store.get("a").value_or(0) == 1);
    };
    comes_back([&] { CHECK(store.erase("a").value_or(false)); });
    comes_back([&] { CHECK(store.clear()); });
    comes_back([&] {
        auto batch = store.batch();
        CHECK(store.apply(batch.erase("a")));
    });

    // Version 0 is absence.
    auto absent = store.batch();
    REQUIRE(store.apply(absent.expect_version("new", 0).put("new", 1)));
    auto present = store.batch();
    typename TestType::conflict seen;
    CHECK(store.apply(present.expect_version("new", 0).put("new", 2), &seen).error() ==
          errc::conflict);
    CHECK((seen.expected == 0 && seen.actual != 0));
    auto gone = store.batch();
    CHECK(store.apply(gone.expect_version("never", 7).put("never", 2), &seen).error() ==
          errc::conflict);
    CHECK((!seen.found && seen.expected == 7 && seen.actual == 0));
}

TEMPLATE_TEST_CASE("X5-6 stamped: of two writers with one version, one wins", "[threads]",
                   (text_counters<ashlar::sorted_map<>, ashlar::stamped>),
                   (text_counters<ashlar::hash_map<>, ashlar::stamped>)) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 0));
    std::atomic<int> wins = 0, failures = 0;
    constexpr unsigned rounds = 300;
    std::atomic<unsigned> looked = 0, tried = 0;
    const auto race = [&] {
        for (unsigned round = 1; round <= rounds; ++round) {
            const auto version = store.version_of("a");
            ++looked; // both have seen the version before one of them moves it
            while (looked.load() < 2 * round) std::this_thread::yield();
            auto batch = store.batch();
            const auto done =
                store.apply(batch.expect_version("a", version.value_or(0)).add("a", 1));
            wins += bool(done);
            failures += !done && done.error() != errc::conflict;
            ++tried;
            while (tried.load() < 2 * round) std::this_thread::yield();
        }
    };
    std::thread other{race};
    race();
    other.join();
    CHECK((failures == 0 && wins == int{rounds}));
    CHECK(store.get("a").value_or(0) == rounds);
}

// Nobody but the face writes rows today; a layer above that forgets the header must not get the
// version written over the first bytes of its value, or behind the end of its row.
TEMPLATE_TEST_CASE("stamped: a row without room for its header is refused, and nothing is written",
                   "", (texts<ashlar::sorted_map<>, ashlar::stamped>),
                   (texts<ashlar::hash_map<>, ashlar::stamped>),
                   (text_counters<ashlar::sorted_map<>, ashlar::stamped>),
                   (text_counters<ashlar::hash_map<>, ashlar::stamped>)) {
    using row = typename TestType::row;
    auto store = opened<TestType>();
    const std::string name = "a";
    const auto key = TestType::encode(name);
    const std::string bytes(row::header_size + sizeof(std::int64_t) + 1, 'x');
    const auto put = [&](std::size_t size) {
        return store.stack().put(key.view(), ashlar::text_view{bytes.data(), size});
    };
    for (std::size_t size = 0; size < row::header_size; ++size)
        CHECK(put(size).error() == errc::invalid_argument);
    CHECK(store.size() == 0);

    // Rows of fixed length have that one and no other.
    constexpr bool fixed = row::row_extent != ashlar::dynamic_extent;
    const std::size_t whole = row::header_size + sizeof(std::int64_t);
    CHECK(bool(put(row::header_size)) == !fixed);
    CHECK(bool(put(whole + 1)) == !fixed);
    const auto version = put(whole);
    REQUIRE(version);
    CHECK(store.version_of("a").value_or(0) == static_cast<std::uint64_t>(*version));
    CHECK(store.read_bytes("a", [&](ashlar::bytes_view payload) {
        CHECK(payload == ashlar::bytes_view{ashlar::text_view{"xxxxxxxx"}});
    }));
}
