// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace ashlar_test;

TEMPLATE_TEST_CASE("K-10 K-11 K-13 lazy_ttl: a row is gone from the moment its time is over", "",
                   (timed_texts<ashlar::hash_map<>>), (timed_texts<ashlar::sorted_map<>>),
                   (timed_texts<toy_backend>)) {
    const timed_world at;
    auto store = opened<TestType>();
    REQUIRE(store.put("a", "1", 10s));
    REQUIRE(store.put("b", "2"));
    CHECK(store.get("a").value_or("") == "1");
    at.pass(10s - 1ns);
    CHECK(store.contains("a").value_or(false));
    CHECK(store.get("a").value_or("") == "1");
    at.pass(1ns);
    CHECK_FALSE(store.contains("a").value_or(true));
    CHECK(store.get("a").error() == errc::not_found);
    std::string out = "as it was";
    CHECK_FALSE(store.get("a", out).value_or(true));
    CHECK(out == "as it was");
    bool visited = false;
    CHECK_FALSE(store.read("a", [&](const std::string&) { visited = true; }).value_or(true));
    const std::string keys[] = {"a", "b"};
    std::size_t seen = 9;
    REQUIRE(store.read_many(keys, 2, [&](std::size_t i, const std::string&) { seen = i; }));
    CHECK((!visited && seen == 1));
    CHECK(store.get("b").value_or("") == "2");
    // A put without a time to live makes a row that stays.
    REQUIRE(store.put("a", "3", 5s));
    REQUIRE(store.put("a", "4"));
    at.pass(1000h);
    CHECK(store.get("a").value_or("") == "4");
}

namespace {
struct counted_clock {
    std::uint64_t wall;
    mutable int readings = 0;
    mutable std::vector<std::uint64_t> declared{};
    [[nodiscard]] ashlar::wall_time now() const noexcept {
        ++readings;
        return ashlar::wall_time{wall};
    }
    void raise(std::uint64_t time) const noexcept { declared.push_back(time); }
};
} // namespace

TEST_CASE("lazy_ttl: many rows are judged by one reading of the clock") {
    const counted_clock clock{1000};
    ashlar::clock_reading reading{clock};
    CHECK(clock.readings == 0); // until it is needed
    CHECK_FALSE(reading.is_past(1001));
    CHECK(reading.is_past(1000));
    CHECK(reading.is_past(7));
    CHECK(reading.is_past(1000));
    CHECK_FALSE(reading.is_past(~std::uint64_t{}));
    CHECK(clock.readings == 1);
    CHECK(clock.declared == std::vector<std::uint64_t>{1000});
}

TEMPLATE_TEST_CASE("K-10 lazy_ttl: what read_many leaves out does not come back", "",
                   (timed_texts<ashlar::hash_map<>>), (timed_texts<toy_backend>)) {
    const timed_world at;
    auto store = opened<TestType>();
    REQUIRE(store.put("a", "1", 10s));
    REQUIRE(store.put("b", "2", 20s));
    at.pass(10s);
    const std::string keys[] = {"a", "b"};
    std::size_t seen = 9;
    REQUIRE(store.read_many(keys, 2, [&](std::size_t i, const std::string&) { seen = i; }));
    CHECK(seen == 1);
    at.set_wall(-5s);
    CHECK_FALSE(store.contains("a").value_or(true));
    CHECK(store.contains("b").value_or(false));
}

