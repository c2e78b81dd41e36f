// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/format/flash.hpp>

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

TEST_CASE("flash: a header with one flipped bit is repaired, with two it is broken or itself") {
    for (const std::uint32_t size : {flash::record_header_size, flash::sector_header_size}) {
        std::array<std::byte, 24> header{};
        for (std::uint32_t i = 0; i < size; ++i) header[i] = static_cast<std::byte>(37 * i + 1);
        flash::store_sum(header.data(), size, flash::header_sum(header.data(), size, 9));
        const auto whole = header;
        std::uint32_t sum = 0;
        CHECK(flash::repair(header.data(), size, 9, sum) == flash::soundness::sound);
        const std::uint32_t good = sum;
        CHECK(flash::repair(header.data(), size, 10, sum) == flash::soundness::broken);
        CHECK(header == whole);
        for (std::uint32_t bit = 0; bit < 8 * size; ++bit) {
            header = whole;
            header[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
            CHECK(flash::repair(header.data(), size, 9, sum) == flash::soundness::repaired);
            CHECK((header == whole && sum == good));
            // No second flip is taken for a single one: two headers differ in four bits at least.
            for (std::uint32_t other = 0; other < bit; ++other) {
                header = whole;
                header[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
                header[other / 8] ^= static_cast<std::byte>(1U << other % 8);
                if (flash::repair(header.data(), size, 9, sum) != flash::soundness::broken)
                    FAIL("flips of bits " << bit << " and " << other << " were taken for one");
            }
        }
    }
}

TEST_CASE("flash: a mark is read by majority, so that no flip changes it") {
    for (const std::uint32_t size : {1U, 2U, 4U}) {
        std::array<std::byte, 4> mark{};
        for (std::uint32_t bit = 0; bit < 8 * size; ++bit) {
            mark.fill(std::byte{0});
            mark[bit / 8] = static_cast<std::byte>(1U << bit % 8);
            CHECK(flash::is_marked(mark.data(), size));
            mark.fill(std::byte{0xFF});
            mark[bit / 8] = static_cast<std::byte>(~(1U << bit % 8));
            CHECK_FALSE(flash::is_marked(mark.data(), size));
        }
    }
}
