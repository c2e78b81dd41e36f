// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/codec/raw.hpp>

#include <array>
#include <new>
#include <string_view>

using namespace value_codec_tools;
using ashlar::errc;
using ashlar::raw;

template <class T>
using codec = raw::codec<T>;

static_assert(ashlar::value_codec_policy<raw, std::string>);
static_assert(ashlar::value_codec_policy<raw, std::string_view>);
static_assert(ashlar::value_codec_policy<raw, std::vector<std::byte>>);
static_assert(ashlar::value_codec_policy<raw, std::vector<std::uint8_t>>);
static_assert(ashlar::value_codec_policy<raw, std::array<char, 3>>);
static_assert(codec<std::string>::extent == ashlar::dynamic_extent);
static_assert(codec<std::array<std::byte, 7>>::extent == 7);

TEST_CASE("raw stores bytes as they are") {
    const std::string text("a\0b", 3);
    CHECK(encoded_hex<codec<std::string>>(text) == "610062");
    CHECK(*decoded<codec<std::string>, std::string>(unhex("610062")) == text);

    const byte_string bytes = unhex("00ff10");
    CHECK(encoded_hex<codec<byte_string>>(bytes) == "00ff10");
    CHECK(*decoded<codec<byte_string>, byte_string>(bytes) == bytes);

    const std::array<std::uint8_t, 2> two{{1, 254}};
    CHECK(encoded_hex<codec<std::array<std::uint8_t, 2>>>(two) == "01fe");
    CHECK(*decoded<codec<std::array<std::uint8_t, 2>>, std::array<std::uint8_t, 2>>(
              unhex("01fe")) == two);
}

TEST_CASE("raw takes nothing as nothing") {
    CHECK(encoded_hex<codec<std::string>>(std::string()) == "");
    ashlar::bytes_view none;
    CHECK(codec<std::string>::decode_some(none)->empty());
    CHECK(codec<byte_string>::decode_some(none)->empty());
    CHECK(codec<ashlar::bytes_view>::decode_some(none)->empty());
}

TEST_CASE("raw of a fixed length takes exactly that length") {
    using four = std::array<std::byte, 4>;
    check_truncations<codec<four>, four>(unhex("01020304"));
    CHECK(decode_error<codec<four>, four>(unhex("0102030405")) == errc::corrupt);
    const byte_string five = unhex("0102030405");
    ashlar::bytes_view in{five};
    CHECK(codec<four>::decode_some(in).has_value());
    CHECK(in.size() == 1);
}

TEST_CASE("raw does not copy what is decoded into a view") {
    const std::string stored = "stored";
    ashlar::bytes_view in{stored};
    const auto view = codec<std::string_view>::decode_some(in);
    REQUIRE(view.has_value());
    CHECK(view->data() == stored.data());
    CHECK(in.empty());
}

namespace {
/// Bytes whose copy fails, as when memory is out.
struct hungry {
    hungry() = default;
    hungry(const char*, std::size_t) { throw std::bad_alloc(); }
    hungry(hungry&&) noexcept {}
    hungry(const hungry&) {}
    [[nodiscard]] const char* data() const { return "x"; }
    [[nodiscard]] std::size_t size() const { return 1; }
    ~hungry() {}
};
} // namespace

TEST_CASE("raw reports an allocation that failed") {
    CHECK(decode_error<codec<hungry>, hungry>(unhex("00")) == errc::out_of_memory);
}

TEST_CASE("raw says what it is") {
    CHECK(description<codec<std::string>>() == "raw");
    CHECK(description<codec<std::array<char, 12>>>() == "raw[12]");
}