TEMPLATE_TEST_CASE("K-12 K-15 K-16 lazy_ttl: writes take an expired row for absent", "",
                   (timed_texts<ashlar::hash_map<>>), (timed_texts<ashlar::sorted_map<>>),
                   (timed_texts<toy_backend>)) {
    const timed_world at;
    auto store = opened<TestType>();
    const auto expired = [&](const char* key) {
        REQUIRE(store.put(key, "old", 1s));
        at.pass(1s);
    };
    expired("a");
    CHECK_FALSE(store.erase("a").value_or(true));
    CHECK_FALSE(store.erase("a").value_or(true));
    expired("a");
    CHECK(store.insert("a", "new").value_or(false));
    CHECK_FALSE(store.insert("a", "newer").value_or(true));
    expired("a");
    CHECK_FALSE(store.compare_exchange("a", "old", "new").value_or(true));
    CHECK(store.insert("a", "x", 1s).value_or(false));
    CHECK_FALSE(store.insert("a", "y", 1s).value_or(true));
    at.pass(1s);
    CHECK(store.insert("a", "y", 1s).value_or(false));
    expired("a");
    const auto old = store.exchange("a", "new");
    REQUIRE(old);
    CHECK_FALSE(old->existed);

    // Each check of a batch, and what it reports.
    expired("b");
    ashlar::face::conflict why{};
    auto present = store.batch();
    present.expect_present("b").put("c", "1");
    CHECK(store.apply(present, &why).error() == errc::conflict);
    CHECK((why.index == 0 && !why.found));
    auto equal = store.batch();
    equal.expect_equals("b", "old").put("c", "1");
    CHECK(store.apply(equal).error() == errc::conflict);
    auto absent = store.batch();
    absent.expect_absent("b").put("c", "1");
    CHECK(store.apply(absent));

    const auto done = store.transact([&](auto& tx) -> ashlar::result<void> {
        CHECK(tx.get("b").error() == errc::not_found);
        tx.put("b", "again", store.after(1s));
        return {};
    });
    REQUIRE(done);
    CHECK(store.get("b").value_or("") == "again");
    at.pass(1s);
    CHECK_FALSE(store.contains("b").value_or(true));
}

