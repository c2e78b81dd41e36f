// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "key_codec_tools.hpp"

#include <ashlar/codec/packed.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <tuple>

namespace packed_test {

struct chunk_key {
    std::uint32_t db;
    std::uint32_t chunk;
    auto operator<=>(const chunk_key&) const = default;
};
struct delta_key {
    std::uint32_t db;
    std::uint32_t chunk;
    std::uint32_t generation;
    auto operator<=>(const delta_key&) const = default;
};

} // namespace packed_test

BOOST_HANA_ADAPT_STRUCT(packed_test::chunk_key, db, chunk);
BOOST_HANA_ADAPT_STRUCT(packed_test::delta_key, db, chunk, generation);

using namespace ashlar;
using namespace key_codec_tools;
using namespace packed_test;

namespace {

enum class kind : std::uint8_t { base, delta, tombstone };
using chunk_codec = packed<32, 32>::codec<chunk_key>;
using delta_codec = packed<32, 32, 32>::codec<delta_key>;
using odd_key = std::tuple<kind, bool, std::uint64_t, std::uint16_t>;
using odd_codec = packed<2, 1, 40, 7>::codec<odd_key>;
using wide_key = std::tuple<std::uint64_t, std::uint64_t>;
using wide_codec = packed<64, 64>::codec<wide_key>;

struct any_chunk {
    chunk_key operator()(testing::random_source& random) const {
        return {static_cast<std::uint32_t>(random.below(3)),
                static_cast<std::uint32_t>(random.next())};
    }
};
struct any_delta {
    delta_key operator()(testing::random_source& random) const {
        return {static_cast<std::uint32_t>(random.below(2)),
                ~static_cast<std::uint32_t>(random.below(2)),
                static_cast<std::uint32_t>(random.next())};
    }
};
struct any_odd {
    odd_key operator()(testing::random_source& random) const {
        return {static_cast<kind>(random.below(4)), random.one_in(2), random.below(3) << 38,
                static_cast<std::uint16_t>(random.below(130))}; // 128 and 129 do not fit
    }
};

} // namespace

TEST_CASE("packed: golden vectors are the words that checkpoints use") {
    golden<chunk_codec>(chunk_key{1, 2}, "0000000100000002"); // db << 32 | chunk
    golden<delta_codec>(
        delta_key{0xA, 0xB, 0xC},
        "0000000a 0000000b 0000000c 00000000"); // db << 96 | chunk << 64 | gen << 32
    golden<wide_codec>(wide_key{1, ~std::uint64_t{0}}, "0000000000000001 ffffffffffffffff");
    // 10 1 (40 zeros) 1111111, then 14 bits unused
    golden<odd_codec>(odd_key{kind::tombstone, true, 0, 127}, "a0000000001fc000");
    golden<packed<8>::codec<std::tuple<std::uint8_t>>>(std::tuple<std::uint8_t>{0xFF},
                                                       "ff00000000000000");
}

TEST_CASE("packed: extents and names") {
    STATIC_REQUIRE(chunk_codec::extent == 8);
    STATIC_REQUIRE(delta_codec::extent == 16);
    STATIC_REQUIRE(odd_codec::extent == 8);
    CHECK(described<delta_codec>() == "packed(32,32,32)");
}

TEST_CASE("packed: a number too large for its field is refused") {
    CHECK(encoded<odd_codec>(odd_key{kind::base, false, 0, 128}) == "invalid_argument");
    CHECK(encoded<odd_codec>(odd_key{kind::base, false, std::uint64_t{1} << 40, 0}) ==
          "invalid_argument");
    CHECK(encoded<odd_codec>(odd_key{static_cast<kind>(4), false, 0, 0}) == "invalid_argument");
    CHECK(encoded<odd_codec>(odd_key{kind::base, false, (std::uint64_t{1} << 40) - 1, 127}) ==
          "1fffffffffffc000");
}

TEST_CASE("packed: bits below the last field and missing bytes are corrupt") {
    CHECK(fault<odd_codec, odd_key>("a0000000001fc001") == "corrupt");
    CHECK(fault<delta_codec, delta_key>("0000000a 0000000b 0000000c 80000000") == "corrupt");
    CHECK(fault<delta_codec, delta_key>("0000000a 0000000b 0000000c 000000") == "corrupt");
    CHECK(fault<chunk_codec, chunk_key>("000000010000000200") == "corrupt");
}

TEST_CASE("packed: laws") {
    key_laws<chunk_codec>(any_chunk{});
    key_laws<delta_codec>(any_delta{});
    key_laws<odd_codec>(any_odd{});
}
