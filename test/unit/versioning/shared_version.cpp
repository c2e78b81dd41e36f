// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/text.hpp>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

using namespace ashlar_test;

namespace {

using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;
using ashlar::group_state;

const entry_key a{"object", "a"}, b{"object", "b"}, c{"object", "c"}, foreign{"other", "a"};

template <class Store>
[[nodiscard]] std::uint64_t version(const Store& store, const entry_key& key = a) {
    return store.version_of(key).value_or(std::uint64_t{999});
}
/// One version for the whole store, whatever its keys; no text is encoded with two zeros.
struct whole_store {
    template <class>
    static ashlar::result<std::size_t> size(ashlar::bytes_view) noexcept {
        return std::size_t{0};
    }
    template <class>
    static ashlar::bytes_view row_suffix() noexcept {
        static constexpr std::byte name[2]{};
        return {name, 2};
    }
};
/// While it is busy, another writer moves the group before each commit.
template <class Row, class Concurrency>
struct busy_engine : toy_engine<Row, Concurrency, true> {
    using calm = toy_engine<Row, Concurrency, true>;
    inline static bool busy = false;

    static ashlar::result<busy_engine> open(const auto&, const auto&) { return busy_engine{}; }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        if (!busy) return calm::apply(batch, hook, on_conflict);
        std::size_t last = 0;
        for ([[maybe_unused]] const ashlar::check check : batch.checks) ++last;
        on_conflict(ashlar::conflict_view{last - 1, {}, false, {}});
        return errc::conflict;
    }
};
struct busy_backend : toy_backend {
    template <class Row, class, class Concurrency>
    using engine = busy_engine<Row, Concurrency>;
};

/// The bytes of the row that the group of `key` keeps of itself.
template <class Store>
[[nodiscard]] std::string group_row(const Store& store, const entry_key& key) {
    ashlar::key_buffer name;
    const auto encoded = Store::encode(key);
    REQUIRE(Store::version_key(encoded.view(), name));
    std::string bytes;
    REQUIRE(store.stack().read(name.view(),
                               [&](ashlar::bytes_view row) { bytes = row.as<std::string>(); }));
    return bytes;
}

} // namespace

TEMPLATE_TEST_CASE("O-E2 shared_version: three sets, versions 1, 2, 3", "", grouped<toy_backend>,
                   grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    CHECK(version(store) == 0);
    for (std::uint64_t expected = 1; expected <= 3; ++expected) {
        REQUIRE(store.put(a, "value"));
        CHECK(version(store) == expected);
    }
    CHECK(version(store, foreign) == 0); // another group has a version of its own
    REQUIRE(store.put(foreign, "value"));
    CHECK((version(store, foreign) == 1 && version(store) == 3));
}

TEMPLATE_TEST_CASE("O-E3 shared_version: erasing moves the version only when something goes", "",
                   grouped<toy_backend>, grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put(a, "value"));
    CHECK(store.erase(a).value_or(false));
    CHECK(version(store) == 2);
    CHECK(store.erase(a).value_or(true) == false);
    CHECK(version(store) == 2);

    auto batch = store.batch();
    REQUIRE(store.apply(batch.erase(a).erase(b)));
    CHECK(version(store) == 2);
    auto unknown = store.batch();
    REQUIRE(store.apply(unknown.erase(foreign)));
    CHECK(version(store, foreign) == 0);
}

TEMPLATE_TEST_CASE("O-E4 shared_version: a batch is one step, and all it puts carries that version",
                   "", grouped<toy_backend>, grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put(a, "old"));
    auto batch = store.batch();
    for (int i = 0; i < 50; ++i) batch.put({"object", std::to_string(i)}, "value");
    batch.erase(a).put(foreign, "value");
    REQUIRE(store.apply(batch));
    CHECK((version(store) == 2 && version(store, foreign) == 1));
    for (int i = 0; i < 50; ++i) {
        const auto row = store.get_versioned({"object", std::to_string(i)});
        REQUIRE(row);
        CHECK(row->version == 2);
    }
    CHECK(store.get(a).error() == errc::not_found);

    auto none = store.batch();
    REQUIRE(store.apply(none));
    CHECK(version(store) == 2);

    // All or nothing, group rows included.
    auto failing = store.batch();
    failing.expect_present(c).put(a, "never");
    CHECK(store.apply(failing).error() == errc::conflict);
    CHECK((version(store) == 2 && store.get(a).error() == errc::not_found));
}

