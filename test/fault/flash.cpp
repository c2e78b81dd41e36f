// SPDX-License-Identifier: BSL-1.0
// NEEDS: optimizer
// Power cuts and flipped bits on simulated flash (D-2, D-3): four geometries, four granules.
#include <catch.hpp>

#include "flash_bench.hpp"
#include "support/effort.hpp"

#include <algorithm>

namespace {

using ashlar::errc;
using ashlar::flash::tuning;
using flash_bench::bench;
using flash_bench::geometry_of;

} // namespace

TEST_CASE("flash: power cut at every step, and again while what follows is under way (D-2, D-7)") {
    std::uint64_t images = 0, violations = 0;
    const auto& campaigns = flash_bench::campaigns();
    for (std::size_t i = ashlar_test::stride - 1; i < campaigns.size(); i += ashlar_test::stride) {
        const auto& [shape, steps] = campaigns[i];
        bench b{shape, 1};
        // The last one also has a sector that refuses, from before it is first used.
        if (shape.sector_count == flash_bench::worn_sectors) b.chip.worn = 1U << 3;
        b.cut_everywhere(steps);
        INFO(flash_bench::name_of(shape) << ": " << b.first);
        CHECK(b.violations == 0);
        CHECK(b.chip.mistakes == 0);
        CHECK(b.chip.reprogrammed == 0);
        CHECK(b.chip.erases[0] > 1); // the ring came around
        images += b.images;
        violations += b.violations;
    }
    // Lines for test/embedded/flash.sh, as below.
    WARN("figure cuts " << images);
    WARN("figure cut_violations " << violations);
    CHECK(images >= ashlar_test::effort(100'000));
}

TEST_CASE("flash: every single flipped bit is right or reported (D-3)") {
    flash_bench::bench::tally all;
    std::uint64_t violations = 0;
    const auto flip = [&](const flash_bench::geometry& shape, std::size_t steps,
                          std::uint32_t stride) {
        bench b{shape, 1};
        b.fill(steps);
        const auto sum = b.flip_everywhere(60, stride * ashlar_test::stride);
        INFO(flash_bench::name_of(shape) << ": " << b.first);
        CHECK(b.violations == 0);
        CHECK(sum.missing == 0); // better than D-3 asks: damage is never taken for absence
        CHECK(sum.right > 9 * sum.reported);
        all.right += sum.right;
        all.reported += sum.reported;
        all.missing += sum.missing;
        violations += b.violations; // stale, wrong, not mountable
        CHECK(b.chip.mistakes == 0);
    };
    flip(geometry_of<256, 4, 1>(), 60, 1);
    flip(geometry_of<256, 4, 4>(), 60, 1);
    flip(geometry_of<320, 5, 4, tuning{.cached = 4}>(), 60, 1);
    flip(geometry_of<512, 2, 4>(), 100, 1);
    flip(geometry_of<512, 3, 8>(), 100, 1);
    flip(geometry_of<320, 5, 16, tuning{.cached = 4}>(), 120, 7);
    flip(geometry_of<512, 7, 32>(), 120, 7);
    WARN("figure flips " << all.right + all.reported + all.missing + violations);
    WARN("figure flips_reported " << all.reported);
    WARN("figure flips_missing " << all.missing);
    WARN("figure flip_violations " << violations);
}

namespace {

/// Every verb on an image that may be anything: it ends, and asks the device for nothing that is
/// out of place.
template <class Model>
void exercise(typename Model::chip_type& chip, std::uint64_t seed) {
    typename flash_bench::log_subject<Model, tuning{}>::log log{Model{&chip}};
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
        const std::string name = "k" + std::to_string(random.below(8));
        static_cast<void>(log.get(name, value, sizeof value, size));
        if (random.one_in(3)) static_cast<void>(log.erase(name, there));
        else static_cast<void>(log.put(name, std::string(random.below(30), 'f')));
        if (random.one_in(8)) static_cast<void>(log.collect());
    }
    CHECK(log.reclaim_pressure() <= 100);
}

template <class Model, class Make>
void images_of(Make make) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        typename Model::chip_type chip;
        ashlar::testing::random_source random{seed};
        make(chip, random);
        exercise<Model>(chip, seed);
        if (chip.mistakes != 0) FAIL("seed " << seed << " led out of bounds");
    }
}

template <class Model>
void survives_any_image() {
    constexpr std::uint32_t sector_size = Model::sector_size, granule = Model::granule;
    constexpr bool wide = granule >= ashlar::flash::wide_granule;
    using ashlar::testing::random_source, ashlar::testing::simulated_flash;
    SECTION("noise") {
        images_of<Model>([](simulated_flash& chip, random_source& random) {
            for (std::byte& b : chip.bytes) b = random.byte();
        });
    }
    SECTION("an image with noise in it") {
        bench b{geometry_of<sector_size, Model::sector_count, granule>(), 3};
        b.fill(60);
        images_of<Model>([&](simulated_flash& chip, random_source& random) {
            chip.bytes = b.chip.bytes;
            for (std::uint64_t n = 1 + random.below(40); n != 0; --n) {
                const std::uint64_t at = random.below(chip.bytes.size());
                const std::uint64_t to = (std::min)(at + 1 + random.below(6), chip.bytes.size());
                for (std::uint64_t i = at; i < to; ++i) chip.bytes[i] = random.byte();
            }
        });
    }
    SECTION("sealed headers that contradict one another") {
        images_of<Model>([](simulated_flash& chip, random_source& random) {
            for (std::uint32_t base = 0; base < chip.bytes.size(); base += sector_size) {
                std::byte* const at = chip.bytes.data() + base;
                ashlar::store_little(at, std::uint32_t{0x676F6C61});
                ashlar::store_little(at + 4, sector_size);
                ashlar::store_little(at + 8, Model::sector_count | granule << 16);
                ashlar::store_little(at + 12, std::uint32_t{7});
                const auto sequence = static_cast<std::uint32_t>(64 + random.below(6));
                ashlar::store_little(at + 16, sequence);
                at[20] = std::byte{ashlar::flash::format_version(granule)};
                ashlar::flash::seal(at + 16, ashlar::flash::sum_of(at, 16, 0));
                // Records at a granule, and voids of any length among them.
                for (std::uint32_t next = wide ? 32 + granule : 28; next + 16 < sector_size;) {
                    std::byte* record = at + next;
                    if (!wide) {
                        ashlar::store_little(record, random.one_in(4) ? 0xFFFFFFFFU : 0U);
                        record += 4;
                    }
                    const auto sizes = static_cast<std::uint32_t>(random.next());
                    std::uint32_t head = random.one_in(3) ? sizes : sizes & 0x1FF00F07;
                    if (wide && random.one_in(3)) head = 0x00F00000U | (sizes & 0x1F);
                    ashlar::store_little(record, head);
                    record[4] = random.one_in(9) ? random.byte() : std::byte{0};
                    ashlar::flash::seal(record, random.one_in(9) ? sequence + 1 : sequence);
                    next += granule * static_cast<std::uint32_t>(wide ? 1 + random.below(3)
                                                                      : 4 + random.below(8));
                }
            }
        });
    }
}

} // namespace

TEST_CASE("flash: images of any content neither crash nor hang, nor lead out of bounds (D-3)") {
    survives_any_image<ashlar::testing::flash_model<256, 4, 4>>();
}

TEST_CASE("flash: images of any content at wide granules do neither (D-3)") {
    survives_any_image<ashlar::testing::flash_model<512, 4, 32>>();
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
