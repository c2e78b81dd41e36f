// SPDX-License-Identifier: BSL-1.0
// Power cuts and flipped bits on simulated flash (D-2, D-3): four geometries, four granules.
#include <catch.hpp>

#include "flash_bench.hpp"

#include <cstdlib>

namespace {

using flash_bench::bench;

std::uint64_t images = 0; // of all test cases; printed, and held to a minimum by the last one

/// ASHLAR_SOAK=n runs n seeds instead of one.
std::uint64_t seeds() {
    const char* const soak = std::getenv("ASHLAR_SOAK");
    return soak == nullptr ? 1 : std::strtoull(soak, nullptr, 10);
}

template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule>
void cut(std::size_t steps) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        bench<SectorSize, SectorCount, Granule> b{{.seed = seed}};
        b.cut_everywhere(steps);
        INFO(SectorSize << " x " << SectorCount << ", granule " << Granule << ": " << b.first);
        CHECK(b.violations == 0);
        CHECK(b.chip.mistakes == 0);
        CHECK(b.chip.reprogrammed == 0);
        CHECK(b.chip.erases[0] > 1); // the ring came around
        images += b.images;
    }
}

template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule>
void flip(std::size_t steps, std::size_t later, std::uint32_t stride) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        bench<SectorSize, SectorCount, Granule> b{{.seed = seed}};
        b.fill(steps);
        const auto sum = b.flip_everywhere(later, stride);
        INFO(SectorSize << " x " << SectorCount << ", granule " << Granule << ": " << b.first);
        CHECK(b.violations == 0);
        CHECK(sum.missing == 0); // better than D-3 asks: damage is never taken for absence
        CHECK(sum.right > 9 * sum.reported);
        CHECK(b.chip.mistakes == 0);
    }
}

} // namespace

TEST_CASE("flash: power cut at every step, and again while what follows is under way (D-2, D-7)") {
    SECTION("256 x 4, 1") { cut<256, 4, 1>(80); }
    SECTION("256 x 4, 4") { cut<256, 4, 4>(120); }
    SECTION("256 x 4, 8") { cut<256, 4, 8>(120); }
    SECTION("512 x 4, 32") { cut<512, 4, 32>(120); }
    SECTION("512 x 2, 1") { cut<512, 2, 1>(100); }
    SECTION("512 x 2, 4") { cut<512, 2, 4>(200); }
    SECTION("512 x 2, 8") { cut<512, 2, 8>(250); }
    SECTION("1024 x 2, 32") { cut<1024, 2, 32>(300); }
    SECTION("512 x 3, 1") { cut<512, 3, 1>(100); }
    SECTION("512 x 3, 4") { cut<512, 3, 4>(200); }
    SECTION("512 x 3, 8") { cut<512, 3, 8>(250); }
    SECTION("768 x 3, 32") { cut<768, 3, 32>(250); }
    SECTION("320 x 7, 1") { cut<320, 7, 1>(100); }
    SECTION("320 x 7, 4") { cut<320, 7, 4>(200); }
    SECTION("320 x 7, 8") { cut<320, 7, 8>(250); }
    SECTION("512 x 7, 32") { cut<512, 7, 32>(250); }
}

TEST_CASE("flash: enough images were cut") {
    WARN(images << " images");
    CHECK(images >= 100'000);
}

TEST_CASE("flash: every single flipped bit is right or reported (D-3)") {
    SECTION("256 x 4, 1") { flip<256, 4, 1>(60, 60, 1); }
    SECTION("256 x 4, 4") { flip<256, 4, 4>(60, 60, 1); }
    SECTION("512 x 2, 4") { flip<512, 2, 4>(100, 60, 1); }
    SECTION("512 x 3, 8") { flip<512, 3, 8>(100, 60, 1); }
    SECTION("1024 x 4, 32") { flip<1024, 4, 32>(120, 60, 3); }
}
