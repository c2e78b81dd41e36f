// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <map>
#include <thread>
#include <vector>

using namespace ashlar_test;

namespace {

using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;

/// Threads and no random numbers: identities are counted, and the counter is shared by threads.
struct threads_only : small_environment {
    static constexpr bool has_threads = true;
};
static_assert(ashlar::environment_policy<threads_only>);

template <class Backend, class... Policies>
using numbers =
    ashlar::store<std::uint32_t, std::uint32_t, ashlar::big_endian, Backend, Policies...>;
using on_board = numbers<ashlar::static_map<8>, ashlar::single, ashlar::bare>;

/// The cursor behind the first row of a store that holds 1, 2 and 3.
template <class Store>
[[nodiscard]] auto cursor_of(Store& store) {
    for (std::uint32_t i = 1; i <= 3; ++i) REQUIRE(store.put(i, i * i));
    auto rows = store.scan().limit(1);
    for (const auto& row : rows) CHECK(row.key == 1);
    const auto where = rows.where();
    REQUIRE(where);
    auto copied = Store::cursor::from(where->view());
    REQUIRE(copied);
    return *std::move(copied);
}
template <class Store>
[[nodiscard]] ashlar::result<std::size_t> rows_behind(const Store& store,
                                                      const typename Store::cursor& cursor) {
    std::size_t count = 0;
    auto rows = store.scan().resume(cursor);
    for (const auto& row : rows) count += row.value != 0;
    if (!rows.status()) return rows.status().error();
    return count;
}

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

TEMPLATE_TEST_CASE("O-E8 all keys: a cursor of another store in memory of the same type is refused",
                   "", (numbers<toy_backend, toy_environment>), (numbers<sorted, toy_environment>),
                   (numbers<sorted, ashlar::stamped, toy_environment>),
                   (numbers<sorted, threads_only>), (numbers<sorted, ashlar::single, threads_only>),
                   (numbers<ashlar::static_map<8>, toy_environment>), on_board) {
    auto one = opened<TestType>();
    auto two = opened<TestType>();
    const auto cursor = cursor_of(one);
    static_cast<void>(cursor_of(two));
    CHECK(one.identity() != two.identity());
    CHECK(one.identity() == one.identity());
    CHECK(rows_behind(two, cursor).error() == errc::foreign_cursor);
    CHECK(rows_behind(one, cursor).value_or(0) == 2);

    SECTION("it moves with the rows, and the store that is left behind is another") {
        const std::uint64_t before = one.identity();
        TestType moved{std::move(one)};
        CHECK((moved.identity() == before && one.identity() != before));
        CHECK(rows_behind(moved, cursor).value_or(0) == 2);
        two = std::move(moved);
        CHECK((two.identity() == before && moved.identity() != before));
        CHECK(rows_behind(two, cursor).value_or(0) == 2);
    }
    SECTION("a store in its place is not the same store") {
        one = opened<TestType>();
        CHECK(rows_behind(one, cursor).error() == errc::foreign_cursor);
    }
}

TEST_CASE("all keys: a cursor of a snapshot belongs to its store") {
    auto store = opened<numbers<sorted, toy_environment>>();
    const auto cursor = cursor_of(store);
    const auto view = store.snapshot();
    REQUIRE(view);
    auto rows = view->scan().resume(cursor).limit(1);
    for (const auto& row : rows) CHECK(row.key == 2);
    const auto where = rows.where();
    REQUIRE(where);
    CHECK(rows_behind(store, *where).value_or(0) == 1);
}

TEMPLATE_TEST_CASE("all keys: threads that ask first agree on the identity", "[threads]",
                   (numbers<sorted, toy_environment>), (numbers<sorted, threads_only>)) {
    for (int round = 0; round < 50; ++round) {
        const TestType store{};
        std::vector<std::uint64_t> seen(4);
        std::vector<std::thread> threads;
        for (std::uint64_t& answer : seen) threads.emplace_back([&] { answer = store.identity(); });
        for (std::thread& thread : threads) thread.join();
        for (const std::uint64_t answer : seen) CHECK(answer == store.identity());
    }
}
