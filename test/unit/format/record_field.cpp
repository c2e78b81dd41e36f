// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/format/record_field.hpp>

#include <array>
#include <optional>

using namespace value_codec_tools;
using ashlar::errc;
using ashlar::record_field;

namespace {

template <class T>
std::string stored(const T& value) {
    std::size_t size = 0;
    REQUIRE(record_field<T>::measure(value, size, 0) == errc::ok);
    byte_string bytes(size);
    REQUIRE(record_field<T>::store(value, bytes.data()) == bytes.data() + size);
    if (record_field<T>::fixed) REQUIRE(size == record_field<T>::least_size);
    REQUIRE(size >= record_field<T>::least_size);

    T back{};
    ashlar::field_reader in{bytes.data(), bytes.data() + size};
    REQUIRE(ashlar::load_field(back, in, 0) == errc::ok);
    REQUIRE(in.left() == 0);
    REQUIRE(back == value);
    return hex(bytes);
}

template <class T>
std::string id() {
    ashlar::sentence text;
    record_field<T>::describe(text, 0);
    return text.c_str();
}

} // namespace

TEST_CASE("record_field stores each kind of member by itself") {
    CHECK(stored(std::int16_t{-2}) == "feff");
    CHECK(stored(true) == "01");
    CHECK(stored(1.0F) == "0000803f");
    CHECK(stored('a') == "61");
    CHECK(stored(std::array<std::uint16_t, 2>{{1, 2}}) == "01000200");
    CHECK(stored(std::array<bool, 2>{{true, false}}) == "0100");
    CHECK(stored(std::string("hi")) == "020000006869");
    CHECK(stored(std::vector<std::uint16_t>{1, 2}) == "0200000001000200");
    CHECK(stored(std::vector<std::string>{"", "x"}) == "02000000000000000100000078");
    CHECK(stored(std::optional<std::uint8_t>{}) == "00");
    CHECK(stored(std::optional<std::uint8_t>{5}) == "0105");
    CHECK(id<std::vector<std::optional<std::array<bool, 2>>>>() == "[?b8*2]");
}

TEST_CASE("record_field reads nothing behind the end") {
    const byte_string three = unhex("010203");
    ashlar::field_reader in{three.data(), three.data() + three.size()};
    std::uint32_t number = 0;
    CHECK(ashlar::load_field(number, in, 0) == errc::corrupt);
    std::string text;
    CHECK(ashlar::load_field(text, in, 0) == errc::corrupt);
    CHECK(in.left() == 3);
}
