// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/codec/object_entry.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {

using key = object_key<std::string>;
using codec = object_entry::codec<key>;
using enum record_type;

struct any_key {
    key operator()(testing::random_source& random) const {
        if (random.one_in(5)) return {name(random), "", event_config};
        return {name(random), name(random)};
    }
    static key normal(key x) {
        for (std::string* text : {&x.id, &x.entry})
            for (char& c : *text)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return x;
    }
    static std::string name(testing::random_source& random) {
        std::string text(1 + random.below(4), ' ');
        for (char& c : text) c = "aAbB0-_.:z"[random.below(10)];
        return text;
    }
};

std::string bytes(const key& x) { return bytes_of(encoded<codec>(x)); }

} // namespace

TEST_CASE("object_entry: golden vectors (O-K3: id 00 type entry)") {
    golden<codec>(key{"car-7", "speed"}, "6361722d37 00 11 7370656564");
    golden<codec>(key{"a", "", event_config}, "61 00 01");
    CHECK(encoded<codec>(key{"Foo:Bar", "X_1.y"}) == encoded<codec>(key{"foo:bar", "x_1.y"}));
    CHECK(encoded<codec>(object_key<std::string_view>{"a", "b"}) == "61"
                                                                    "00"
                                                                    "11"
                                                                    "62");
    CHECK(described<codec>() == "object_entry(160)");
}

TEST_CASE("object_entry: ids that are refused, each by its name (O-K1)") {
    CHECK(encoded<codec>(key{"", "e"}) == "key_empty");
    CHECK(encoded<codec>(key{std::string(160, 'a'), "e"}).size() == 2 * 163);
    CHECK(encoded<codec>(key{std::string(161, 'a'), "e"}) == "key_too_long");
    for (const char* bad : {"a b", "a/b", "\xc3\xa4", "a\n", "a,b", "a;b", "a@", "a[", "a`", "a{"})
        CHECK(encoded<codec>(key{bad, "e"}) == "key_bad_characters");
    CHECK(encoded<codec>(key{"a\0b"s, "e"}) == "key_bad_characters");
    using short_codec = basic_object_entry<3>::codec<key>;
    CHECK(encoded<short_codec>(key{"abcd", "e"}) == "key_too_long");
    CHECK(fault<short_codec, key>("61626364 00 11 65") == "corrupt");
}

TEST_CASE("object_entry: entries obey the rule of ids, numbers are text (O-K2)") {
    CHECK(encoded<codec>(key{"a", ""}) == "key_empty");
    CHECK(encoded<codec>(key{"a", std::string(161, 'e')}) == "key_too_long");
    CHECK(encoded<codec>(key{"a", "e f"}) == "key_bad_characters");
    CHECK(encoded<codec>(key{"a", "E"}) == encoded<codec>(key{"a", "e"}));

    const std::string forty_two = bytes_view{entry_number{42}}.as<std::string>();
    CHECK(forty_two == "42");
    CHECK(encoded<codec>(key{"a", forty_two}) == encoded<codec>(key{"a", "42"}));
    CHECK(bytes_view{entry_number{0}}.as<std::string>() == "0");
    CHECK(bytes_view{entry_number{4294967295u}}.as<std::string>() == "4294967295");
    CHECK(entry_number::value_of("42"s).value() == 42);
    CHECK(entry_number::value_of("0"s).value() == 0);
    CHECK(entry_number::value_of("4294967295"s).value() == 4294967295u);
    for (const char* bad : {"", "042", "4294967296", "99999999999", "4a", "-1", "1 "})
        CHECK(entry_number::value_of(std::string{bad}).error() == errc::invalid_argument);
}

TEST_CASE("object_entry: entries of an object sort naturally, metadata first (O-K3)") {
    // The order that a length before the key would break: a, ab, abc, b.
    std::vector<std::string> rows;
    for (const char* entry : {"b", "abc", "a", "ab"}) rows.push_back(bytes(key{"a", entry}));
    rows.push_back(bytes(key{"a-b", "a"}));
    rows.push_back(bytes(key{"a", "", event_config}));
    rows.push_back("a\0\0"s); // the metadata row: the prefix and group_row
    std::sort(rows.begin(), rows.end());
    const std::vector<std::string> wanted = {"a\0\0"s,
                                             "a\0\x01"s,
                                             "a\0\x11"s
                                             "a",
                                             "a\0\x11"s
                                             "ab",
                                             "a\0\x11"s
                                             "abc",
                                             "a\0\x11"s
                                             "b",
                                             "a-b\0\x11"s
                                             "a"};
    CHECK(rows == wanted);
}

TEST_CASE("object_entry: the group is the object, id \"a\" stands apart from \"a-b\" (O-K3)") {
    STATIC_REQUIRE(grouping_codec<codec>);
    const std::string row = bytes(key{"a-b", "e"});
    CHECK(codec::prefix_size(bytes_view{row}).value() == 4);
    CHECK(hex(codec::group_row) == "00");
    CHECK_FALSE(bytes_view{row}.starts_with(bytes_view{"a\0"s}));
    CHECK(codec::prefix_size(bytes_view{"abc"s}).error() == errc::corrupt);
    CHECK(codec::prefix_size(bytes_view{"\0x"s}).error() == errc::corrupt);
    CHECK(encoded<codec>(key{"a", "", metadata}) == "invalid_argument");
}

TEST_CASE("object_entry: every record type but two is reported, never read as an entry (O-K4)") {
    for (unsigned type = 0; type < 256; ++type) {
        std::string row = "a\0?x"s;
        row[2] = static_cast<char>(type);
        const errc code = decode_all<codec, key>(bytes_view{row}).error().code;
        CAPTURE(type);
        if (type == 0x11) CHECK(code == errc::ok);
        else if (type <= 0x01) CHECK(code == errc::corrupt); // both have no entry
        else CHECK(code == errc::unsupported_version);
    }
    CHECK(fault<codec, key>("61 00 00") == "type_mismatch");
    CHECK(fault<codec, key>("61 00 01") == "ok");
    CHECK(fault<codec, key>("61 00 90") == "unsupported_version");
    CHECK(codec::type_of("a\0\0"s).value() == metadata);
    CHECK(codec::type_of("a\0\x01"s).value() == event_config);
    CHECK(codec::type_of("a\0\x11"s
                         "b")
              .value() == string_entry);
    CHECK(codec::type_of("a\0\x10"s
                         "b")
              .error() == errc::unsupported_version);
    CHECK(encoded<codec>(key{"a", "b", numeric_entry}) == "invalid_argument");
    CHECK(encoded<codec>(key{"a", "b", event_config}) == "invalid_argument");
    CHECK(encoded<codec>(key{"a", "b", static_cast<record_type>(0x80)}) == "invalid_argument");
}

TEST_CASE("object_entry: broken encodings are corrupt") {
    CHECK(fault<codec, key>("") == "corrupt");
    CHECK(fault<codec, key>("61") == "corrupt");
    CHECK(fault<codec, key>("61 00") == "corrupt");
    CHECK(fault<codec, key>("00 11 61") == "corrupt");
    CHECK(fault<codec, key>("61 00 11") == "corrupt");
    CHECK(fault<codec, key>("41 00 11 61") == "corrupt"); // a capital is never stored
    CHECK(fault<codec, key>("61 00 11 41") == "corrupt");
    CHECK(fault<codec, key>("61 00 11 6100") == "corrupt");
    CHECK(fault<codec, key>("2f 00 11 61") == "corrupt");
}

TEST_CASE("object_entry: laws") { key_laws<codec>(any_key{}, 3000, 30); }
