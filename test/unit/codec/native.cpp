// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/codec/native.hpp>

#include <array>
#include <string_view>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {

using uuid = std::array<std::byte, 16>;
template <class T>
using codec_of = native_key::codec<T>;

struct span_of_time {
    std::uint32_t from;
    std::uint32_t to;
    bool operator==(const span_of_time&) const = default;
};

template <class T>
struct any_image {
    T operator()(testing::random_source& random) const {
        struct image {
            std::byte bytes[sizeof(T)];
        } raw;
        for (std::byte& byte : raw.bytes) byte = static_cast<std::byte>(random.below(3) * 127);
        return __builtin_bit_cast(T, raw);
    }
    static bool less(const T&, const T&) { return false; } // not asked of unordered codecs
};

struct any_uuid : any_image<uuid> {
    static bool less(const uuid& x, const uuid& y) { return x < y; }
};

} // namespace

TEST_CASE("native_key: text is stored as it is") {
    golden<codec_of<std::string>>(""s, "");
    golden<codec_of<std::string>>("a\0b"s, "610062");
    CHECK(encoded<codec_of<std::string>>(std::string_view{"view"}) == "76696577");
    STATIC_REQUIRE(codec_of<std::string>::extent == dynamic_extent);
    STATIC_REQUIRE(codec_of<std::string>::ordered);
    CHECK(described<codec_of<std::string>>() == "native(text)");
    key_laws<codec_of<std::string>>(any_text{});
}

TEST_CASE("native_key: other keys are their memory image") {
    golden<codec_of<std::uint32_t>>(std::uint32_t{0x01020304},
                                    little_endian_machine ? "04030201" : "01020304");
    STATIC_REQUIRE(codec_of<std::uint32_t>::extent == 4);
    STATIC_REQUIRE_FALSE(codec_of<std::uint32_t>::ordered);
    STATIC_REQUIRE_FALSE(codec_of<std::int8_t>::ordered);
    STATIC_REQUIRE(codec_of<std::uint8_t>::ordered);
    STATIC_REQUIRE(codec_of<uuid>::ordered);
    STATIC_REQUIRE(codec_of<std::array<unsigned char, 4>>::ordered);
    STATIC_REQUIRE_FALSE(codec_of<std::array<signed char, 4>>::ordered);
    CHECK(described<codec_of<std::uint64_t>>() ==
          (little_endian_machine ? "native(8,little)" : "native(8,big)"));
    key_laws<codec_of<span_of_time>>(any_image<span_of_time>{});
    key_laws<codec_of<std::int64_t>>(any_image<std::int64_t>{});
    key_laws<codec_of<uuid>>(any_uuid{});
}

TEST_CASE("native_key: bytes that no value has are corrupt") {
    CHECK(fault<codec_of<std::uint32_t>, std::uint32_t>("010203") == "corrupt");
    CHECK(fault<codec_of<std::uint32_t>, std::uint32_t>("0102030405") == "corrupt");
    CHECK(fault<codec_of<bool>, bool>("02") == "corrupt");
    CHECK(fault<codec_of<bool>, bool>("01") == "ok");
}

TEST_CASE("native_value: any trivially copyable value, floats and padding included") {
    struct reading {
        std::uint8_t sensor;
        double value;
    };
    using codec = native_value::codec<reading>;
    STATIC_REQUIRE(codec::extent == sizeof(reading));
    byte_buffer bytes;
    std::byte* const begin = bytes.extend(codec::extent);
    CHECK(codec::encode(reading{3, 2.5}, begin) == begin + codec::extent);
    const result<reading> back = decode_all<codec, reading>(bytes.view());
    REQUIRE(back.has_value());
    CHECK(back->sensor == 3);
    CHECK(back->value == 2.5);
    CHECK(decode_all<codec, reading>(bytes.view().first(15)).error() == errc::corrupt);

    law_report report;
    const std::size_t taken = testing::check_codec_laws<native_value::codec<std::int32_t>>(
        any_image<std::int32_t>{}, report);
    report.verdict(taken, 1000);
}

TEST_CASE("native_value: text is stored as it is, to the end of the row") {
    using codec = native_value::codec<std::string>;
    STATIC_REQUIRE(codec::extent == dynamic_extent);
    golden<codec>("a\0b"s, "610062");
    golden<codec>(""s, "");
    const std::string text = "seen, not copied";
    CHECK(codec::view(text).data() == bytes_view{text}.data());
    law_report report;
    const std::size_t taken = testing::check_codec_laws<codec>(any_text{}, report);
    report.verdict(taken, 1000);
}
