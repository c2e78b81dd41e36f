// SPDX-License-Identifier: BSL-1.0
// What is special to static_map: it is constant-initialised, needs no heap, and is full at its
// capacity. Everything else is in test/laws/static_map.cpp.
#include <catch.hpp>

#include <ashlar/backend/static_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/random.hpp>

#include <map>
#include <string>
#include <type_traits>

using ashlar::errc;
using ashlar::row_fields;
using ashlar::row_layout;

namespace {

using counter_row = row_layout<2, 8, row_fields{}>;
using engine = ashlar::static_map_engine<6, counter_row, ashlar::single>;

static_assert(std::is_trivially_destructible_v<engine>); // no destructor is registered for a global
static_assert(std::is_trivially_destructible_v<engine::position>);
static_assert(std::is_nothrow_move_constructible_v<engine> &&
              !std::is_copy_constructible_v<engine>);
static_assert(std::is_nothrow_move_constructible_v<
              ashlar::static_map_engine<6, counter_row, ashlar::shared>>);
static_assert(sizeof(engine) <= 6 * (2 + 8) + 3 * 8); // rows, keys, a size, a sequence, padding

constinit engine global;

std::string key(std::size_t i) { return std::string{'k', static_cast<char>('a' + i)}; }
std::string bytes(std::uint64_t n) {
    std::string text(8, '\0');
    ashlar::store_little(reinterpret_cast<std::byte*>(text.data()), n);
    return text;
}
void fill(engine& e) {
    for (std::size_t i = 0; i < 6; ++i) REQUIRE(e.put(key(i), bytes(i)));
}
bool is_full(ashlar::result<void> done) { return done.error() == errc::full; }

using rows_map = std::map<std::string, std::string>;
rows_map rows_of(const engine& e) {
    rows_map all;
    CHECK(e.scan({}, [&](ashlar::bytes_view k, ashlar::bytes_view v) {
        all[k.as<std::string>()] = v.as<std::string>();
    }));
    return all;
}

} // namespace

TEST_CASE("static_map: a global needs no start-up code and can be used at once") {
    CHECK(global.size() == 0);
    CHECK(global.put(key(0), bytes(1)));
    CHECK(global.size() == 1);
    CHECK(global.memory_used() == sizeof(global));
    CHECK(global.erase(key(0)).value());
}

TEST_CASE("static_map: at its capacity every way to one row more is full and changes nothing") {
    engine e;
    fill(e);
    const rows_map before = rows_of(e);
    CHECK(is_full(e.put(key(6), bytes(6))));
    ashlar::write_batch b;
    CHECK(is_full(e.apply(b.put(key(0), bytes(9)).put(key(6), bytes(6)))));
    b.clear();
    CHECK(is_full(e.apply(b.add(key(6), bytes(1)))));
    b.clear();
    CHECK(is_full(e.apply_at(ashlar::commit_seq{1}, b.put(key(6), bytes(6)).operations())));
    CHECK(is_full(e.update(
        key(6), 8, [](ashlar::commit_seq, const ashlar::bytes_view*, std::byte* out) noexcept {
            ashlar::store_little(out, std::uint64_t{6});
            return ashlar::update_action::write(8);
        })));
    CHECK(rows_of(e) == before);
    CHECK(e.put(key(0), bytes(7))); // a row that is there may change
    CHECK(e.erase(key(1)).value());
    CHECK(e.put(key(6), bytes(6))); // and one row's place can be given to another
    CHECK(e.size() == 6);
}

