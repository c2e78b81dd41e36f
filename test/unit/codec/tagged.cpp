// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/tagged.hpp>

#include <limits>
#include <map>

using namespace value_codec_tools;
using ashlar::decimal;
using ashlar::errc;
using ashlar::tagged;
using ashlar::tagged_type;
using ashlar::tagged_value;
using ashlar::tagged_view;

using codec = tagged::codec<tagged_value>;
using view_codec = tagged::codec<tagged_view>;

static_assert(ashlar::value_codec_policy<ashlar::checksummed<tagged>, tagged_value>);
static_assert(!std::is_constructible_v<tagged_value, std::uint64_t>);
static_assert(!std::is_constructible_v<tagged_value, void*>);

namespace {

tagged_value everything() {
    return tagged_value::map(
        {{"null", nullptr},
         {"integer", -2},
         {"floating", 0.5},
         {"decimal", *decimal::parse("-12.345")},
         {"string", "text"},
         {"bytes", tagged_value::bytes(unhex("00ff"))},
         {"list", tagged_value::list({1, "two", tagged_value::list({true, nullptr})})},
         {"map", tagged_value::map({{"", false}})},
         {"boolean", true}});
}

tagged_value back(const tagged_value& value) {
    const auto decoded_value = decoded<codec, tagged_value>(encoded<codec>(value));
    REQUIRE(decoded_value.has_value());
    return *decoded_value;
}

errc refused(const std::string& bytes) {
    const errc owner = decode_error<codec, tagged_value>(unhex(bytes));
    CHECK(decode_error<view_codec, tagged_view>(unhex(bytes)) == owner);
    return owner;
}

} // namespace

TEST_CASE("tagged has golden encodings of every type (K-02)") {
    CHECK(encoded_hex<codec>(tagged_value()) == "00");
    CHECK(encoded_hex<codec>(tagged_value(nullptr)) == "00");
    CHECK(encoded_hex<codec>(tagged_value(1)) == "010100000000000000");
    CHECK(encoded_hex<codec>(tagged_value(-2)) == "01feffffffffffffff");
    CHECK(encoded_hex<codec>(tagged_value(std::numeric_limits<std::int64_t>::min())) ==
          "010000000000000080");
    CHECK(encoded_hex<codec>(tagged_value(1.5)) == "02000000000000f83f");
    CHECK(encoded_hex<codec>(tagged_value(*decimal::parse("-12.345"))) ==
          "030301393000000000000000000000");
    CHECK(encoded_hex<codec>(tagged_value("hé")) == "040300000068c3a9");
    CHECK(encoded_hex<codec>(tagged_value("")) == "0400000000");
    CHECK(encoded_hex<codec>(tagged_value::bytes(unhex("00ff"))) == "050200000000ff");
    CHECK(encoded_hex<codec>(tagged_value::list({})) == "060000000000000000");
    CHECK(encoded_hex<codec>(tagged_value::list({1, nullptr, "x"})) == "061000000003000000"
                                                                       "010100000000000000"
                                                                       "00"
                                                                       "040100000078");
    CHECK(encoded_hex<codec>(tagged_value::map({{"b", true}, {"a", nullptr}})) ==
          "070d00000002000000"
          "0100000061"
          "00"
          "0100000062"
          "0801");
    CHECK(encoded_hex<codec>(tagged_value(true)) == "0801");
    CHECK(encoded_hex<codec>(tagged_value(false)) == "0800");
    CHECK(encoded_hex<view_codec>(tagged_view{}) == "00");
}

TEST_CASE("tagged values of every type and nesting round trip (K-02)") {
    const tagged_value all = back(everything());
    CHECK(all == everything());
    const auto map = all.view().as_map();
    REQUIRE(map.has_value());
    CHECK(map->size() == 9);
    const auto at = [&](const char* key) {
        const auto found = map->find(key);
        REQUIRE(found.has_value());
        return *found;
    };
    CHECK(at("null").is_null());
    CHECK(*at("integer").as_integer() == -2);
    CHECK(*at("floating").as_floating() == 0.5);
    CHECK(identical(*at("decimal").as_decimal(), *decimal::parse("-12.345")));
    CHECK(*at("string").as_string() == ashlar::text_view{"text"});
    CHECK(hex(*at("bytes").as_bytes()) == "00ff");
    CHECK(*at("boolean").as_boolean());
    CHECK(map->find("absent").error() == errc::not_found);
    CHECK(*at("map").as_map()->find("")->as_boolean() == false);

    std::string types;
    const auto list = at("list").as_list();
    REQUIRE(list.has_value());
    CHECK(list->size() == 3);
    for (const tagged_view element : *list)
        types += static_cast<char>('0' + static_cast<int>(element.type()));
    CHECK(types == "146");

    std::string keys;
    for (const ashlar::tagged_entry entry : *map)
        keys += std::string(entry.key.data(), entry.key.size()) + " ";
    CHECK(keys == "boolean bytes decimal floating integer list map null string ");
}

TEST_CASE("tagged values say when they are asked for another type") {
    const tagged_value number = 1;
    CHECK(number.view().as_integer().has_value());
    CHECK(number.view().as_floating().error() == errc::type_mismatch);
    CHECK(number.view().as_decimal().error() == errc::type_mismatch);
    CHECK(number.view().as_boolean().error() == errc::type_mismatch);
    CHECK(number.view().as_string().error() == errc::type_mismatch);
    CHECK(number.view().as_bytes().error() == errc::type_mismatch);
    CHECK(number.view().as_list().error() == errc::type_mismatch);
    CHECK(number.view().as_map().error() == errc::type_mismatch);
    CHECK(tagged_value("1").view().as_integer().error() == errc::type_mismatch);
    CHECK(tagged_view{}.as_integer().error() == errc::type_mismatch);
}

