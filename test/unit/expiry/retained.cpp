// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/expiry/retained.hpp>

using namespace ashlar_test;

namespace {

constexpr std::uint64_t day = 86'400;

template <class Backend, class Expiry>
using retaining = ashlar::store<entry_key, std::string, ashlar::composite, by_group, Backend,
                                ashlar::simulated, ashlar::retained<day, Expiry>>;

/// Rows of the engine below, tombstones and all.
template <class Store>
std::size_t rows_below(Store& store) {
    typename Store::stack_type::position from{};
    std::size_t rows = 0;
    ashlar::write_batch expired;
    CHECK(store.stack().expiring().walk(from, [&](auto, auto) { ++rows; }, std::size_t(-1)));
    from = {};
    CHECK(store.stack().expiring().collect_expired(from, expired, std::size_t(-1)));
    return rows + expired.operation_count();
}

} // namespace

TEST_CASE("B-T4 O-E5 retained: a tombstone keeps the version for its time, then it is swept") {
    const timed_world at;
    auto store = opened<retaining<ashlar::sorted_map<>, ashlar::lazy_ttl>>();
    const entry_key a{"g", "a"}, other{"h", "a"};
    REQUIRE(store.put(a, "1"));
    REQUIRE(store.put(other, "1"));
    REQUIRE(store.put(a, "2"));
    REQUIRE(store.erase_group(a).value_or(false));
    CHECK(store.version_of(a).value_or(0) == 3);
    at.pass(24h - 1ns);
    CHECK(store.sweep().value_or(9) == 0);
    CHECK(store.version_of(a).value_or(0) == 3);
    CHECK(rows_below(store) == 3); // the tombstone, and group and entry of the other
    at.pass(1ns);
    CHECK(store.version_of(a).value_or(9) == 0); // it was never there
    CHECK(store.sweep().value_or(0) == 1);
    CHECK(rows_below(store) == 2);
    CHECK(store.get(other).value_or("") == "1");
    CHECK(store.version_of(other).value_or(0) == 1);
    REQUIRE(store.put(a, "3"));
    CHECK(store.version_of(a).value_or(0) == 1);
}

TEST_CASE("retained: a group that comes back in time goes on, and stays") {
    const timed_world at;
    auto store = opened<retaining<ashlar::sorted_map<>, ashlar::lazy_ttl>>();
    const entry_key a{"g", "a"};
    REQUIRE(store.put(a, "1"));
    REQUIRE(store.erase_group(a).value_or(false));
    at.pass(23h);
    REQUIRE(store.put(a, "2", 1h));
    CHECK(store.version_of(a).value_or(0) == 3);
    at.pass(1000h); // the entry has expired, its group has not
    CHECK(store.sweep().value_or(9) == 1);
    CHECK(store.version_of(a).value_or(0) == 3);
    // Erased again, it has its time from then on.
    REQUIRE(store.put(a, "4"));
    REQUIRE(store.erase_group(a).value_or(false));
    at.pass(24h);
    CHECK(store.version_of(a).value_or(9) == 0);
}

TEST_CASE("retained: writers sweep tombstones where expiry is active") {
    const timed_world at;
    auto store = opened<retaining<ashlar::sorted_map<>, ashlar::active_ttl<64, 1000>>>();
    for (int i = 0; i < 500; ++i) {
        const entry_key entry{"g" + std::to_string(i), "a"};
        REQUIRE(store.put(entry, "1"));
        REQUIRE(store.erase_group(entry).value_or(false));
    }
    CHECK(rows_below(store) == 500);
    at.pass(24h);
    for (int i = 0; i < 30; ++i) {
        at.pass(1ms);
        REQUIRE(store.put(entry_key{"x", "x"}, "1"));
    }
    CHECK(rows_below(store) == 2);
}
