// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

#include <map>

using namespace ashlar_test;

namespace {

using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;

} // namespace

TEMPLATE_TEST_CASE("all keys: walks, over every backend", "", text_counters<toy_backend>,
                   text_counters<unordered_toy>, text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    std::map<std::string, std::int64_t> model;
    for (std::int64_t i = 0; i < 1000; ++i) model["key" + std::to_string(i)] = i;
    REQUIRE(store.bulk_load(model).value_or(0) == 1000);

    SECTION("for_each visits each once when nothing changes") {
        std::map<std::string, std::int64_t> seen;
        std::size_t visits = 0;
        REQUIRE(store.for_each([&](const std::string& key, std::int64_t value) {
            seen[key] = value;
            ++visits;
        }));
        CHECK((seen == model && visits == 1000));
    }
    SECTION("walk goes on from its position, and stops when told") {
        std::map<std::string, std::int64_t> seen;
        typename TestType::stack_type::position at{};
        const auto note = [&](const std::string& key, std::int64_t value) { seen[key] = value; };
        auto more = store.walk(at, note, 10);
        REQUIRE(more);
        CHECK((*more && !seen.empty()));
        while (more && *more) more = store.walk(at, note, 64);
        REQUIRE(more);
        CHECK(seen == model);

        int visits = 0;
        typename TestType::stack_type::position again{};
        const auto stopped = store.walk(again, [&](const auto&, auto) { return ++visits < 3; });
        REQUIRE(stopped);
        CHECK((*stopped && visits == 3));
    }
    SECTION("a row present throughout is visited under change, also by the visitor itself") {
        std::map<std::string, std::int64_t> seen;
        std::int64_t n = 0;
        REQUIRE(store.for_each([&](const std::string& key, std::int64_t value) {
            seen[key] = value;
            if (n++ < 300) {
                REQUIRE(store.put("late" + std::to_string(n), -n));
                REQUIRE(store.erase("late" + std::to_string(n - 1)));
            }
        }));
        for (const auto& [key, value] : model) CHECK(seen[key] == value);
    }
}

TEMPLATE_TEST_CASE("all keys: a store that counts and weighs its rows", "", text_counters<sorted>,
                   text_counters<hashed>) {
    auto store = opened<TestType>();
    CHECK(store.size() == 0);
    const std::size_t empty = store.memory_used();
    for (int i = 0; i < 100; ++i) REQUIRE(store.put("key" + std::to_string(i), i));
    CHECK((store.size() == 100 && store.memory_used() > empty));
    REQUIRE(store.erase("key7"));
    CHECK(store.size() == 99);
}

TEST_CASE("all keys: stores of other formats have another identity") {
    auto a = opened<text_counters<toy_backend>>();
    auto b = opened<texts<toy_backend>>();
    auto c = opened<text_counters<sorted>>();
    CHECK((a.identity() != b.identity() && b.identity() != c.identity() &&
           a.identity() != c.identity()));
}