TEMPLATE_TEST_CASE("K-14 lazy_ttl: add and update keep the expiry, an expired row counts as none",
                   "", (timed_counters<ashlar::hash_map<>>), (timed_counters<ashlar::sorted_map<>>),
                   (timed_counters<toy_backend>)) {
    const timed_world at;
    auto store = opened<TestType>();
    REQUIRE(store.put("a", 40, 10s));
    at.pass(9s);
    CHECK(store.add("a", 2).value_or(0) == 42);
    CHECK(store.compare_exchange("a", 42, 43).value_or(false));
    const auto left = store.ttl_of("a");
    REQUIRE(left);
    CHECK((left->expires && left->nanoseconds == 1'000'000'000U));
    if constexpr (TestType::updates_in_place) {
        REQUIRE(store.update("a", [](std::int64_t& v, bool existed) {
            v += existed ? 1 : 1000;
            return ashlar::update_action::kind::write;
        }));
        CHECK(store.get("a").value_or(0) == 44);
    }
    at.pass(1s);
    if constexpr (TestType::updates_in_place) {
        bool there = true;
        REQUIRE(store.update("a", [&](std::int64_t&, bool existed) {
            there = existed;
            return ashlar::update_action::kind::keep;
        }));
        CHECK_FALSE(there);
    }
    CHECK_FALSE(store.contains("a").value_or(true));
    CHECK(store.add("a", 7).value_or(0) == 7);
    const auto stays = store.ttl_of("a");
    REQUIRE(stays);
    CHECK_FALSE(stays->expires);
    // In one batch: the second add sees the first one's row, not the expired one.
    REQUIRE(store.put("b", 1, 1s));
    at.pass(1s);
    auto twice = store.batch();
    twice.add("b", 10).add("b", 5);
    REQUIRE(store.apply(twice));
    CHECK(store.get("b").value_or(0) == 15);
    // A value that keeps the expiry of one put before it in the same batch.
    auto both = store.batch();
    both.put("c", 1, store.after(3s)).put_value("c", 2).put_value("d", 4);
    REQUIRE(store.apply(both));
    CHECK(store.ttl_of("c").value_or(ashlar::face::time_left{}).nanoseconds == 3'000'000'000U);
    CHECK_FALSE(store.ttl_of("d").value_or(ashlar::face::time_left{true}).expires);
}

TEMPLATE_TEST_CASE("lazy_ttl: the end of a row can be moved, taken away and asked for", "",
                   (timed_texts<ashlar::hash_map<>>), (timed_texts<ashlar::sorted_map<>>),
                   (timed_texts<toy_backend>),
                   (timed_texts<ashlar::sorted_map<>, ashlar::stamped>)) {
    const timed_world at;
    auto store = opened<TestType>();
    CHECK(store.ttl_of("a").error() == errc::not_found);
    CHECK_FALSE(store.expire_after("a", 1s).value_or(true));
    CHECK_FALSE(store.expire_at("a", at.wall()).value_or(true));
    CHECK_FALSE(store.persist("a").value_or(true));
    REQUIRE(store.put("a", "1"));
    CHECK_FALSE(store.ttl_of("a").value_or(ashlar::face::time_left{true}).expires);
    CHECK(store.expire_after("a", 2min).value_or(false));
    const auto left = store.ttl_of("a");
    REQUIRE(left);
    CHECK((left->expires && left->nanoseconds == 120'000'000'000U));
    CHECK(left->at == store.after(2min));
    CHECK(store.expire_at("a", store.after(1s)).value_or(false));
    CHECK(store.get("a").value_or("") == "1");
    CHECK(store.persist("a").value_or(false));
    at.pass(1000h);
    CHECK(store.get("a").value_or("") == "1");
    CHECK(store.expire_at("a", ashlar::wall_time{0}).value_or(false)); // long past, not never
    CHECK_FALSE(store.contains("a").value_or(true));
    REQUIRE(store.put("a", "2", 0s));
    CHECK_FALSE(store.contains("a").value_or(true));
    REQUIRE(store.put("a", "2", -5s));
    CHECK_FALSE(store.contains("a").value_or(true));
    REQUIRE(store.put("a", "2", std::chrono::hours::max())); // the far end of time, not the past
    CHECK(store.contains("a").value_or(false));
    CHECK(store.ttl_of("a").value_or(ashlar::face::time_left{}).expires);
    REQUIRE(store.put("a", "3", ashlar::wall_time{~std::uint64_t{}}));
    CHECK(store.contains("a").value_or(false));
}

TEMPLATE_TEST_CASE("lazy_ttl: scans, walks, snapshots and empty ranges leave expired rows out", "",
                   (timed_texts<ashlar::sorted_map<>>), (timed_texts<toy_backend>)) {
    const timed_world at;
    auto store = opened<TestType>();
    for (char key = 'a'; key <= 'z'; ++key) {
        const std::string text(1, key);
        if ((key - 'a') % 3 == 0) REQUIRE(store.put(text, text));
        else REQUIRE(store.put(text, text, 1s));
    }
    const auto scanned = [&](auto&& rows) {
        std::string seen;
        for (const auto& [key, value] : rows) seen += key;
        return seen;
    };
    CHECK(scanned(store.scan()).size() == 26);
    const auto whole = [&] {
        if constexpr (ashlar::snapshot_engine<typename TestType::stack_type>)
            return store.snapshot();
        else return ashlar::result<int>{0};
    }();
    at.pass(1s);
    CHECK(scanned(store.scan()) == "adgjmpsvy");
    CHECK(scanned(store.scan().limit(4)) == "adgj");
    CHECK(scanned(store.scan().reverse().limit(2)) == "yv");
    CHECK(scanned(store.scan("b", "h")) == "dg");
    std::size_t walked = 0;
    typename TestType::stack_type::position from{};
    for (bool more = true; more;) {
        const auto left = store.walk(from, [&](const auto&, const auto&) { ++walked; }, 2);
        REQUIRE(left);
        more = *left;
    }
    CHECK(walked == 9);
    if constexpr (ashlar::snapshot_engine<typename TestType::stack_type>) {
        // A snapshot stays what it was; one that is taken now is without them.
        REQUIRE(whole);
        CHECK(scanned(whole->scan()).size() == 26);
        CHECK(whole->get("b").value_or("") == "b");
        const auto now = store.snapshot();
        REQUIRE(now);
        CHECK(scanned(now->scan()) == "adgjmpsvy");
        CHECK(now->get("b").error() == errc::not_found);
    }
    auto empty = store.batch();
    empty.expect_range_empty("b", "d").put("bb", "1");
    CHECK(store.apply(empty));
    auto full = store.batch();
    full.expect_range_empty("e", "h").put("ee", "1"); // g is there
    CHECK(store.apply(full).error() == errc::conflict);
    CHECK(scanned(store.scan("a", "h")) == "abbdg");
    auto erased = store.batch();
    erased.erase_range("a", "h");
    CHECK(store.apply(erased));
    CHECK(scanned(store.scan()) == "jmpsvy");
}

TEST_CASE("lazy_ttl: an empty range of thousands of expired rows is seen to be empty") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::sorted_map<>>>();
    for (int i = 0; i < 2000; ++i) REQUIRE(store.put("k" + std::to_string(i), "1", 1s));
    at.pass(1s);
    auto batch = store.batch();
    batch.expect_range_empty("k", "l").put("k", "first");
    CHECK(store.apply(batch));
    CHECK(store.sweep().value_or(9) == 0); // the check had to erase them all
}

TEMPLATE_TEST_CASE("K-17 lazy_ttl: a sweep erases what has expired, and only that", "",
                   (timed_texts<ashlar::hash_map<>>), (timed_texts<ashlar::sorted_map<>>),
                   (timed_texts<toy_backend>), (timed_texts<ashlar::hash_map<>, ashlar::stamped>)) {
    const timed_world at;
    auto store = opened<TestType>();
    for (int i = 0; i < 20; ++i)
        REQUIRE(store.put("k" + std::to_string(i), "v", i % 2 == 0 ? 1s : 1000s));
    for (int i = 0; i < 1000; ++i) REQUIRE(store.put("stays" + std::to_string(i), "v"));
    CHECK(store.sweep().value_or(9) == 0);
    at.pass(1s);
    CHECK(store.sweep().value_or(0) == 10);
    CHECK(store.sweep().value_or(9) == 0);
    for (int i = 0; i < 20; ++i)
        CHECK(store.contains("k" + std::to_string(i)).value_or(i % 2 == 0) == (i % 2 == 1));
    // In steps of a bounded number of rows, round after round.
    at.pass(1000s);
    std::size_t erased = 0, steps = 0;
    while (erased < 10 && ++steps < 1000) {
        const auto some = store.maintain(16);
        REQUIRE(some);
        CHECK(*some <= 16);
        erased += *some;
    }
    CHECK(erased == 10);
    CHECK(steps <= (1000 + 20) / 16 + 40);
    std::size_t rows = 0;
    REQUIRE(store.for_each([&](const auto&, const auto&) { ++rows; }));
    CHECK(rows == 1000);
}

TEST_CASE("lazy_ttl: memory returns with a sweep") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::sorted_map<>>>();
    const std::size_t empty = store.memory_used();
    for (int i = 0; i < 10000; ++i)
        REQUIRE(store.put("k" + std::to_string(i), std::string(100, 'v'), 1s));
    CHECK(store.memory_used() > empty + 1'000'000);
    at.pass(1s);
    CHECK(store.sweep().value_or(0) == 10000);
    CHECK(store.memory_used() <= empty + 4096);
}

TEST_CASE("G16 lazy_ttl: a wall clock that is set back brings nothing back") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::hash_map<>>>();
    REQUIRE(store.put("seen", "1", 10s));
    REQUIRE(store.put("unseen", "1", 10s));
    REQUIRE(store.put("later", "1", 1000s));
    at.pass(10s);
    CHECK_FALSE(store.contains("seen").value_or(true));
    at.set_wall(-8760h);
    CHECK_FALSE(store.contains("seen").value_or(true));
    CHECK_FALSE(store.contains("unseen").value_or(true)); // its time had come as well
    CHECK(store.contains("later").value_or(false));
    // What is put meanwhile lives as long as it was told to.
    REQUIRE(store.put("new", "1", 5s));
    at.pass(5s - 1ns);
    CHECK(store.contains("new").value_or(false));
    at.pass(1ns);
    CHECK_FALSE(store.contains("new").value_or(true));
    CHECK_FALSE(store.insert("new", "2").value_or(false) == false);
    // And time goes on where the wall clock stands still behind.
    at.pass(985s);
    CHECK_FALSE(store.contains("later").value_or(true));
    at.set_wall(+8760h);
    CHECK_FALSE(store.contains("seen").value_or(true));
    CHECK(store.contains("new").value_or(false));
}

TEST_CASE("G16 lazy_ttl: a wall clock that jumped ahead and back, unseen, takes nothing") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::hash_map<>>>();
    REQUIRE(store.put("a", "1", 10s));
    at.set_wall(+8760h);
    at.set_wall(-8760h);
    CHECK(store.contains("a").value_or(false));
    at.pass(9s);
    CHECK(store.contains("a").value_or(false));
}

TEST_CASE("K-05 O-E3 lazy_ttl: versions survive expiry", "") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::hash_map<>, ashlar::stamped>>();
    const auto first = store.put("a", "1", 1s);
    REQUIRE(first);
    CHECK(store.version_of("a").value_or(0) == static_cast<std::uint64_t>(*first));
    at.pass(1s);
    CHECK(store.version_of("a").value_or(9) == 0);
    CHECK(store.get_versioned("a").error() == errc::not_found);
    // Nobody can take the row that comes back for the one that was there.
    auto stale = store.batch();
    stale.expect_version("a", static_cast<std::uint64_t>(*first)).put("a", "2");
    CHECK(store.apply(stale).error() == errc::conflict);
    auto fresh = store.batch();
    fresh.expect_version("a", 0).put("a", "2", store.after(1s));
    const auto second = store.apply(fresh);
    REQUIRE(second);
    CHECK(*second > *first);
    at.pass(1s);
    CHECK(store.sweep().value_or(0) == 1);
    const auto third = store.put("a", "3");
    REQUIRE(third);
    CHECK(*third > *second);
}

