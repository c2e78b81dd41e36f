// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "catch.hpp"

#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/reflected/view.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using ashlar::bytes_view;
using ashlar::element_view;
using ashlar::errc;

namespace warehouse {

enum class state : std::uint8_t { open = 1, paid = 2 };

struct buyer {
    std::string name;
    std::uint16_t age = 0;
};
struct order {
    std::uint64_t id = 0;
    state now = state::open;
    std::string note;
    bool urgent = false;
    std::array<std::uint16_t, 3> lots{};
    buyer by;
    std::vector<std::byte> token;
    std::vector<std::uint32_t> marks;
    std::vector<bool> flags;
    double price = 0;
};

struct buyer_view {
    std::string_view name;
    std::uint16_t age;
};
struct order_view {
    std::uint64_t id;
    state now;
    std::string_view note;
    bool urgent;
    std::array<std::uint16_t, 3> lots;
    buyer_view by;
    bytes_view token;
    element_view<std::uint32_t> marks;
    element_view<bool> flags;
    double price;
};
struct shorter_view {
    std::uint64_t id;
};
struct wrong_view { // of a number instead of a string
    std::uint16_t name;
    std::uint16_t age;
};
struct point {
    std::int32_t x = 0, y = 0;
};
struct maybe {
    std::optional<std::uint8_t> rank;
};

} // namespace warehouse

BOOST_HANA_ADAPT_STRUCT(warehouse::buyer, name, age);
BOOST_HANA_ADAPT_STRUCT(warehouse::order, id, now, note, urgent, lots, by, token, marks, flags,
                        price);
BOOST_HANA_ADAPT_STRUCT(warehouse::buyer_view, name, age);
BOOST_HANA_ADAPT_STRUCT(warehouse::order_view, id, now, note, urgent, lots, by, token, marks, flags,
                        price);
BOOST_HANA_ADAPT_STRUCT(warehouse::shorter_view, id);
BOOST_HANA_ADAPT_STRUCT(warehouse::wrong_view, name, age);
BOOST_HANA_ADAPT_STRUCT(warehouse::point, x, y);
BOOST_HANA_ADAPT_STRUCT(warehouse::maybe, rank);

static_assert(ashlar::record_view<warehouse::order_view, warehouse::order>);
static_assert(ashlar::record_view<warehouse::point, warehouse::point>);
static_assert(!ashlar::record_view<warehouse::shorter_view, warehouse::order>);
static_assert(!ashlar::record_view<warehouse::wrong_view, warehouse::buyer>);
static_assert(!ashlar::record_view<warehouse::buyer, warehouse::buyer>);
static_assert(!ashlar::record_view<warehouse::maybe, warehouse::maybe>);

namespace {

const warehouse::order stored{.id = 7,
                              .now = warehouse::state::paid,
                              .note = "as soon as possible",
                              .urgent = true,
                              .lots = {1, 2, 3},
                              .by = {"Ada", 36},
                              .token = {std::byte{1}, std::byte{0}},
                              .marks = {10, 20, 0xFFFF'FFFFU},
                              .flags = {true, false},
                              .price = 1.5};

/// In front stands one byte more, so that nothing is aligned.
std::vector<std::byte> encoded() {
    using codec = ashlar::reflected::codec<warehouse::order>;
    std::vector<std::byte> out(codec::size(stored).value_or(0) + 1);
    REQUIRE(codec::encode(stored, out.data() + 1) == out.data() + out.size());
    return out;
}
auto viewed(bytes_view row) {
    return ashlar::view_as<warehouse::order_view, warehouse::order>(row);
}

} // namespace

TEST_CASE("a stored struct is read where it lies", "[reflected]") {
    const auto bytes = encoded();
    const auto view = viewed(bytes_view{bytes}.skip(1));
    REQUIRE(view);
    CHECK(view->id == 7);
    CHECK(view->now == warehouse::state::paid);
    CHECK(view->note == stored.note);
    CHECK(view->urgent);
    CHECK(view->lots == stored.lots);
    CHECK(view->by.name == "Ada");
    CHECK(view->by.age == 36);
    CHECK(view->token == bytes_view{stored.token});
    CHECK(std::vector<std::uint32_t>(view->marks.begin(), view->marks.end()) == stored.marks);
    CHECK(view->marks[2] == 0xFFFF'FFFFU);
    REQUIRE(view->flags.size() == 2);
    CHECK((view->flags[0] && !view->flags[1]));
    CHECK(view->price == 1.5);
    const auto* first = reinterpret_cast<const char*>(bytes.data());
    CHECK((view->note.data() > first && view->note.data() < first + bytes.size()));
}

TEST_CASE("a view refuses what the codec refuses, byte by byte", "[reflected]") {
    const auto bytes = encoded();
    const bytes_view whole = bytes_view{bytes}.skip(1);
    for (std::size_t n = 0; n < whole.size(); ++n)
        CHECK(viewed({whole.data(), n}).error() == errc::corrupt);
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK(viewed(bytes_view{longer}.skip(1)).error() == errc::corrupt);

    std::size_t refused = 0;
    for (std::size_t at = 1; at < bytes.size(); ++at)
        for (const unsigned value : {0U, 2U, 0x7FU, 0xFFU}) {
            auto changed = bytes;
            changed[at] = static_cast<std::byte>(value);
            bytes_view rest = bytes_view{changed}.skip(1);
            const auto owned = ashlar::reflected::codec<warehouse::order>::decode_some(rest);
            const auto view = viewed(bytes_view{changed}.skip(1));
            CHECK(view.has_value() == (owned && rest.empty()));
            if (!owned) CHECK(view.error() == owned.error());
            refused += view ? 0U : 1U;
        }
    CHECK(refused > 20);
}

TEST_CASE("a view of fixed members is a copy; empty sequences have no elements", "[reflected]") {
    std::byte out[10];
    using codec = ashlar::reflected::codec<warehouse::point>;
    REQUIRE(codec::encode({-1, 5}, out) == out + 10);
    const auto point = ashlar::view_as<warehouse::point, warehouse::point>({out, 10});
    REQUIRE(point);
    CHECK((point->x == -1 && point->y == 5));
    CHECK(ashlar::view_as<warehouse::point, warehouse::point>({out, 9}).error() == errc::corrupt);
    CHECK(element_view<std::uint64_t>{}.empty());
    CHECK(element_view<std::uint64_t>{}.begin() == element_view<std::uint64_t>{}.end());
}
