// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/feed/bounded_events.hpp>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

using namespace ashlar_test;
using ashlar::event_kind;

namespace {

template <class Backend, class... Policies>
using told_texts = ashlar::store<std::string, std::string, Backend, ashlar::simulated,
                                 ashlar::bounded_events<>, Policies...>;

/// What is waiting, one letter and the key each: "+a" put, "-a" erased, "." a summary.
template <class Subscription>
std::string heard(Subscription& events) {
    std::string all;
    events.poll([&](const auto& e) {
        switch (e.kind()) {
        case event_kind::put: all += "+" + e.key().value_or("?"); break;
        case event_kind::erase: all += "-" + e.key().value_or("?"); break;
        case event_kind::erase_range:
            all += "-[" + e.range_begin().template as<std::string>() + "," +
                   e.range_end().template as<std::string>() + ")";
            break;
        case event_kind::summary: all += "."; break;
        }
    });
    return all;
}

} // namespace

TEMPLATE_TEST_CASE("O-V1 bounded_events: every commit is told, in the order of effect", "",
                   (told_texts<ashlar::hash_map<>>), (told_texts<ashlar::sorted_map<>>),
                   (told_texts<ashlar::hash_map<>, ashlar::stamped>),
                   (told_texts<ashlar::sorted_map<>, ashlar::lazy_ttl>)) {
    const timed_world at;
    auto store = opened<TestType>();
    REQUIRE(store.put("before", "1"));
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    CHECK(heard(*events).empty());
    REQUIRE(store.put("a", "1"));
    REQUIRE(store.put("b", "1"));
    REQUIRE(store.erase("a"));
    REQUIRE(store.erase("nothing"));
    CHECK(store.insert("c", "1").value_or(false));
    CHECK_FALSE(store.insert("c", "2").value_or(true)); // no change, no event
    REQUIRE(store.exchange("c", "3"));
    CHECK(heard(*events) == "+a+b-a+c+c");
    auto batch = store.batch();
    batch.put("x", "1").erase("b").put("y", "1");
    REQUIRE(store.apply(batch));
    auto refused = store.batch();
    refused.expect_absent("x").put("z", "1");
    CHECK(store.apply(refused).error() == errc::conflict);
    CHECK(heard(*events) == "+x-b+y");
    CHECK(events->dropped() == 0);
    if constexpr (TestType::row::fields.version) {
        REQUIRE(store.put("v", "1"));
        events->poll([&](const auto& e) {
            CHECK(e.version() == store.version_of("v").value_or(0));
            CHECK(static_cast<std::uint64_t>(e.sequence()) == e.version());
        });
    }
}

TEST_CASE("O-V2 bounded_events: a full queue drops and counts, and no writer waits") {
    const timed_world at;
    auto store = opened<told_texts<ashlar::hash_map<>>>();
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    for (int i = 0; i < 1500; ++i) REQUIRE(store.put("k" + std::to_string(i), "1"));
    CHECK(events->waiting() == 1024);
    CHECK(events->dropped() == 1500 - 1024);
    std::uint64_t last = 0;
    CHECK(events->poll([&](const auto& e) { last = e.number(); }, 24) == 24);
    CHECK(last == 24); // numbers begin at 1
    for (int i = 0; i < 3; ++i) REQUIRE(store.put("more", "1"));
    std::uint64_t gaps = 0, before = 24;
    CHECK(events->poll([&](const auto& e) {
        gaps += e.number() - before - 1;
        before = e.number();
    }) == 1003);
    CHECK(gaps == events->dropped()); // what is missing is what was counted
    CHECK(before == 1503);
}

TEST_CASE("O-V3 bounded_events: a large batch makes so many events and one summary") {
    const timed_world at;
    auto store = opened<told_texts<ashlar::sorted_map<>>>();
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    auto large = store.batch();
    for (int i = 0; i < 300; ++i) large.put("k" + std::to_string(i), "1");
    REQUIRE(store.apply(large));
    std::size_t singles = 0, summaries = 0;
    events->poll([&](const auto& e) {
        if (e.kind() != event_kind::summary) {
            ++singles;
            return;
        }
        ++summaries;
        CHECK((e.changed() == 300 && e.emitted() == 256 && e.remaining() == 44));
        REQUIRE(e.sample_size() == 32);
        CHECK(e.sample(0).value_or("") == "k256");
        CHECK(e.sample(31).value_or("") == "k287");
        CHECK(e.key().error() == errc::not_found);
    });
    CHECK((singles == 256 && summaries == 1));
    auto exact = store.batch();
    for (int i = 0; i < 256; ++i) exact.put("k" + std::to_string(i), "2");
    REQUIRE(store.apply(exact));
    CHECK(events->poll([&](const auto& e) { CHECK(e.kind() == event_kind::put); }) == 256);
}

