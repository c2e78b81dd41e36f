// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"
#include "support/effort.hpp"

#include <ashlar/codec/big_endian.hpp>

#include <cmath>
#include <limits>

using namespace ashlar;
using namespace key_codec_tools;

namespace {

enum class colour : std::int16_t { dark = -300, none = 0, red = 1 };
template <class T>
using codec_of = big_endian::codec<T>;
using detail::int128;
using detail::uint128;

/// Every bit pattern, those near the borders more often. Floats too: NaNs, infinities, denormals.
template <class T>
struct any_bits {
    using bits = typename codec_of<T>::bits;
    T operator()(testing::random_source& random) const {
        bits raw = static_cast<bits>(random.next());
        if constexpr (sizeof(T) == 16) raw = raw << 64 | random.next();
        if (random.one_in(2)) { // few bits set or few bits clear, somewhere
            raw = static_cast<bits>(bits{1} << random.below(8 * sizeof(T)));
            raw = static_cast<bits>(raw + random.below(3) - 1);
            if (random.one_in(2)) raw = static_cast<bits>(~raw);
        }
        if constexpr (std::is_floating_point_v<T>) return __builtin_bit_cast(T, raw);
        else if constexpr (std::same_as<T, bool>) return (raw & 1) != 0;
        else return static_cast<T>(static_cast<detail::integer_of_t<T>>(raw));
    }
};

/// IEEE total order, written the long way round.
template <class F>
struct any_float : any_bits<F> {
    static bool equal(F x, F y) { return raw(x) == raw(y); }
    static bool less(F x, F y) {
        const bool nx = std::signbit(x);
        const bool ny = std::signbit(y);
        if (nx != ny) return nx;
        if (std::isnan(x) || std::isnan(y)) return nx ? raw(x) > raw(y) : raw(x) < raw(y);
        if (x != y) return x < y;
        return false;
    }
    static auto raw(F x) { return __builtin_bit_cast(typename any_bits<F>::bits, x); }
};

} // namespace

TEST_CASE("big_endian: golden vectors of integers (K-21, R-13, R-15: signs sort)") {
    golden<codec_of<std::uint8_t>>(std::uint8_t{0xAB}, "ab");
    golden<codec_of<std::uint16_t>>(std::uint16_t{0x0102}, "0102");
    golden<codec_of<std::uint32_t>>(std::uint32_t{0xDEADBEEF}, "deadbeef");
    golden<codec_of<std::uint64_t>>(std::uint64_t{0x0102030405060708}, "0102030405060708");
    golden<codec_of<std::int8_t>>(std::int8_t{-128}, "00");
    golden<codec_of<std::int8_t>>(std::int8_t{-1}, "7f");
    golden<codec_of<std::int8_t>>(std::int8_t{0}, "80");
    golden<codec_of<std::int16_t>>(std::int16_t{1}, "8001");
    golden<codec_of<std::int32_t>>(std::int32_t{-2}, "7ffffffe");
    golden<codec_of<std::int64_t>>(std::numeric_limits<std::int64_t>::min(), "0000000000000000");
    golden<codec_of<std::int64_t>>(std::numeric_limits<std::int64_t>::max(), "ffffffffffffffff");
    golden<codec_of<bool>>(false, "00");
    golden<codec_of<bool>>(true, "01");
    golden<codec_of<char16_t>>(u'\u20ac', "20ac");
    golden<codec_of<colour>>(colour::dark, "7ed4");
    golden<codec_of<std::byte>>(std::byte{7}, "07");
    golden<codec_of<uint128>>(static_cast<uint128>(1) << 64 | 2,
                              "0000000000000001 0000000000000002");
    golden<codec_of<int128>>(static_cast<int128>(-1), "7fffffffffffffff ffffffffffffffff");
}

TEST_CASE("big_endian: golden vectors of floats") {
    golden<codec_of<double>>(1.0, "bff0000000000000");
    golden<codec_of<double>>(0.0, "8000000000000000");
    CHECK(encoded<codec_of<double>>(-0.0) == "7fffffffffffffff");
    golden<codec_of<double>>(-1.0, "400fffffffffffff");
    golden<codec_of<double>>(std::numeric_limits<double>::infinity(), "fff0000000000000");
    golden<codec_of<double>>(-std::numeric_limits<double>::infinity(), "000fffffffffffff");
    golden<codec_of<float>>(1.5f, "bfc00000");
    CHECK(encoded<codec_of<float>>(std::numeric_limits<float>::quiet_NaN()) == "ffc00000");
    CHECK(encoded<codec_of<float>>(-std::numeric_limits<float>::quiet_NaN()) == "003fffff");
}

TEST_CASE("big_endian: the extent is the size, the name tells the type") {
    STATIC_REQUIRE(codec_of<std::uint64_t>::extent == 8);
    STATIC_REQUIRE(codec_of<bool>::extent == 1);
    STATIC_REQUIRE(codec_of<uint128>::extent == 16);
    CHECK(described<codec_of<std::uint64_t>>() == "big_endian(u64)");
    CHECK(described<codec_of<colour>>() == "big_endian(i16)");
    CHECK(described<codec_of<double>>() == "big_endian(f64)");
    CHECK(described<codec_of<bool>>() == "big_endian(bool)");
}

TEST_CASE("big_endian: bytes that no value has are corrupt") {
    CHECK(fault<codec_of<bool>, bool>("02") == "corrupt");
    CHECK(fault<codec_of<std::uint32_t>, std::uint32_t>("010203") == "corrupt");
    CHECK(fault<codec_of<std::uint32_t>, std::uint32_t>("0102030405") == "corrupt");
    CHECK(fault<codec_of<std::uint32_t>, std::uint32_t>("") == "corrupt");
}

TEST_CASE("big_endian: laws of every type") {
    key_laws<codec_of<bool>>(any_bits<bool>{}, 100);
    key_laws<codec_of<char>>(any_bits<char>{}, 300);
    key_laws<codec_of<std::uint8_t>>(any_bits<std::uint8_t>{}, 300);
    key_laws<codec_of<std::int8_t>>(any_bits<std::int8_t>{}, 300);
    key_laws<codec_of<std::uint16_t>>(any_bits<std::uint16_t>{});
    key_laws<codec_of<std::int16_t>>(any_bits<std::int16_t>{});
    key_laws<codec_of<std::uint32_t>>(any_bits<std::uint32_t>{});
    key_laws<codec_of<std::int32_t>>(any_bits<std::int32_t>{});
    key_laws<codec_of<uint128>>(any_bits<uint128>{});
    key_laws<codec_of<int128>>(any_bits<int128>{});
    key_laws<codec_of<colour>>(any_bits<colour>{});
    key_laws<codec_of<float>>(any_float<float>{});
}

TEST_CASE("big_endian: a million pairs of each 64-bit type sort as their bytes (F6)") {
    key_laws<codec_of<std::uint64_t>>(any_bits<std::uint64_t>{}, ashlar_test::effort(2000),
                                      ashlar_test::effort(500));
    key_laws<codec_of<std::int64_t>>(any_bits<std::int64_t>{}, ashlar_test::effort(2000),
                                     ashlar_test::effort(500));
    key_laws<codec_of<double>>(any_float<double>{}, ashlar_test::effort(2000),
                               ashlar_test::effort(500));
}
