// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/decimal.hpp>

#include <cstdint>
#include <limits>

using namespace value_codec_tools;
using ashlar::decimal;
using ashlar::errc;

namespace {

decimal read(const char* text) {
    const auto d = decimal::parse(text);
    INFO(text);
    REQUIRE(d.has_value());
    return *d;
}
std::string written(const decimal& d) { return d.to_text().digits; }
std::string sum(const char* a, const char* b) {
    const auto s = checked_add(read(a), read(b));
    return s ? written(*s) : name_of(s.error().code);
}
std::string stored(const decimal& d) {
    std::byte bytes[decimal::encoded_size];
    REQUIRE(d.store(bytes) == bytes + decimal::encoded_size);
    return hex({bytes, sizeof bytes});
}
constexpr const char* largest = "79228162514264337593543950335"; // 2^96 - 1

} // namespace

TEST_CASE("decimal reads and writes the same text (K-02)") {
    for (const char* text :
         {"0", "0.00", "1", "-1", "1.50", "-12.345", "0.5", "-0.05", "100", "4294967296",
          "18446744073709551616", "0.0000000000000000000000000001", largest,
          "-7.9228162514264337593543950335", "1.0000000000000000000000000000"})
        CHECK(written(read(text)) == text);
    CHECK(written(read("+007.10")) == "7.10");
    CHECK(written(read("-0.00")) == "0.00");
    CHECK(written(decimal(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
    CHECK(written(decimal(std::numeric_limits<std::uint64_t>::max())) == "18446744073709551615");
    CHECK(written(decimal()) == "0");
    static_assert(decimal::parse("12.5")->scale() == 1 && decimal::parse("12.5")->low() == 125);
}

TEST_CASE("decimal refuses what is not one") {
    for (const char* text : {"", "-", "+", ".", "1.", ".5", "1..2", "1.2.3", " 1", "1 ", "1e5",
                             "0x10", "--1", "nan", "1,5", "\xD9\xA1"})
        CHECK(decimal::parse(text).error() == errc::invalid_argument);
    for (const char* text : {"79228162514264337593543950336", "99999999999999999999999999999",
                             "0.00000000000000000000000000001", "1.00000000000000000000000000000",
                             "100000000000000000000000000000000000000000000000000000000000000000"})
        CHECK(decimal::parse(text).error() == errc::overflow);
    CHECK(decimal::parse("99999999999999999999999999999999x").error() == errc::invalid_argument);
    CHECK(decimal::make(false, 0, 1, 29).error() == errc::invalid_argument);
}

TEST_CASE("decimal compares numbers, not digits") {
    const char* ascending[] = {"-79228162514264337593543950335",
                               "-10",
                               "-9.99",
                               "-0.1",
                               "0.0000000000000000000000000000",
                               "0.0000000000000000000000000001",
                               "0.1",
                               "1",
                               "1.0000000000000000000000000001",
                               "7.9228162514264337593543950335",
                               "8",
                               largest};
    const std::size_t n = sizeof ascending / sizeof *ascending;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            CAPTURE(ascending[i], ascending[j]);
            CHECK((read(ascending[i]) < read(ascending[j])) == (i < j));
            CHECK((read(ascending[i]) == read(ascending[j])) == (i == j));
        }
    CHECK(read("1.5") == read("1.50"));
    CHECK_FALSE(identical(read("1.5"), read("1.50")));
    CHECK(identical(read("1.50"), read("1.50")));
    CHECK(read("0") == read("-0.000"));
    CHECK(written(-read("0.00")) == "0.00");
    CHECK(written(-read("2.50")) == "-2.50");
}

TEST_CASE("decimal adds exactly or not at all") {
    CHECK(sum("1.50", "2.5") == "4.00");
    CHECK(sum("0.1", "0.2") == "0.3");
    CHECK(sum("1", "-1.00") == "0.00");
    CHECK(sum("-1", "0.25") == "-0.75");
    CHECK(sum("1", "-2") == "-1");
    CHECK(sum("-3", "-4.5") == "-7.5");
    CHECK(sum(largest, "0") == largest);
    CHECK(sum(largest, "1") == "overflow");
    CHECK(sum("-79228162514264337593543950335", "-1") == "overflow");
    CHECK(sum(largest, "-1") == "79228162514264337593543950334");
    CHECK(sum(largest, "0.1") == "overflow");
    // A scale that holds no digit is given up where the digits need the room.
    CHECK(sum(largest, "0.00") == largest);
    CHECK(sum("7.9228162514264337593543950335", "0.0000000000000000000000000005") ==
          "7.922816251426433759354395034");
    CHECK(sum("7922816251426433759354395033.5", "0.0000000000000000000000000001") == "overflow");
}

TEST_CASE("decimal agrees with 128-bit arithmetic on random numbers") {
    __extension__ using wide = __int128;
    std::uint64_t state = 88172645463325252ULL;
    const auto next = [&state] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    };
    const auto power = [](unsigned n) {
        std::int64_t p = 1;
        while (n-- > 0) p *= 10;
        return p;
    };
    for (int i = 0; i < 20000; ++i) {
        const unsigned scale_a = static_cast<unsigned>(next() % 7);
        const unsigned scale_b = static_cast<unsigned>(next() % 7);
        const auto a = static_cast<std::int64_t>(next()) >> (next() % 60);
        const auto b = static_cast<std::int64_t>(next()) >> (next() % 60);
        const auto magnitude = [](std::int64_t n) {
            return n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n)
                         : static_cast<std::uint64_t>(n);
        };
        const decimal x = *decimal::make(a < 0, 0, magnitude(a), scale_a);
        const decimal y = *decimal::make(b < 0, 0, magnitude(b), scale_b);
        const unsigned scale = scale_a > scale_b ? scale_a : scale_b;
        const wide xs = static_cast<wide>(a) * power(scale - scale_a);
        const wide ys = static_cast<wide>(b) * power(scale - scale_b);
        REQUIRE((x < y) == (xs < ys));
        REQUIRE((x == y) == (xs == ys));
        const auto both = checked_add(x, y);
        REQUIRE(both.has_value()); // 2^63 * 10^6 < 2^96
        const wide total = xs + ys;
        __extension__ using uwide = unsigned __int128;
        const uwide size =
            total < 0 ? uwide{0} - static_cast<uwide>(total) : static_cast<uwide>(total);
        REQUIRE(identical(*both, *decimal::make(total < 0, static_cast<std::uint32_t>(size >> 64),
                                                static_cast<std::uint64_t>(size), scale)));
        REQUIRE(identical(read(written(*both).c_str()), *both));
    }
}