TEST_CASE("O-V1 bounded_events: changes of a group carry its version, its own row is no event") {
    using store_type =
        ashlar::store<entry_key, std::string, ashlar::composite, by_group, ashlar::sorted_map<>,
                      ashlar::simulated, ashlar::bounded_events<8, 4, 2>>;
    const timed_world at;
    auto store = opened<store_type>();
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    auto batch = store.batch();
    batch.put(entry_key{"g", "a"}, "1").put(entry_key{"g", "b"}, "1").erase(entry_key{"g", "c"});
    REQUIRE(store.apply(batch));
    std::vector<std::string> told;
    const auto listen = [&] {
        told.clear();
        events->poll([&](const auto& e) {
            const auto key = e.key();
            told.push_back((key ? key->second : "?") + std::to_string(e.version()));
        });
    };
    listen();
    CHECK(told == std::vector<std::string>{"a1", "b1", "c1"});
    auto large = store.batch();
    for (const char* key : {"a", "b", "c", "d", "e", "f", "g"}) large.put(entry_key{"g", key}, "2");
    REQUIRE(store.apply(large));
    listen();
    CHECK(told == std::vector<std::string>{"a2", "b2", "c2", "d2", "?2"});
    REQUIRE(store.erase_group(entry_key{"g", "a"}).value_or(false));
    std::size_t ranges = 0;
    events->poll([&](const auto& e) {
        CHECK(e.kind() == event_kind::erase_range);
        CHECK(e.version() == 3);
        CHECK_FALSE(e.range_begin().empty());
        ++ranges;
    });
    CHECK(ranges == 1);
}

TEST_CASE("O-V4 bounded_events: every subscriber has its own queue, for as long as it lives") {
    const timed_world at;
    auto store = opened<told_texts<ashlar::hash_map<>>>();
    auto first = ashlar::subscribe(store);
    REQUIRE(first);
    REQUIRE(store.put("a", "1"));
    {
        auto second = ashlar::subscribe(store);
        REQUIRE(second);
        REQUIRE(store.put("b", "1"));
        CHECK(heard(*second) == "+b");
        auto moved = std::move(*second);
        REQUIRE(store.put("c", "1"));
        CHECK(heard(moved) == "+c");
        *first = std::move(moved); // ends the first one's subscription
    }
    REQUIRE(store.put("d", "1"));
    CHECK(heard(*first) == "+d");
    {
        const auto gone = std::move(store);
    }
    CHECK(heard(*first).empty()); // the store is gone, the subscription is not
}

TEST_CASE("bounded_events: sweeps and evictions are told, too") {
    const timed_world at;
    using store_type = ashlar::store<std::string, std::string, ashlar::sorted_map<>,
                                     ashlar::simulated, ashlar::single, ashlar::bounded_events<>,
                                     ashlar::evicting<ashlar::lru, 10'000, ashlar::lazy_ttl>>;
    auto store = opened<store_type>();
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    REQUIRE(store.put("a", "1", 1s));
    at.pass(1s);
    CHECK_FALSE(store.contains("a").value_or(true)); // reading changes nothing
    CHECK(heard(*events) == "+a");
    CHECK(store.sweep().value_or(0) == 1);
    CHECK(heard(*events) == "-a");
    for (int i = 0; i < 6; ++i)
        REQUIRE(store.put(std::string(1, char('b' + i)), std::string(2000, 'v')));
    CHECK(heard(*events) == "+b+c+d+e+f-b+g-c");
}

TEST_CASE("bounded_events under a log: what is told has been logged") {
    const timed_world at;
    using store_type = told_texts<ashlar::sorted_map<>, ashlar::logged<>>;
    auto store = store_type::open({.directory = "db"});
    REQUIRE(store);
    auto events = ashlar::subscribe(*store);
    REQUIRE(events);
    REQUIRE(store->put("a", "1"));
    REQUIRE(store->erase("a"));
    CHECK(heard(*events) == "+a-a");
    REQUIRE(store->checkpoint());
}

TEST_CASE("bounded_events: many writers; each key's events come in the order of its changes",
          "[threads]") {
    const timed_world at;
    using store_type = ashlar::store<std::string, std::string, ashlar::simulated, ashlar::stamped,
                                     ashlar::bounded_events<100'000>>;
    auto store = opened<store_type>();
    auto events = ashlar::subscribe(store);
    REQUIRE(events);
    std::atomic<int> failures{0};
    std::vector<std::thread> writers;
    const int each = 2000;
    for (int t = 0; t < 4; ++t)
        writers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
                if (!store.put("k" + std::to_string((i + t) % 7), "1")) ++failures;
        });
    std::map<std::string, std::uint64_t> versions;
    std::size_t seen = 0;
    const auto listen = [&] {
        seen += events->poll([&](const auto& e) {
            auto& last = versions[e.key().value_or("")];
            if (e.version() <= last) ++failures;
            last = e.version();
        });
    };
    while (seen < 4 * each / 2) listen();
    for (auto& writer : writers) writer.join();
    listen();
    CHECK(failures == 0);
    CHECK(seen + events->dropped() == std::size_t{4} * each);
    for (const auto& [key, version] : versions) CHECK(store.version_of(key).value_or(0) == version);
}
