// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/face/scan_chunk.hpp>

#include <string>
#include <utility>

using ashlar::dynamic_extent;
using ashlar::errc;
using ashlar::face::rows_in_place;
using ashlar::face::scan_chunk;

namespace {

template <std::size_t Key, std::size_t Value>
using row = ashlar::row_layout<Key, Value, ashlar::row_fields{}>;

// With a heap beside it: 64 rows in 4 KiB or none. Without one: what fits into 512 bytes.
static_assert(rows_in_place<row<8, 56>>(true) == 64 && rows_in_place<row<8, 57>>(true) == 0);
static_assert(rows_in_place<row<4, 4>>(false) == 64 && rows_in_place<row<8, 8>>(false) == 32);
static_assert(rows_in_place<row<8, 504>>(false) == 1 && rows_in_place<row<8, 5000>>(false) == 1);
static_assert(rows_in_place<row<dynamic_extent, 8>>(true) == 0 &&
              rows_in_place<row<8, dynamic_extent>>(false) == 0);

template <class Chunk>
[[nodiscard]] std::string taken(Chunk& chunk) {
    std::string all;
    while (!chunk.empty()) {
        ashlar::bytes_view key, bytes;
        chunk.next(key, bytes);
        all += key.as<std::string>() + "=" + bytes.as<std::string>() + " ";
    }
    return all;
}
[[nodiscard]] ashlar::bytes_view bytes(const char* text) { return ashlar::text_view{text}; }

} // namespace

TEMPLATE_TEST_CASE("scan_chunk: gives back what it was given, also after a move", "",
                   (scan_chunk<row<2, 3>, 4>), (scan_chunk<row<dynamic_extent, 3>, 0>)) {
    TestType chunk;
    CHECK(chunk.empty());
    for (const char* key : {"aa", "bb", "cc"}) REQUIRE(chunk.add(bytes(key), bytes("123")));
    ashlar::bytes_view key, first;
    chunk.next(key, first);
    CHECK(key == bytes("aa"));

    TestType moved{std::move(chunk)};
    CHECK(taken(moved) == "bb=123 cc=123 ");
    REQUIRE(moved.add(bytes("dd"), bytes("456")));
    chunk = std::move(moved);
    CHECK(taken(chunk) == "dd=456 ");
    chunk.clear();
    CHECK(taken(chunk).empty());
    REQUIRE(chunk.add(bytes("ee"), bytes("789")));
    CHECK(taken(chunk) == "ee=789 ");
}

TEST_CASE("scan_chunk: in place, rows of another length are damage") {
    scan_chunk<row<2, 3>, 4> chunk;
    CHECK(chunk.add(bytes("a"), bytes("123")).error() == errc::corrupt);
    CHECK(chunk.add(bytes("aa"), bytes("1234")).error() == errc::corrupt);
    CHECK(chunk.empty());
}

TEST_CASE("scan_chunk: on the heap, rows may have any length") {
    scan_chunk<row<dynamic_extent, dynamic_extent>, 0> chunk;
    const std::string lengthy(10'000, 'x');
    REQUIRE(chunk.add({}, {}));
    REQUIRE(chunk.add(ashlar::text_view{lengthy}, bytes("1")));
    CHECK(taken(chunk) == "= " + lengthy + "=1 ");
}