TEST_CASE("static_map: a batch at capacity is judged in the order of its operations") {
    engine e;
    fill(e);
    ashlar::write_batch b;
    SECTION("erase first, then put: fits") {
        CHECK(e.apply(b.erase(key(0)).put(key(7), bytes(7))));
        CHECK(e.size() == 6);
    }
    SECTION("put first: full") { CHECK(is_full(e.apply(b.put(key(7), bytes(7)).erase(key(0))))); }
    SECTION("an erased row's place is there once") {
        CHECK(is_full(
            e.apply(b.erase(key(0)).erase(key(0)).put(key(7), bytes(7)).put(key(8), bytes(8)))));
    }
    SECTION("a range gives all its places") {
        b.erase_range(key(1), key(4));
        for (std::size_t i = 7; i < 10; ++i) b.put(key(i), bytes(i));
        CHECK(e.apply(b));
        CHECK(e.size() == 6);
    }
    SECTION("a range takes back what the batch put into it") {
        b.erase(key(0)).put(key(7), bytes(7)).erase_range(key(7), key(9)).put(key(0), bytes(1));
        CHECK(e.apply(b));
        CHECK(e.size() == 6);
    }
    SECTION("a range gives no place twice") {
        b.erase(key(1)).erase_range(key(1), key(3)).erase_range(key(1), key(3));
        b.put(key(7), bytes(7)).put(key(8), bytes(8)).put(key(9), bytes(9));
        CHECK(is_full(e.apply(b)));
    }
}

TEST_CASE("static_map: random batches around the capacity agree with a std::map that counts") {
    ashlar::testing::random_source random{20};
    const auto below = [&](std::uint64_t n) { return static_cast<std::size_t>(random.below(n)); };
    engine e;
    rows_map model;
    std::size_t refused = 0;
    for (std::size_t step = 0; step < 20'000; ++step) {
        rows_map next = model;
        bool fits = true;
        ashlar::write_batch b;
        for (std::size_t n = 1 + below(6); n != 0; --n) {
            const std::string k = key(below(10));
            switch (below(5)) {
            case 0: {
                std::string hi = key(below(11));
                if (hi < k) hi = k;
                b.erase_range(k, hi);
                next.erase(next.lower_bound(k), next.lower_bound(hi));
                break;
            }
            case 1:
                b.erase(k);
                next.erase(k);
                break;
            default:
                b.put(k, bytes(step));
                next[k] = bytes(step);
                fits = fits && next.size() <= 6;
            }
        }
        const auto done = e.apply(b);
        REQUIRE(done.has_value() == fits);
        REQUIRE((fits || done.error() == errc::full));
        if (fits) model = next;
        else ++refused;
        REQUIRE(rows_of(e) == model);
    }
    CHECK(refused > 1000);
    CHECK(refused < 19'000);
}

TEST_CASE("static_map: rows and keys of other lengths are refused or not there") {
    engine e;
    fill(e);
    CHECK(e.put(std::string{"k"}, bytes(1)).error() == errc::invalid_argument);
    CHECK(e.put(key(0), std::string{"short"}).error() == errc::invalid_argument);
    CHECK_FALSE(e.read(std::string{"k"}, [](ashlar::bytes_view) {}).value());
    CHECK_FALSE(e.erase(std::string{"kaa"}).value());
    const auto half = [](ashlar::commit_seq, const ashlar::bytes_view*, std::byte*) noexcept {
        return ashlar::update_action::write(4);
    };
    CHECK(e.update(key(0), 8, half).error() == errc::invalid_argument);
    CHECK(e.update(key(0), 9, half).error() == errc::invalid_argument);
    ashlar::write_batch b;
    b.add(key(0), bytes(1));
    CHECK(e.apply_at(ashlar::commit_seq{1}, b.operations()).error() == errc::corrupt);
    CHECK(e.size() == 6);
}

TEST_CASE("static_map: clear drops every row, and leaves room for others") {
    engine e;
    fill(e);
    e.clear();
    CHECK(e.size() == 0);
    CHECK(rows_of(e).empty());
    CHECK_FALSE(e.read(key(0), [](ashlar::bytes_view) {}).value());
    CHECK(e.put(key(3), bytes(7)));
    CHECK(rows_of(e).size() == 1);
}
