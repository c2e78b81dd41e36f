// SPDX-License-Identifier: BSL-1.0
// Power cuts and flipped bits on simulated flash (D-2, D-3): four geometries, four granules.
#include <catch.hpp>

#include "flash_bench.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using ashlar::errc;
using flash_bench::bench;

std::uint64_t images = 0; // of all test cases; printed, and held to a minimum by the last one

/// ASHLAR_SOAK=n runs n seeds instead of one.
std::uint64_t seeds() {
    const char* const soak = std::getenv("ASHLAR_SOAK");
    return soak == nullptr ? 1 : std::strtoull(soak, nullptr, 10);
}

template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule,
          ashlar::flash::tuning Tuning = ashlar::flash::tuning{}>
void cut(std::size_t steps) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        bench<SectorSize, SectorCount, Granule, Tuning> b{{.seed = seed}};
        b.cut_everywhere(steps);
        INFO(SectorSize << " x " << SectorCount << ", granule " << Granule << ": " << b.first);
        CHECK(b.violations == 0);
        CHECK(b.chip.mistakes == 0);
        CHECK(b.chip.reprogrammed == 0);
        CHECK(b.chip.erases[0] > 1); // the ring came around
        images += b.images;
    }
}

template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule,
          ashlar::flash::tuning Tuning = ashlar::flash::tuning{}>
void flip(std::size_t steps, std::size_t later, std::uint32_t stride) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        bench<SectorSize, SectorCount, Granule, Tuning> b{{.seed = seed}};
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
    SECTION("256 x 4, 1") { cut<256, 4, 1>(104); }
    SECTION("256 x 4, 4") { cut<256, 4, 4>(156); }
    SECTION("256 x 4, 8") { cut<256, 4, 8>(156); }
    SECTION("512 x 4, 32") { cut<512, 4, 32>(156); }
    SECTION("512 x 2, 1") { cut<512, 2, 1>(130); }
    SECTION("512 x 2, 4") { cut<512, 2, 4>(260); }
    SECTION("512 x 2, 8") { cut<512, 2, 8>(325); }
    SECTION("1024 x 2, 32") { cut<1024, 2, 32>(390); }
    SECTION("512 x 3, 1") { cut<512, 3, 1>(130); }
    SECTION("512 x 3, 4") { cut<512, 3, 4>(260); }
    SECTION("512 x 3, 8") { cut<512, 3, 8>(325); }
    SECTION("768 x 3, 32") { cut<768, 3, 32>(325); }
    SECTION("320 x 7, 1") { cut<320, 7, 1>(130); }
    SECTION("320 x 7, 4") { cut<320, 7, 4>(260); }
    SECTION("320 x 7, 8") { cut<320, 7, 8>(325); }
    SECTION("320 x 5, 4, cached") { cut<320, 5, 4, ashlar::flash::tuning{.cached = 4}>(150); }
    SECTION("512 x 7, 32") { cut<512, 7, 32>(325); }
}

