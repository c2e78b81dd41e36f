// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "matrix/policies.hpp"
#include "unit/environment/scratch.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace ashlar_test::matrix {

inline void held(bool yes, const char* what) {
    INFO(what);
    CHECK(yes);
}

// Each verb of a store is called in one place only: what the library inlines is
// compiled once.

template <class Store>
[[nodiscard]] bool missing(const Store& db, const typename Store::key_type& key) {
    return db.get(key).error() == ashlar::errc::not_found;
}
template <class Store>
[[nodiscard]] bool holds(const Store& db, const typename Store::key_type& key,
                         const typename Store::mapped_type& value) {
    const auto found = db.get(key);
    return found && *found == value;
}
template <class Store>
[[nodiscard]] bool put(Store& db, const typename Store::key_type& key,
                       const typename Store::mapped_type& value) {
    return bool(db.put(key, value));
}
template <class Store>
[[nodiscard]] bool erased(Store& db, const typename Store::key_type& key) {
    return db.erase(key).value_or(false);
}
template <class Store>
[[nodiscard]] std::uint64_t version_of(const Store& db, const typename Store::key_type& key) {
    return db.version_of(key).value_or(0);
}
/// The number of the check that failed, -1 if all held, -2 for any other error.
template <class Store>
[[nodiscard]] int failed_check(Store& db, typename Store::batch_type& batch) {
    typename Store::conflict report;
    const auto done = db.apply(batch, &report);
    if (done) return -1;
    return done.error() == ashlar::errc::conflict ? static_cast<int>(report.index) : -2;
}
/// Puts the row under another key, if it is as expected and nothing is there
/// yet.
template <class Store>
[[nodiscard]] int moved(Store& db, const typename Store::key_type& from,
                        const typename Store::mapped_type& expected,
                        const typename Store::key_type& to) {
    auto batch = Store::batch();
    batch.expect_absent(to).expect_equals(from, expected).put(to, expected).erase(from);
    return failed_check(db, batch);
}
template <class Store>
[[nodiscard]] int put_at_version(Store& db, const typename Store::key_type& key,
                                 const typename Store::mapped_type& value, std::uint64_t version) {
    auto batch = Store::batch();
    batch.expect_version(key, version).put(key, value);
    return failed_check(db, batch);
}

/// The verbs that every store has, each once with either answer. Ends with keys
/// 2 and 3 stored.
template <class Parts> void use(typename Parts::store& db) {
    using enum ashlar::errc;
    const auto one = Parts::keys::make(1), two = Parts::keys::make(2), three = Parts::keys::make(3);
    const auto v = Parts::values::make(1), w = Parts::values::make(2);
    held(missing(db, one), "get of nothing");
    held(put(db, one, v) && put(db, two, w), "put");
    held(holds(db, one, v) && holds(db, two, w), "get");
    held(put(db, one, w) && holds(db, one, w), "put over");

    held(moved(db, one, v, three) == 1, "a batch whose second check fails");
    held(missing(db, three) && holds(db, one, w), "it changes nothing");
    held(moved(db, one, w, three) == -1, "a batch whose checks hold");
    held(missing(db, one) && holds(db, three, w), "it changes everything");

    held(put(db, one, v) && erased(db, one), "erase");
    held(!erased(db, one), "erase of nothing");

    if constexpr (Parts::store::row::fields.version) {
        const auto now = version_of(db, two);
        held(now != 0, "version_of");
        held(put_at_version(db, two, v, now + 1000) == 0, "a version that is not there");
        held(put_at_version(db, two, w, now) == -1, "the version that is there");
        held(version_of(db, two) > now, "it moves");
    }
}

/// Exactly keys 2 and 3, in order where there is one.
template <class Parts> void look_around(const typename Parts::store& db) {
    using store = typename Parts::store;
    std::vector<typename Parts::key> seen;
    if constexpr (store::is_ordered) {
        auto rows = db.scan();
        for (const auto& row : rows) seen.push_back(row.key);
        held(bool(rows.status()), "scan");
    } else {
        held(bool(db.for_each([&](const auto& key, const auto&) { seen.push_back(key); })),
             "for_each");
    }
    const auto two = Parts::keys::make(2), three = Parts::keys::make(3);
    bool expected = seen.size() == 2 && seen[0] == two && seen[1] == three;
    if constexpr (!store::keeps_key_order)
        expected = expected || (seen.size() == 2 && seen[0] == three && seen[1] == two);
    held(expected, "the rows that are there");
}

/// One row of the plan, from opening to closing; a store that has files also
/// once again.
template <class Parts, class... Options> void smoke(const Options&... options) {
    using store = typename Parts::store;
    const ashlar::testing::scratch place;
    const std::string directory = place / "store";
    ashlar::error_detail detail;
    auto db = store::open({.directory = directory, .detail = &detail}, options...);
    INFO(detail.message.c_str());
    REQUIRE(db);
    use<Parts>(*db);
    look_around<Parts>(*db);
    held(bool(db->close()), "close");
    if constexpr (store::composition::backend::persistent) {
        held(db->contains(Parts::keys::make(2)).error() == ashlar::errc::closed,
             "a verb after close");
        db = store::open({.directory = directory, .create = false}, options...);
        REQUIRE(db);
        look_around<Parts>(*db);
        held(bool(db->close()), "close again");
    }
}

/// Row `I` of the plan, if it has this backend.
template <std::size_t I, policy Name, class Backend, class... Options>
void smoke_row(const Options&... options) {
    if constexpr (plan[I][0] == Name) {
        INFO("row " << I << " of the plan");
        smoke<parts<plan[I], Backend>>(options...);
    }
}

/// All rows of the plan that have this backend.
template <policy Name, class Backend, class... Options>
void smoke_all(const Options&... options) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (smoke_row<I, Name, Backend>(options...), ...);
    }(std::make_index_sequence<std::size(plan)>{});
}

} // namespace ashlar_test::matrix
