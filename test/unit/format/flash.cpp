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
