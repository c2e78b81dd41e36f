// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

using namespace ashlar_test;

TEST_CASE("snapshot: one moment, while writers go on") {
    auto store = opened<texts<ashlar::sorted_map<>>>();
    for (const char* key : {"a", "b", "c"}) REQUIRE(store.put(key, "old"));
    auto taken = store.snapshot();
    REQUIRE(taken);
    auto snapshot = std::move(*taken);

    REQUIRE(store.put("a", "new"));
    REQUIRE(store.erase("b"));
    REQUIRE(store.put("d", "new"));

    CHECK(snapshot.get("a").value_or("") == "old");
    CHECK(snapshot.get("b").value_or("") == "old");
    CHECK(snapshot.get("d").error() == errc::not_found);
    std::string keys;
    for (const auto& [key, value] : snapshot.scan()) {
        CHECK(value == "old");
        keys += key;
    }
    CHECK(keys == "abc");
    keys.clear();
    for (const auto& row : snapshot.scan("b", "zz")) keys += row.key;
    CHECK(keys == "bc");
    CHECK(store.get("a").value_or("") == "new");
}

TEST_CASE("snapshot: groups' own rows stay hidden") {
    auto store = opened<grouped<ashlar::sorted_map<>>>();
    REQUIRE(store.put({"g", "a"}, "1"));
    REQUIRE(store.put({"g", "b"}, "2"));
    const auto snapshot = store.snapshot();
    REQUIRE(snapshot);
    REQUIRE(store.erase({"g", "a"}));
    std::string seen;
    for (const auto& row : snapshot->scan()) seen += row.key.second + row.value;
    CHECK(seen == "a1b2");
    CHECK(snapshot->get({"g", "a"}).value_or("") == "1");
}