TEST_CASE("O-E2 O-E5 lazy_ttl: entries of a group expire, its version and its tombstone stay") {
    using store_type = ashlar::store<entry_key, std::string, ashlar::composite, by_group,
                                     ashlar::sorted_map<>, ashlar::simulated, ashlar::lazy_ttl>;
    const timed_world at;
    auto store = opened<store_type>();
    REQUIRE(store.put(entry_key{"g", "a"}, "1", 1s));
    REQUIRE(store.put(entry_key{"g", "b"}, "1", 1s));
    const auto version = store.version_of(entry_key{"g", "a"});
    REQUIRE(version);
    at.pass(1s);
    CHECK(store.version_of(entry_key{"g", "a"}).value_or(0) == *version);
    // Erasing what has expired changes nothing, so it moves no version; nor does a sweep.
    CHECK_FALSE(store.erase(entry_key{"g", "a"}).value_or(true));
    CHECK(store.sweep().value_or(0) == 2);
    CHECK(store.version_of(entry_key{"g", "a"}).value_or(0) == *version);
    REQUIRE(store.put(entry_key{"g", "a"}, "2", 1s));
    CHECK(store.version_of(entry_key{"g", "a"}).value_or(0) == *version + 1);
    REQUIRE(store.erase_group(entry_key{"g", "a"}).value_or(false));
    at.pass(1000h);
    CHECK(store.sweep().value_or(9) == 0);
    CHECK(store.version_of(entry_key{"g", "a"}).value_or(0) == *version + 2);
}

TEST_CASE("K-15 K-19 lazy_ttl: of many who lock a key whose time is over, one wins", "[threads]") {
    const timed_world at;
    auto store = opened<timed_texts<ashlar::hash_map<>>>();
    for (int round = 0; round < 20; ++round) {
        REQUIRE(store.put("lock", "dead", 1s));
        at.pass(1s);
        std::atomic<int> winners{0};
        std::vector<std::thread> racers;
        for (int i = 0; i < 4; ++i)
            racers.emplace_back([&, i] {
                if (store.insert("lock", std::to_string(i), 30s).value_or(false)) ++winners;
            });
        for (auto& racer : racers) racer.join();
        CHECK(winners == 1);
        CHECK(store.erase("lock").value_or(false));
    }
}