TEMPLATE_TEST_CASE(
    "O-E5 shared_version: a stale expectation changes nothing and names both versions", "",
    grouped<toy_backend>, grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    for (const char* value : {"1", "2", "3"}) REQUIRE(store.put(a, value));

    auto stale = store.batch();
    stale.expect_absent(foreign).expect_version(b, 2).put(b, "never");
    typename TestType::conflict seen;
    CHECK(store.apply(stale, &seen).error() == errc::conflict);
    CHECK((seen.index == 1 && seen.expected == 2 && seen.actual == 3));
    CHECK((version(store) == 3 && store.get(b).error() == errc::not_found));

    auto right = store.batch();
    REQUIRE(store.apply(right.expect_version(b, 3).put(b, "now")));
    CHECK(version(store) == 4);

    auto new_group = store.batch();
    REQUIRE(store.apply(new_group.expect_version(foreign, 0).put(foreign, "now")));
    CHECK(version(store, foreign) == 1);
}

TEMPLATE_TEST_CASE("O-E5 shared_version: of two clients with one version, exactly one wins",
                   "[threads]", grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put(a, "first"));
    constexpr unsigned rounds = 300;
    std::atomic<int> wins = 0, failures = 0;
    std::atomic<unsigned> looked = 0, tried = 0;
    const auto race = [&](const entry_key& key) {
        for (unsigned round = 1; round <= rounds; ++round) {
            const auto now = store.version_of(key);
            ++looked; // both have seen the version before one of them moves it
            while (looked.load() < 2 * round) std::this_thread::yield();
            auto batch = store.batch();
            const auto done = store.apply(batch.expect_version(key, now.value_or(0)).put(key, "x"));
            wins += bool(done);
            failures += !done && done.error() != errc::conflict;
            ++tried;
            while (tried.load() < 2 * round) std::this_thread::yield();
        }
    };
    std::thread other{[&] { race(b); }};
    race(a);
    other.join();
    CHECK((failures == 0 && wins == int{rounds}));
    CHECK(version(store) == rounds + 1);
}

TEMPLATE_TEST_CASE("shared_version: writers without expectations all succeed, each one step",
                   "[threads]", grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    std::atomic<int> done = 0, contended = 0, failures = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 250; ++i) {
                const auto put = store.put({"object", std::to_string(t)}, "x");
                if (put) ++done;
                else if (put.error() == errc::contended) ++contended; // bounded, and said so
                else ++failures;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK((failures == 0 && done + contended == 1000));
    CHECK(version(store) == static_cast<std::uint64_t>(done.load()));
}

TEMPLATE_TEST_CASE("O-E6 shared_version: each entry keeps the version it was written at", "",
                   grouped<toy_backend>, grouped<sorted>, grouped<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put(a, "1"));
    REQUIRE(store.put(b, "2"));
    const auto first = store.get_versioned(a), second = store.get_versioned(b);
    REQUIRE(first);
    REQUIRE(second);
    CHECK((first->version == 1 && second->version == 2));
}

