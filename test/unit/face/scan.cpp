// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/codec/big_endian.hpp>

#include <string>
#include <vector>

using namespace ashlar_test;

namespace {

using sorted = ashlar::sorted_map<>;

template <class Rows>
std::vector<std::string> keys_of(Rows&& rows) {
    std::vector<std::string> keys;
    for (const auto& row : rows) {
        CHECK(row.value == row.key + "!");
        keys.push_back(row.key);
    }
    CHECK(rows.status());
    return keys;
}
using keys = std::vector<std::string>;

} // namespace

TEMPLATE_TEST_CASE("scan: bounds, prefixes, direction, limit", "", texts<toy_backend>,
                   texts<sorted>) {
    auto store = opened<TestType>();
    for (const char* key : {"", "a", "ab", "abc", "b", "b\xff", "b\xff\xff", "c"})
        REQUIRE(store.put(key, std::string{key} + "!"));

    CHECK(keys_of(store.scan()) == keys{"", "a", "ab", "abc", "b", "b\xff", "b\xff\xff", "c"});
    CHECK(keys_of(store.scan().reverse()) ==
          keys{"c", "b\xff\xff", "b\xff", "b", "abc", "ab", "a", ""});
    CHECK(keys_of(store.scan("ab", "b")) == keys{"ab", "abc"});
    CHECK(keys_of(store.scan(std::string{"ab"}, "c").reverse().limit(2)) ==
          keys{"b\xff\xff", "b\xff"});
    CHECK(keys_of(store.scan("ab", "ab")).empty());
    CHECK(keys_of(store.scan().limit(3)) == keys{"", "a", "ab"});
    CHECK(keys_of(store.scan().limit(0)).empty());
    CHECK(keys_of(store.scan_prefix(std::string{"a"})) == keys{"a", "ab", "abc"});
    CHECK(keys_of(store.scan_prefix(std::string{"b\xff"})) == keys{"b\xff", "b\xff\xff"});
    CHECK(keys_of(store.scan_prefix(std::string{"b\xff"}).reverse()) == keys{"b\xff\xff", "b\xff"});
    CHECK(keys_of(store.scan_prefix(std::string{"x"})).empty());

    // The least key as upper bound: nothing is below it.
    CHECK(keys_of(store.scan("", "")).empty());
    const auto invalid = [](auto&& rows) {
        for (const auto& row : rows) FAIL("shown: " << row.key);
        CHECK(rows.status().error() == errc::range_invalid);
    };
    invalid(store.scan("a", ""));
    invalid(store.scan("c", "a"));

    SECTION("for_each does the same, and stops when told") {
        keys seen;
        REQUIRE(store.scan("a", "b").for_each(
            [&](const std::string& key, const std::string&) { seen.push_back(key); }));
        CHECK(seen == keys{"a", "ab", "abc"});
        seen.clear();
        auto rows = store.scan();
        REQUIRE(rows.for_each([&](const std::string& key, const std::string&) {
            seen.push_back(key);
            return seen.size() < 2;
        }));
        CHECK(seen == keys{"", "a"});
        const auto where = rows.where();
        REQUIRE(where);
        CHECK(keys_of(store.scan().resume(*where).limit(1)) == keys{"ab"});
    }
}

TEMPLATE_TEST_CASE("scan: pages of two meet every row, also with inserts in between", "",
                   texts<toy_backend>, texts<sorted>) {
    auto store = opened<TestType>();
    for (const char* key : {"a", "b", "c", "d", "e"})
        REQUIRE(store.put(key, std::string{key} + "!"));

    for (const bool backwards : {false, true}) {
        CAPTURE(backwards);
        keys seen;
        std::string saved; // a cursor is bytes: they may be stored and sent
        for (int page = 0; page < 10; ++page) {
            auto rows = store.scan().limit(2);
            if (backwards) rows.reverse();
            if (!saved.empty()) {
                const auto cursor = TestType::cursor::from(saved);
                REQUIRE(cursor);
                rows.resume(*cursor);
            }
            const keys shown = keys_of(rows);
            if (shown.empty()) break;
            seen.insert(seen.end(), shown.begin(), shown.end());
            const auto where = rows.where();
            REQUIRE(where);
            saved = where->view().template as<std::string>();
            // On both sides of the cursor: what is behind it does not shift the rest.
            REQUIRE(store.put("aa", "aa!"));
            REQUIRE(store.put("cc", "cc!"));
            REQUIRE(store.erase("a"));
        }
        if (backwards) CHECK(seen == keys{"e", "d", "cc", "c", "b", "aa"});
        else CHECK(seen == keys{"a", "b", "c", "cc", "d", "e"});
    }
}