TEST_CASE("tagged values compare by representation (K-16)") {
    CHECK(tagged_value(1) == tagged_value(1));
    CHECK_FALSE(tagged_value(1) == tagged_value(1.0));
    CHECK_FALSE(tagged_value(*decimal::parse("1.5")) == tagged_value(*decimal::parse("1.50")));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(tagged_value(nan) == tagged_value(nan));
    CHECK(tagged_value::map({{"a", 1}, {"b", 2}}) == tagged_value::map({{"b", 2}, {"a", 1}}));
    CHECK(tagged_value::map({{"a", 1}, {"a", 2}}) == tagged_value::map({{"a", 2}}));
    CHECK(tagged_view{} == tagged_value().view());
}

TEST_CASE("tagged values are made of standard containers, and copied from views") {
    const std::vector<tagged_value> elements{1, 2};
    CHECK(tagged_value::list(elements) == tagged_value::list({1, 2}));
    const std::map<std::string, tagged_value> entries{{"k", "v"}};
    CHECK(tagged_value::map(entries) == tagged_value::map({{"k", "v"}}));
    CHECK(tagged_value(everything().view()) == everything());
    CHECK(tagged_value(tagged_view{}) == tagged_value());
    CHECK(tagged_value(std::string("s\0t", 3)).view().as_string()->size() == 3);
}

TEST_CASE("tagged views decode without copying") {
    const byte_string stored = encoded<codec>(everything());
    ashlar::bytes_view in{stored};
    const auto view = view_codec::decode_some(in);
    REQUIRE(view.has_value());
    CHECK(view->encoding().data() == stored.data());
    CHECK(in.empty());
    CHECK(*view == everything().view());
}

TEST_CASE("tagged refuses every truncation and every addition") {
    check_truncations<codec, tagged_value>(encoded<codec>(everything()));
    for (const char* one : {"00", "0801", "010100000000000000", "0400000000"})
        CHECK(refused(std::string(one) + "00") == errc::corrupt);
}

TEST_CASE("tagged has one encoding for one value") {
    check_flips_are_canonical<codec, tagged_value>(encoded<codec>(everything()));
}

TEST_CASE("tagged refuses hostile bytes (W12)") {
    CHECK(refused("") == errc::corrupt);
    CHECK(refused("09") == errc::corrupt);
    CHECK(refused("ff") == errc::corrupt);
    CHECK(refused("0802") == errc::corrupt);         // a third truth value
    CHECK(refused("04ffffffff61") == errc::corrupt); // longer than the bytes
    CHECK(refused("05ffffff7f") == errc::corrupt);
    CHECK(refused("06ffffffff01000000 00") == errc::corrupt); // body beyond the bytes
    CHECK(refused("0601000000ffffffff 00") == errc::corrupt); // count beyond the body
    CHECK(refused("0600000000ffffffff") == errc::corrupt);
    CHECK(refused("0602000000 01000000 00 00") == errc::corrupt); // body not filled
    CHECK(refused("0601000000 02000000 00 00") == errc::corrupt); // element outside the body
    CHECK(refused("0706000000 01000000 ffffffff 61 00") == errc::corrupt); // key beyond the body
    CHECK(refused("070c000000 02000000 0100000061 00 0100000061 00") == errc::corrupt); // twice
    CHECK(refused("070c000000 02000000 0100000062 00 0100000061 00") == errc::corrupt); // order
    CHECK(refused("03 1d00 010000000000000000000000") == errc::corrupt);                // scale 29
    CHECK(refused("03 0001 000000000000000000000000") == errc::corrupt); // minus nothing
}

namespace {
/// Lists in lists, the innermost empty, as bytes.
byte_string nested(std::size_t depth) {
    byte_string bytes(depth * 9);
    for (std::size_t i = 0; i < depth; ++i) {
        std::byte* at = bytes.data() + i * 9;
        at[0] = std::byte{6};
        ashlar::store_little(at + 1, static_cast<std::uint32_t>((depth - i - 1) * 9));
        ashlar::store_little(at + 5, std::uint32_t{i + 1 < depth});
    }
    return bytes;
}
tagged_value chain(unsigned depth) {
    tagged_value value = tagged_value::list({});
    for (unsigned i = 1; i < depth; ++i) value = tagged_value::list({std::move(value)});
    return value;
}
} // namespace

TEST_CASE("tagged bounds the depth in both directions") {
    const unsigned most = ashlar::max_tagged_depth;
    CHECK(hex(encoded<codec>(chain(most))) == hex(nested(most)));
    CHECK(decoded<codec, tagged_value>(nested(most)).has_value());
    CHECK(decode_error<codec, tagged_value>(nested(most + 1)) == errc::corrupt);
    CHECK(decode_error<codec, tagged_value>(nested(1'000'000)) == errc::corrupt);

    CHECK(codec::size(chain(most + 1)).error() == errc::invalid_argument);
    CHECK(codec::size(tagged_value::map({{"k", chain(most)}})).error() == errc::invalid_argument);
    CHECK(codec::size(chain(1'000)).error() == errc::invalid_argument);
    // A value that was decoded knows its depth too.
    const tagged_value read = *decoded<codec, tagged_value>(nested(most));
    CHECK(codec::size(tagged_value::list({read})).error() == errc::invalid_argument);
}

TEST_CASE("tagged consumes its own bytes and leaves the rest") {
    const byte_string two = unhex("0801 00");
    ashlar::bytes_view in{two};
    CHECK(*codec::decode_some(in)->view().as_boolean());
    CHECK(in.size() == 1);
    CHECK(codec::decode_some(in)->view().is_null());
    CHECK(in.empty());
    CHECK(description<codec>() == "tagged");
}
