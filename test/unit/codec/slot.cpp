// SPDX-License-Identifier: BSL-1.0
// NEEDS: xxhash
#include "key_codec_tools.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/slot.hpp>
#include <ashlar/codec/text.hpp>

#include <set>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {

using codec = slot<2048, native_key>::codec<std::string>;
using number_codec = slot<2048, big_endian>::codec<std::uint64_t>;
using one_codec = slot<1, text>::codec<std::string>;
using key = object_key<std::string>;
using object_codec = slot<65536, object_entry, slot_of::group_prefix>::codec<key>;

struct any_number {
    std::uint64_t operator()(testing::random_source& random) const { return random.below(500); }
};
struct any_object {
    key operator()(testing::random_source& random) const {
        const auto letter = [&] { return std::string(1, "abcd"[random.below(4)]); };
        return {letter(), letter() + letter()};
    }
};

} // namespace

TEST_CASE("slot: golden vectors of the hash (B-F2, K-04, R-43: placement never changes)") {
    // The values of XXH3_64bits, seed 0, as the library's own shared object computes them.
    CHECK(slot_number({}, 65536) == 0x94C2); // of 2d06800538d394c2
    CHECK(slot_number("a"s, 65536) == 0x4E1F);
    CHECK(slot_number("foo"s, 65536) == 0x7D8A);
    CHECK(slot_number("key:1"s, 16384) == 0x137A);
    CHECK(slot_number("celery-task-meta-0001"s, 2048) == 0x0573);
    CHECK(slot_number("0123456789abcdef0123456789abcdef"s, 65536) == 0xC055);
    std::string longer; // beyond 240 bytes XXH3 takes its long path, vectorised where it can be
    for (int i = 0; i < 300; ++i) longer += static_cast<char>(i & 255);
    CHECK(slot_number(longer, 2048) == 0x0425);
    CHECK(slot_number("anything"s, 1) == 0);
    CHECK(slot_number("foo"s, 1000) == 0xAB6E5F64077E7D8Au % 1000);
}

TEST_CASE("slot: golden vectors of keys") {
    golden<codec>("foo"s, "058a 666f6f");
    golden<codec>(""s, "04c2");
    golden<number_codec>(std::uint64_t{42}, "00ac 000000000000002a");
    golden<one_codec>("a"s, "0000 61 0001");
    STATIC_REQUIRE(number_codec::extent == 10);
    STATIC_REQUIRE(codec::extent == dynamic_extent);
    CHECK(described<codec>() == "slot(2048,xxh3_64,whole_key,native(text))");
}

TEST_CASE("slot: order is kept by a single slot only") {
    STATIC_REQUIRE_FALSE(codec::ordered);
    STATIC_REQUIRE_FALSE(number_codec::ordered);
    STATIC_REQUIRE(one_codec::ordered);
}

TEST_CASE("slot: a slot that is not the key's is corrupt") {
    CHECK(fault<codec, std::string>("058b 666f6f") == "corrupt");
    CHECK(fault<codec, std::string>("058a 666f6e") == "corrupt");
    CHECK(fault<codec, std::string>("05") == "corrupt");
    CHECK(fault<number_codec, std::uint64_t>("00ac 0000000000002a") == "corrupt");
}

TEST_CASE("slot: a group stays in one slot, and is a group still") {
    STATIC_REQUIRE(grouping_codec<object_codec>);
    STATIC_REQUIRE_FALSE(grouping_codec<slot<65536, object_entry>::codec<key>>);
    std::set<std::string> slots;
    for (const char* entry : {"a", "b", "c", "speed"})
        slots.insert(encoded<object_codec>(key{"car-7", entry}).substr(0, 4));
    CHECK(slots.size() == 1);
    slots.clear();
    for (const char* entry : {"a", "b", "c", "speed"})
        slots.insert(
            encoded<slot<65536, object_entry>::codec<key>>(key{"car-7", entry}).substr(0, 4));
    CHECK(slots.size() > 1);
    const std::string row = bytes_of(encoded<object_codec>(key{"car-7", "a"}));
    CHECK(object_codec::prefix_size(bytes_view{row}).value() == 2 + 6);
    CHECK(hex(object_codec::group_row) == "00");
    CHECK(object_codec::prefix_size(bytes_view{row}.first(1)).error() == errc::corrupt);
}

TEST_CASE("slot: inside a rule, equal spellings share a slot") {
    using folded = normalized<slot<65536, native_key>, identifier_rule<>>::codec<std::string>;
    CHECK(encoded<folded>("FOO"s) == "7d8a"
                                     "666f6f");
    CHECK(encoded<folded>("foo"s) == encoded<folded>("Foo"s));
}

TEST_CASE("slot: laws") {
    key_laws<codec>(any_text{});
    key_laws<number_codec>(any_number{});
    key_laws<one_codec>(any_text{});
    key_laws<object_codec>(any_object{});
}
