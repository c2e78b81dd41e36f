// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/format/crc32c.hpp>

#include <string>

using namespace ashlar::literals;
using ashlar::crc32c;
using ashlar::crc32c_portable;

TEST_CASE("crc32c gives the published values on both paths") {
    // RFC 3720 appendix B.4, and the check value of the CRC catalogues.
    std::string ascending;
    std::string descending;
    for (int i = 0; i < 32; ++i) {
        ascending += static_cast<char>(i);
        descending += static_cast<char>(31 - i);
    }
    const struct {
        std::string bytes;
        std::uint32_t sum;
    } vectors[] = {
        {"", 0x00000000},
        {"123456789", 0xE3069283},
        {std::string(32, '\0'), 0x8A9136AA},
        {std::string(32, '\xFF'), 0x62A8AB43},
        {ascending, 0x46DD794E},
        {descending, 0x113FDB5C},
    };
    for (const auto& v : vectors) {
        CHECK(crc32c(v.bytes) == v.sum);
        CHECK(crc32c_portable(v.bytes) == v.sum);
    }
}

TEST_CASE("crc32c by instruction equals crc32c by nibble at every length and alignment") {
    std::string bytes;
    std::uint32_t state = 1;
    for (int i = 0; i < 4096 + 9; ++i) {
        state = state * 1664525 + 1013904223;
        bytes += static_cast<char>(state >> 24);
    }
    const ashlar::bytes_view all{bytes};
    for (std::size_t from = 0; from < 9; ++from) {
        const std::uint32_t before = from % 2 == 0 ? 0 : 0xDEADBEEF;
        std::uint32_t by_nibble = before;
        std::size_t differ = 0;
        for (std::size_t n = 0; n <= 4096; ++n) {
            if (crc32c(all.skip(from).first(n), before) != by_nibble) ++differ;
            by_nibble = crc32c_portable(all.skip(from + n).first(1), by_nibble);
        }
        CHECK(differ == 0);
        CHECK(by_nibble == crc32c_portable(all.skip(from).first(4097), before));
    }
}

TEST_CASE("crc32c continues") {
    CHECK(crc32c("456789"_b, crc32c("123"_b)) == 0xE3069283);
    CHECK(crc32c_portable("456789"_b, crc32c_portable("123"_b)) == 0xE3069283);
}