TEMPLATE_TEST_CASE("O-E13 shared_version: an erased group leaves a tombstone and revives above it",
                   "", grouped<toy_backend>, grouped<sorted>) {
    auto store = opened<TestType>();
    CHECK(store.erase_group(a).value_or(true) == false); // absent: nothing to do
    CHECK(version(store) == 0);
    for (const entry_key& key : {a, b, c, foreign}) REQUIRE(store.put(key, "value"));
    CHECK(version(store) == 3);

    CHECK(store.erase_group(b).value_or(false));
    for (const entry_key& key : {a, b, c}) CHECK(store.get(key).error() == errc::not_found);
    CHECK(store.get(foreign).value_or("") == "value");
    CHECK(version(store) == 4);
    std::size_t shown = 0;
    for (const auto& row : store.scan()) shown += row.key == foreign;
    CHECK(shown == 1);

    CHECK(store.erase_group(b).value_or(true) == false); // a tombstone stays as it is
    CHECK(version(store) == 4);
    CHECK(store.erase(a).value_or(true) == false);
    CHECK(version(store) == 4);

    auto stale = store.batch();
    CHECK(store.apply(stale.expect_version(a, 3).put(a, "never")).error() == errc::conflict);
    REQUIRE(store.put(a, "again"));
    CHECK(version(store) == 5);
    CHECK(store.get_versioned(a)->version == 5);
    CHECK(group_row(store, a)[8] == '\0'); // no tombstone any more
}

TEMPLATE_TEST_CASE("O-M1 shared_version: the bytes of a group's row", "", grouped<toy_backend>,
                   grouped<sorted>) {
    auto store = opened<TestType>();
    REQUIRE(store.put(a, "value"));
    REQUIRE(store.put(b, "value"));
    CHECK(group_row(store, a) == std::string{"\2\0\0\0\0\0\0\0\0\0\0", 11});
    REQUIRE(store.erase_group(a));
    CHECK(group_row(store, a) == std::string{"\3\0\0\0\0\0\0\0\1\0\0", 11});
}

TEST_CASE("O-M1 group_state: round trip, saturation, damage") {
    using row = ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent,
                                   ashlar::row_fields{.version = true}>;
    for (const group_state state : {group_state{true, false, 1}, group_state{true, true, 77},
                                    group_state{true, false, ~std::uint64_t{}}}) {
        const auto bytes = state.encode<row>();
        const auto back = group_state::decode<row>(bytes.view());
        REQUIRE(back);
        CHECK(
            (back->exists && back->tombstone == state.tombstone && back->version == state.version));
        for (std::size_t size = 0; size < bytes.view().size(); ++size)
            CHECK(group_state::decode<row>(bytes.view().first(size)).error() == errc::corrupt);
    }
    auto strange = group_state{true, false, 1}.encode<row>();
    strange.bytes[8] = std::byte{2};
    CHECK(group_state::decode<row>(strange.view()).error() == errc::corrupt);

    const group_state last{true, false, ~std::uint64_t{}};
    CHECK(last.next(false).version == ~std::uint64_t{});
    CHECK((last.next(true).tombstone && !group_state{}.next(false).tombstone));
    CHECK(group_state{}.next(false).version == 1);
}

TEMPLATE_TEST_CASE("shared_version: readers see no group rows", "", grouped<toy_backend>,
                   grouped<sorted>) {
    auto store = opened<TestType>();
    for (int g = 0; g < 100; ++g) REQUIRE(store.put({std::to_string(g), "only"}, "v"));
    std::size_t scanned = 0, walked = 0;
    for (const auto& row : store.scan()) scanned += row.value == "v";
    CHECK(scanned == 100);
    typename TestType::stack_type::position at{};
    ashlar::result<bool> more = true;
    while (more && *more)
        more = store.walk(at, [&](const entry_key&, const std::string&) { ++walked; }, 7);
    CHECK((more && walked == 100));
    std::size_t page = 0;
    for (const auto& row : store.scan().limit(10)) page += row.value == "v";
    CHECK(page == 10);
    page = 0;
    for (const auto& row : store.scan().reverse().limit(10)) page += row.value == "v";
    CHECK(page == 10);
}

TEMPLATE_TEST_CASE("shared_version: ranges stay inside their group", "", grouped<toy_backend>,
                   grouped<sorted>) {
    auto store = opened<TestType>();
    for (const entry_key& key : {a, b, c, foreign}) REQUIRE(store.put(key, "v"));
    auto inside = store.batch();
    REQUIRE(store.apply(inside.erase_range(a, c)));
    CHECK(version(store) == 4);
    CHECK((store.contains(c).value_or(false) && !store.contains(a).value_or(true)));
    auto nothing = store.batch();
    REQUIRE(store.apply(nothing.erase_range(a, b)));
    CHECK(version(store) == 4);
    auto across = store.batch();
    CHECK(store.apply(across.erase_range(a, foreign)).error() == errc::range_invalid);
    CHECK((version(store) == 4 && version(store, foreign) == 1));
}

