// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/row_chunk.hpp>

#include <string>
#include <vector>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using any_length = row_chunk<dynamic_extent, dynamic_extent>;
using fixed = row_chunk<2, 3>;

template <class Chunk>
std::string shown(Chunk& chunk, std::size_t enough = 100) {
    std::string all;
    auto visit = [&](bytes_view key, bytes_view row) {
        all += key.template as<std::string>() + "=" + row.template as<std::string>() + ";";
        return --enough != 0;
    };
    all += chunk.show(visit) ? "all" : "enough";
    return all;
}

} // namespace

TEMPLATE_TEST_CASE("row chunk: shows copies in order, and says which was last", "", any_length,
                   fixed) {
    TestType chunk;
    CHECK(chunk.count() == 0);
    CHECK(chunk.add("k1"_b, "one"_b) == errc::out_of_memory); // nothing was prepared
    chunk.prepare(2);
    CHECK(shown(chunk) == "all");
    CHECK(chunk.add("k1"_b, "one"_b) == errc::ok);
    CHECK_FALSE(chunk.is_full());
    CHECK(chunk.add("k2"_b, "two"_b) == errc::ok);
    CHECK(chunk.is_full());
    CHECK(chunk.add("k3"_b, "thr"_b) == errc::out_of_memory);
    CHECK(chunk.count() == 2);
    CHECK(shown(chunk) == "k1=one;k2=two;all");
    CHECK(chunk.last_key() == "k2"_b);
    CHECK(shown(chunk, 1) == "k1=one;enough");
    CHECK(chunk.last_key() == "k1"_b);
    chunk.prepare(1); // less than it has room for
    CHECK(chunk.count() == 0);
    CHECK(chunk.add("k4"_b, "fou"_b) == errc::ok);
    CHECK(chunk.is_full());
    CHECK(shown(chunk) == "k4=fou;all");
}

TEST_CASE("row chunk: fixed lengths are checked, bytes are bounded") {
    fixed chunk;
    chunk.prepare(4);
    CHECK(chunk.add("k"_b, "one"_b) == errc::corrupt);
    CHECK(chunk.add("k1"_b, "long"_b) == errc::corrupt);
    CHECK(chunk.count() == 0);

    row_chunk<8, 60'000> wide;
    wide.prepare(1000);
    const std::vector<std::byte> row(60'000);
    CHECK(wide.add("12345678"_b, row) == errc::ok);
    CHECK(wide.is_full());
    any_length grown;
    grown.prepare(1000);
    while (!grown.is_full()) REQUIRE(grown.add("12345678"_b, row) == errc::ok);
    CHECK(grown.count() == 2);
}