TEST_CASE("decimal has golden encodings (K-02, W2)") {
    CHECK(stored(decimal()) == "0000000000000000000000000000");
    CHECK(stored(decimal(1)) == "0000010000000000000000000000");
    CHECK(stored(read("-12.345")) == "0301393000000000000000000000");
    CHECK(stored(read("0.0000000000000000000000000001")) == "1c00010000000000000000000000");
    CHECK(stored(read("-7.9228162514264337593543950335")) == "1c01ffffffffffffffffffffffff");
    CHECK(stored(read("18446744073709551616")) == "0000000000000000000001000000");
    for (const char* text : {"0", "1.50", "-12.345", largest}) {
        std::byte bytes[decimal::encoded_size];
        read(text).store(bytes);
        CHECK(identical(*decimal::load(bytes), read(text)));
    }
}

TEST_CASE("decimal refuses bytes that no decimal is stored as") {
    CHECK(decimal::load(unhex("1d00 010000000000000000000000").data()).error() == errc::corrupt);
    CHECK(decimal::load(unhex("ff00 010000000000000000000000").data()).error() == errc::corrupt);
    CHECK(decimal::load(unhex("0002 010000000000000000000000").data()).error() == errc::corrupt);
    CHECK(decimal::load(unhex("0001 000000000000000000000000").data()).error() == errc::corrupt);
}