TEMPLATE_TEST_CASE("shared_version: counters of a group", "", (grouped<toy_backend, std::int64_t>),
                   (grouped<sorted, std::int64_t>), (grouped<hashed, std::int64_t>)) {
    auto store = opened<TestType>();
    CHECK(store.add(a, 5).value_or(0) == 5);
    CHECK(store.add(a, -7).value_or(0) == -2);
    CHECK((version(store) == 2 && store.get_versioned(a)->version == 2));
    REQUIRE(store.put(a, std::numeric_limits<std::int64_t>::max()));
    CHECK(store.add(a, 1).error() == errc::overflow);
    CHECK(version(store) == 3);
    REQUIRE(store.transact([&](auto& tx) -> ashlar::result<void> {
        const auto now = tx.get(a);
        if (!now) return now.error();
        tx.put(a, *now - 1).put(b, 1);
        return {};
    }));
    CHECK((version(store) == 4 && store.get_versioned(b)->version == 4));
}

TEST_CASE("shared_version: objects and their entries") {
    using key = ashlar::object_key<std::string>;
    auto store = opened<
        ashlar::store<key, std::string, ashlar::object_entry, by_group, sorted, toy_environment>>();
    REQUIRE(store.put({"Robot:1", "Position"}, "x"));
    REQUIRE(store.put({"robot:1", "speed"}, "y"));
    CHECK(store.version_of({"robot:1", "position"}).value_or(0) == 2);
    CHECK(store.put({"robot 1", "speed"}, "y").error() == errc::key_bad_characters);
    CHECK(store.erase_group({"robot:1", "speed"}).value_or(false));
    CHECK(store.get({"robot:1", "speed"}).error() == errc::not_found);
    std::size_t rows = 0;
    for ([[maybe_unused]] const auto& row : store.scan()) ++rows;
    CHECK(rows == 0);
}

TEMPLATE_TEST_CASE("shared_version: a scope of one's own needs no groups of the key codec", "",
                   toy_backend, sorted, hashed) {
    using one_group = ashlar::store<std::string, std::string, ashlar::text,
                                    ashlar::shared_version<whole_store>, TestType, toy_environment>;
    STATIC_REQUIRE_FALSE(ashlar::grouping_codec<typename one_group::key_codec>);
    auto store = opened<one_group>();
    REQUIRE((store.put("a", "1") && store.put("b", "2")));
    CHECK(store.version_of("a").value_or(0) == 2); // every key moves the one version
    CHECK(store.version_of("never").value_or(0) == 2);
    auto batch = store.batch();
    typename one_group::conflict why;
    CHECK(store.apply(batch.expect_version("b", 1).put("b", "3"), &why).error() == errc::conflict);
    CHECK((why.expected == 1 && why.actual == 2));
    std::size_t shown = 0;
    REQUIRE(store.for_each([&](const std::string&, const std::string&) { ++shown; }));
    CHECK(shown == 2); // the group's own row is not
    if constexpr (one_group::erases_groups) {
        CHECK(store.erase_group("a").value_or(false));
        CHECK(
            (store.get("b").error() == errc::not_found && store.version_of("b").value_or(0) == 3));
    }
}

TEST_CASE("shared_version: a group that is always moved by others is contended, not waited for") {
    using store_type = grouped<busy_backend>;
    using engine_type = store_type::stack_type;
    auto store = opened<store_type>();
    REQUIRE(store.put(a, "before"));
    auto& busy = busy_engine<engine_type::row, store_type::composition::concurrency>::busy;
    busy = true;
    CHECK(store.put(a, "after").error() == errc::contended);
    CHECK(store.erase_group(a).error() == errc::contended);
    busy = false;
    CHECK((store.get(a).value_or("") == "before" && version(store) == 1));
}
