// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>

#include <array>
#include <limits>
#include <map>
#include <string_view>
#include <vector>

using namespace ashlar_test;

namespace {

using sorted = ashlar::sorted_map<>;
using hashed = ashlar::hash_map<>;

struct point {
    std::int32_t x, y;
    friend bool operator==(const point&, const point&) = default;
};
template <class Backend>
using points = ashlar::store<std::uint32_t, point, ashlar::big_endian, Backend, toy_environment>;

} // namespace

TEMPLATE_TEST_CASE("face: one key", "", text_counters<toy_backend>, text_counters<unordered_toy>,
                   text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();

    CHECK(store.get("a").error() == errc::not_found);
    CHECK(store.contains("a").value_or(true) == false);
    REQUIRE(store.put("a", 7));
    CHECK(store.get("a").value_or(0) == 7);
    CHECK(store.contains("a").value_or(false));
    REQUIRE(store.put("a", 8));
    CHECK(store.get("a").value_or(0) == 8);

    SECTION("get into a variable leaves it alone when the key is absent") {
        std::int64_t value = 3;
        CHECK(store.get("b", value).value_or(true) == false);
        CHECK(value == 3);
        CHECK(store.get("a", value).value_or(false));
        CHECK(value == 8);
    }
    SECTION("visitors see the value, or its bytes, once") {
        int visits = 0;
        std::int64_t seen = 0;
        CHECK(store.read("a", [&](const std::int64_t& v) { seen = v, ++visits; }).value_or(false));
        CHECK(store.read("b", [&](const std::int64_t&) { ++visits; }).value_or(true) == false);
        CHECK((visits == 1 && seen == 8));
        std::size_t size = 0;
        CHECK(
            store.read_bytes("a", [&](ashlar::bytes_view v) { size = v.size(); }).value_or(false));
        CHECK(size == 8);
    }
    SECTION("erase says whether there was anything") {
        CHECK(store.erase("a").value_or(false));
        CHECK(store.erase("a").value_or(true) == false);
        CHECK(store.get("a").error() == errc::not_found);
    }
    SECTION("insert puts what is new only") {
        CHECK(store.insert("a", 1).value_or(true) == false);
        CHECK(store.get("a").value_or(0) == 8);
        CHECK(store.insert("b", 1).value_or(false));
        CHECK(store.get("b").value_or(0) == 1);
    }
    SECTION("compare_exchange puts over the expected value only") {
        CHECK(store.compare_exchange("a", 7, 9).value_or(true) == false);
        CHECK(store.get("a").value_or(0) == 8);
        CHECK(store.compare_exchange("a", 8, 9).value_or(false));
        CHECK(store.get("a").value_or(0) == 9);
        CHECK(store.compare_exchange("b", 0, 1).value_or(true) == false);
        CHECK(store.get("b").error() == errc::not_found);
    }
    SECTION("exchange gives the old value back") {
        const auto old = store.exchange("a", 1);
        REQUIRE(old);
        CHECK((old->existed && old->value == 8));
        const auto none = store.exchange("b", 2);
        REQUIRE(none);
        CHECK_FALSE(none->existed);
        CHECK((store.get("a").value_or(0) == 1 && store.get("b").value_or(0) == 2));
    }
    SECTION("add counts from zero and never wraps") {
        CHECK(store.add("a", -10).value_or(0) == -2);
        CHECK(store.add("new", 5).value_or(0) == 5);
        REQUIRE(store.put("a", std::numeric_limits<std::int64_t>::max()));
        CHECK(store.add("a", 1).error() == errc::overflow);
        CHECK(store.get("a").value_or(0) == std::numeric_limits<std::int64_t>::max());
        REQUIRE(store.put("a", std::numeric_limits<std::int64_t>::min()));
        CHECK(store.add("a", -1).error() == errc::overflow);
        CHECK(store.add("a", 0).value_or(0) == std::numeric_limits<std::int64_t>::min());
    }
    SECTION("look-ups need no std::string") {
        CHECK(store.get(std::string_view{"a"}).value_or(0) == 8);
        CHECK(store.get(std::string{"a"}).has_value());
        CHECK(store.get(ashlar::text_view{"a"}).value_or(0) == 8);
        CHECK(store.erase(std::string_view{"a"}).value_or(false));
    }
}

TEMPLATE_TEST_CASE("face: many keys", "", text_counters<toy_backend>, text_counters<unordered_toy>,
                   text_counters<sorted>, text_counters<hashed>) {
    auto store = opened<TestType>();
    std::map<std::string, std::int64_t> model;
    for (std::int64_t i = 0; i < 1000; ++i) model["key" + std::to_string(i)] = i;

    const auto loaded = store.bulk_load(model);
    REQUIRE(loaded);
    CHECK(*loaded == 1000);

    SECTION("read_many") {
        std::vector<std::string> keys;
        for (int i = 0; i < 100; ++i) keys.push_back("key" + std::to_string(i * 20));
        std::vector<std::int64_t> values(keys.size(), -1);
        REQUIRE(store.read_many(keys.data(), keys.size(),
                                [&](std::size_t i, std::int64_t v) { values[i] = v; }));
        for (std::size_t i = 0; i < keys.size(); ++i)
            CHECK(values[i] == (i < 50 ? static_cast<std::int64_t>(i) * 20 : -1));
    }
    SECTION("clear leaves nothing, and the store goes on") {
        REQUIRE(store.clear());
        std::size_t rows = 0;
        REQUIRE(store.for_each([&](const auto&, auto) { ++rows; }));
        CHECK(rows == 0);
        REQUIRE(store.put("a", 1));
        CHECK(store.get("a").value_or(0) == 1);
    }
    SECTION("an empty bulk_load loads nothing") {
        CHECK(store.bulk_load(std::map<std::string, std::int64_t>{}).value_or(9) == 0);
    }
}

