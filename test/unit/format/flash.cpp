// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/format/flash.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace flash = ashlar::flash;

TEST_CASE("flash: the sum of bytes and their checksum is a constant") {
    for (const std::string text : {"", "a", "a longer piece of bytes"}) {
        std::array<std::byte, 4> sum{};
        ashlar::store_little(sum.data(), ashlar::crc32c(text, 77));
        CHECK(ashlar::crc32c(sum, ashlar::crc32c(text, 77)) == flash::checksum_residue);
    }
}

TEST_CASE("flash: the sum of a checksummed text tells which bit was flipped, if it was one") {
    std::array<std::byte, 40> text{};
    for (std::uint32_t i = 0; i < 36; ++i) text[i] = static_cast<std::byte>(91 * i + 7);
    ashlar::store_little(text.data() + 36, ashlar::crc32c({text.data(), 36}));
    const auto flip = [&](std::uint32_t bit) {
        text[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    };
    const auto found = [&] {
        return flash::flipped_bit(flash::sum_of(text.data(), 40, 0), 8 * std::uint32_t{40});
    };
    CHECK(found() == flash::no_bit);
    for (std::uint32_t bit = 0; bit < 320; ++bit) {
        flip(bit);
        if (found() != bit) FAIL("flip of bit " << bit);
        for (std::uint32_t other = 0; other < bit; ++other) {
            flip(other);
            if (found() != flash::no_bit) FAIL("flips of bits " << bit << " and " << other);
            flip(other);
        }
        flip(bit);
    }
}

TEST_CASE("flash: a header with one flipped bit is repaired, with two it is broken") {
    std::array<std::byte, 9> header{};
    for (std::uint32_t i = 0; i < 5; ++i) header[i] = static_cast<std::byte>(37 * i + 1);
    flash::seal(header.data(), 9);
    const auto whole = header;
    const auto same = [&] { return std::equal(whole.begin(), whole.end() - 1, header.begin()); };
    const auto flip = [&](std::uint32_t bit) {
        header[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    };
    CHECK((flash::repair(header.data(), 9) && same()));
    CHECK_FALSE(flash::repair(header.data(), 10));
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
        header = whole;
        flip(bit);
        CHECK((flash::repair(header.data(), 9) && same()));
        // No two flips are taken for one: two headers differ in four bits at least.
        for (std::uint32_t other = 0; other < bit; ++other) {
            header = whole;
            flip(bit);
            flip(other);
            if (flash::repair(header.data(), 9))
                FAIL("flips of bits " << bit << " and " << other << " were taken for one");
        }
    }
}