TEST_CASE("flash: enough images were cut") {
    WARN(images << " images");
    CHECK(images >= 100'000);
}

TEST_CASE("flash: every single flipped bit is right or reported (D-3)") {
    SECTION("256 x 4, 1") { flip<256, 4, 1>(60, 60, 1); }
    SECTION("256 x 4, 4") { flip<256, 4, 4>(60, 60, 1); }
    SECTION("256 x 4, 4, cached") {
        flip<256, 4, 4, ashlar::flash::tuning{.cached = 4}>(60, 60, 1);
    }
    SECTION("512 x 2, 4") { flip<512, 2, 4>(100, 60, 1); }
    SECTION("512 x 3, 8") { flip<512, 3, 8>(100, 60, 1); }
    SECTION("1024 x 4, 32") { flip<1024, 4, 32>(120, 60, 3); }
}

namespace {

/// Every verb on an image that may be anything: it ends, and asks the device for nothing that is
/// out of place.
template <class Bench>
void exercise(typename Bench::chip_type& chip, std::uint64_t seed) {
    using model = typename Bench::model;
    typename Bench::log log{model{&chip}};
    ashlar::testing::random_source random{seed};
    std::byte key[8], value[40];
    std::uint32_t size = 0, key_size = 0;
    bool there = false;
    if (log.mount(7) != errc::ok) return;
    ashlar::flash::place from{0, 0}, end = log.log_end();
    for (int i = 0; i < 300; ++i) {
        const errc done = log.next_row(from, end, key, key_size, value, 40, size, there);
        if (done == errc::ok && !there) break;
    }
    for (int i = 0; i < 20; ++i) {
        const std::string name = Bench::key_of(random.below(8));
        static_cast<void>(log.get(name, value, sizeof value, size));
        if (random.one_in(3)) static_cast<void>(log.erase(name, there));
        else static_cast<void>(log.put(name, std::string(random.below(30), 'f')));
        if (random.one_in(8)) static_cast<void>(log.collect());
    }
    CHECK(log.reclaim_pressure() <= 100);
}

} // namespace

TEST_CASE("flash: images of any content neither crash nor hang, nor lead out of bounds (D-3)") {
    using small = bench<256, 4, 4>;
    const auto images_of = [](auto&& make) {
        for (std::uint64_t seed = 1; seed <= 1500 * seeds(); ++seed) {
            small::chip_type chip;
            ashlar::testing::random_source random{seed};
            make(chip, random);
            exercise<small>(chip, seed);
            if (chip.mistakes != 0) FAIL("seed " << seed << " led out of bounds");
        }
    };
    SECTION("noise") {
        images_of([](small::chip_type& chip, ashlar::testing::random_source& random) {
            for (std::byte& b : chip.bytes) b = random.byte();
        });
    }
    SECTION("an image with noise in it") {
        small b{{.seed = 3}};
        b.fill(60);
        images_of([&](small::chip_type& chip, ashlar::testing::random_source& random) {
            chip.bytes = b.chip.bytes;
            for (std::uint64_t n = 1 + random.below(40); n != 0; --n) {
                const std::uint64_t at = random.below(chip.bytes.size());
                const std::uint64_t to = (std::min)(at + 1 + random.below(6), chip.bytes.size());
                for (std::uint64_t i = at; i < to; ++i) chip.bytes[i] = random.byte();
            }
        });
    }
    SECTION("sealed headers that contradict one another") {
        images_of([](small::chip_type& chip, ashlar::testing::random_source& random) {
            for (std::uint32_t base = 0; base < chip.bytes.size(); base += 256) {
                std::byte* const at = chip.bytes.data() + base;
                ashlar::store_little(at, std::uint32_t{0x676F6C61});
                ashlar::store_little(at + 4, std::uint32_t{256});
                ashlar::store_little(at + 8, std::uint32_t{4 | 4 << 16});
                ashlar::store_little(at + 12, std::uint32_t{7});
                const auto sequence = static_cast<std::uint32_t>(64 + random.below(6));
                ashlar::store_little(at + 16, sequence);
                at[20] = std::byte{1};
                ashlar::flash::seal(at + 16, ashlar::flash::sum_of(at, 16, 0));
                for (std::uint32_t next = 28; next + 16 < 256;) {
                    std::byte* const record = at + next;
                    const auto sizes = static_cast<std::uint32_t>(random.next());
                    ashlar::store_little(record, std::uint32_t{random.one_in(4) ? 0xFFFFFFFF : 0});
                    ashlar::store_little(record + 4, random.one_in(3) ? sizes : sizes & 0x1FF00F07);
                    record[8] = random.one_in(9) ? random.byte() : std::byte{0};
                    ashlar::flash::seal(record + 4, random.one_in(9) ? sequence + 1 : sequence);
                    next += 16 + 4 * static_cast<std::uint32_t>(random.below(8));
                }
            }
        });
    }
}

TEST_CASE("flash: a million updates wear the sectors alike") {
    using model = ashlar::testing::flash_model<1024, 5, 8>;
    model::chip_type chip;
    ashlar::flash::log<model, 8> log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    std::byte value[8];
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
        ashlar::store_little(value, std::uint64_t{i});
        const std::byte key[2]{std::byte{'k'}, static_cast<std::byte>(i % 5)};
        if (log.put({key, 2}, {value, 8}) != errc::ok) FAIL("update " << i);
    }
    const auto [least, most] = std::minmax_element(chip.erases.begin(), chip.erases.end());
    CHECK(*most - *least <= 1);
    CHECK(*least > 6'000);
    CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
}