TEMPLATE_TEST_CASE("face: stored bytes that are no value are corrupt, not a value", "",
                   (texts<toy_backend, text_without_ff>), (texts<sorted, text_without_ff>),
                   (texts<hashed, text_without_ff>)) {
    auto store = opened<TestType>();
    REQUIRE(store.put("b", "good"));
    damage(store, "a");
    std::string out = "untouched";
    CHECK(store.get("a", out).error() == errc::corrupt);
    CHECK(out == "untouched");
    CHECK(store.get("a").error() == errc::corrupt);
    CHECK(store.read("a", [](const std::string&) {}).error() == errc::corrupt);
    CHECK(store.exchange("a", "x").error() == errc::corrupt);
    CHECK(store.for_each([](const auto&, const auto&) {}).error() == errc::corrupt);
    const std::string keys[] = {"b", "a"};
    CHECK(store.read_many(keys, 2, [](std::size_t, const auto&) {}).error() == errc::corrupt);
    CHECK(store.contains("a").value_or(false)); // it asks for no value
    REQUIRE(store.put("a", "mended"));
    CHECK(store.get("a").value_or("") == "mended");
}

TEMPLATE_TEST_CASE("face: update in place", "", points<sorted>, points<hashed>) {
    auto store = opened<TestType>();
    using kind = ashlar::update_action::kind;
    const auto right = [](point& p, bool existed) {
        p = existed ? point{p.x + 1, p.y} : point{1, 1};
        return kind::write;
    };
    REQUIRE(store.update(5, right));
    REQUIRE(store.update(5, right));
    CHECK(store.get(5).value_or(point{}) == point{2, 1});
    REQUIRE(store.update(5, [](point& p, bool) { return p = {9, 9}, kind::keep; }));
    CHECK(store.get(5).value_or(point{}) == point{2, 1});
    REQUIRE(
        store.update(5, [](point&, bool existed) { return existed ? kind::erase : kind::keep; }));
    CHECK(store.get(5).error() == errc::not_found);
    REQUIRE(
        store.update(6, [](point&, bool existed) { return existed ? kind::write : kind::keep; }));
    CHECK(store.get(6).error() == errc::not_found);
    CHECK(store.size() == 0);
}

TEMPLATE_TEST_CASE("face: moved stores carry their rows; closed ones say so", "",
                   texts<toy_backend>, texts<sorted>, texts<hashed>) {
    auto store = opened<TestType>();
    REQUIRE(store.put("a", "1"));
    auto other = std::move(store);
    CHECK(other.get("a").value_or("") == "1");
    store = opened<TestType>(); // a moved-from store may be assigned to
    CHECK(store.get("a").error() == errc::not_found);
    std::swap(store, other);
    CHECK(store.get("a").value_or("") == "1");

    REQUIRE(store.close());
    if constexpr (requires { store.stack().close(); }) {
        CHECK(store.get("a").error() == errc::closed);
        CHECK(store.put("a", "1").error() == errc::closed);
        CHECK(store.erase("a").error() == errc::closed);
        CHECK(store.insert("a", "1").error() == errc::closed);
        CHECK(store.for_each([](const auto&, const auto&) {}).error() == errc::closed);
        CHECK(store.transact([](auto& tx) { return tx.put("a", "1"), ashlar::result<void>{}; })
                  .error() == errc::closed);
    }
}

TEST_CASE("face: a store in memory may be declared") {
    texts<sorted> store;
    REQUIRE(store.put("a", "1"));
    CHECK(store.get("a").value_or("") == "1");
    CHECK((store.size() == 1 && store.memory_used() > 0));
    CHECK(store.max_key_size > 0);
}

TEMPLATE_TEST_CASE("face: a store in memory can't be found, only made", "", texts<toy_backend>,
                   texts<sorted>, texts<hashed>, points<ashlar::static_map<4>>) {
    ashlar::error_detail detail;
    const auto not_there = TestType::open({.create = false, .detail = &detail});
    CHECK(not_there.error() == errc::no_such_store);
    CHECK_FALSE(detail.message.empty());
    ashlar::error_detail other;
    const auto useless = TestType::open({.read_only = true, .detail = &other});
    CHECK(useless.error() == errc::invalid_argument);
    CHECK_FALSE((other.message.empty() || other.message.view() == detail.message.view()));
    CHECK(TestType::open({}, typename TestType::composition::backend::options{}));
}

TEST_CASE("face: keys and values that can't be encoded are refused before the engine is asked") {
    auto store = opened<ashlar::store<entry_key, std::string, ashlar::composite,
                                      ashlar::sorted_map<16>, toy_environment>>();
    const entry_key longer{"0123456789", "0123456789"};
    CHECK(store.put(longer, "v").error() == errc::key_too_long);
    CHECK(store.get(longer).error() == errc::key_too_long);
    CHECK(store.insert(longer, "v").error() == errc::key_too_long);
    CHECK(store.put({"a", "b"}, "v"));
    CHECK(store.size() == 1);
}
