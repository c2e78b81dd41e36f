// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/detail/ordered_scalar.hpp>

#include <limits>

using namespace ashlar;

namespace {

template <class T>
constexpr auto bits(T value) {
    return detail::ordered_scalar_codec<T>::to_bits(value);
}
template <class T>
constexpr bool comes_back(T value) {
    return detail::ordered_scalar_codec<T>::from_bits(bits(value)) == value;
}
template <class T>
constexpr bool ends_come_back = comes_back(std::numeric_limits<T>::lowest()) &&
                                comes_back(std::numeric_limits<T>::max()) && comes_back(T{0});

} // namespace

TEST_CASE("ordered_scalar: the bits of a constant are a constant") {
    STATIC_REQUIRE(bits(std::int8_t{-128}) == 0);
    STATIC_REQUIRE(bits(std::int8_t{-1}) == 0x7F);
    STATIC_REQUIRE(bits(std::int16_t{0}) == 0x8000);
    STATIC_REQUIRE(bits(std::uint32_t{5}) == 5);
    STATIC_REQUIRE(bits(-0.0) + 1 == bits(0.0));
    STATIC_REQUIRE(bits(std::numeric_limits<double>::infinity()) == 0xFFF0000000000000u);
    STATIC_REQUIRE(bits(std::numeric_limits<float>::denorm_min()) == bits(0.0f) + 1);
    STATIC_REQUIRE(bits(true) == 1);
}

TEST_CASE("ordered_scalar: the ends of every type come back") {
    STATIC_REQUIRE(ends_come_back<std::int8_t> && ends_come_back<std::uint8_t>);
    STATIC_REQUIRE(ends_come_back<std::int16_t> && ends_come_back<std::uint16_t>);
    STATIC_REQUIRE(ends_come_back<std::int32_t> && ends_come_back<std::uint32_t>);
    STATIC_REQUIRE(ends_come_back<std::int64_t> && ends_come_back<std::uint64_t>);
    STATIC_REQUIRE(ends_come_back<char> && ends_come_back<wchar_t> && ends_come_back<char32_t>);
    STATIC_REQUIRE(ends_come_back<float> && ends_come_back<double>);
}

TEST_CASE("ordered_scalar: words of 16 bytes are stored uppermost byte first") {
    std::byte bytes[16];
    const auto word = static_cast<detail::uint128>(0x0102030405060708u) << 64 | 0x090A0B0C0D0E0F10u;
    detail::store_word(bytes, word);
    for (unsigned i = 0; i < 16; ++i) CHECK(bytes[i] == static_cast<std::byte>(i + 1));
    CHECK(detail::load_word<detail::uint128>(bytes) == word);
}