TEST_CASE("scan: cursors of others are refused") {
    auto store = opened<texts<sorted>>();
    auto other = opened<text_counters<sorted>>();
    REQUIRE(store.put("a", "a!"));
    REQUIRE(store.put("b", "b!"));
    REQUIRE(other.put("a", 1));

    auto rows = other.scan();
    for (const auto& row : rows) CHECK(row.value == 1);
    const auto foreign = rows.where();
    REQUIRE(foreign);
    const auto refuses = [&](auto&& resumed) {
        for (const auto& row : resumed) FAIL("shown: " << row.key);
        CHECK(resumed.status().error() == errc::foreign_cursor);
    };
    refuses(store.scan().resume(*foreign));
    CHECK(texts<sorted>::cursor::from(std::string{"short"}).error() == errc::foreign_cursor);

    // Of this store, but of another range.
    auto all = store.scan();
    CHECK(keys_of(all).size() == 2);
    const auto end = all.where();
    REQUIRE(end);
    refuses(store.scan("a", "b").resume(*end));

    // A cursor that was never moved stands at the begin.
    CHECK(keys_of(store.scan().resume({})) == keys{"a", "b"});
}

TEST_CASE("scan: more rows than a chunk, in the order of numbers") {
    auto store = opened<
        ashlar::store<std::int32_t, std::int32_t, ashlar::big_endian, sorted, toy_environment>>();
    for (std::int32_t i = -500; i < 500; ++i) REQUIRE(store.put(i, i * 2));
    std::int32_t expected = -500;
    auto rows = store.scan();
    for (const auto& [key, value] : rows) {
        CHECK((key == expected && value == 2 * key));
        ++expected;
    }
    CHECK((expected == 500 && rows.status()));
    std::size_t count = 0;
    for (const auto& row : store.scan(-10, 10)) count += row.key >= -10 && row.key < 10;
    CHECK(count == 20);
}

TEST_CASE("scan: a damaged row ends it with an error") {
    auto store = opened<texts<sorted, text_without_ff>>();
    REQUIRE(store.put("a", "1"));
    REQUIRE(store.put("c", "3"));
    damage(store, "b");
    auto rows = store.scan();
    std::size_t shown = 0;
    for (const auto& row : rows) shown += row.key == "a";
    CHECK(shown == 1);
    CHECK(rows.status().error() == errc::corrupt);
    CHECK(store.scan().for_each([](const auto&, const auto&) {}).error() == errc::corrupt);
}

TEST_CASE("scan: keys of one length: prefixes, cursors, and bytes that are neither") {
    using store_type =
        ashlar::store<std::uint32_t, std::uint64_t, ashlar::big_endian, sorted, toy_environment>;
    auto store = opened<store_type>();
    for (std::uint32_t i = 0; i < 300; ++i) REQUIRE(store.put(i << 8 | 7, i));
    const auto count = [](auto&& rows) {
        std::size_t n = 0;
        for (const auto& row : rows) n += row.key % 256 == 7;
        CHECK(rows.status());
        return n;
    };
    CHECK(count(store.scan_prefix(std::string("\0\0\1", 3))) == 1);
    CHECK(count(store.scan_prefix(std::string("\0\1", 2))) == 300 - 256);
    CHECK(count(store.scan_prefix(std::string("\0\0\1\7", 4))) == 1);
    CHECK(count(store.scan_prefix(std::string("\0\0\1\7\0", 5))) == 0); // no key is as long
    CHECK(count(store.scan_prefix(std::string("\xFF\xFF\xFF\xFF\xFF", 5))) == 0);

    auto rows = store.scan().limit(100);
    CHECK(count(rows) == 100);
    const auto where = rows.where();
    REQUIRE(where);
    CHECK(count(store.scan().resume(*where)) == 200);
    CHECK(count(store.scan().reverse().resume(*where)) == 99);
    std::size_t seen = 0;
    auto each = store.scan().resume(*where);
    CHECK(each.for_each([&](std::uint32_t, std::uint64_t value) { seen += value >= 100; }));
    CHECK(seen == 200);

    // The right store, but no key of it: a fixed length is the first thing a cursor must have.
    const auto saved = where->view().as<std::string>();
    CHECK(store_type::cursor::from(saved));
    CHECK(store_type::cursor::from(saved + "x").error() == errc::foreign_cursor);
    CHECK(store_type::cursor::from(saved.substr(0, 10)).error() == errc::foreign_cursor);
    CHECK(store_type::cursor::from(std::string{}).error() == errc::foreign_cursor);
}
