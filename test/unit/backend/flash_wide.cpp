// SPDX-License-Identifier: BSL-1.0
// What differs at granules of 16 and 32 bytes: torn records are voided, flipped bits put right.
#include <catch.hpp>

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <string>

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::literals::operator""_b;

namespace {

using wide = ashlar::testing::flash_model<1024, 4, 32>;
using wide_log = ashlar::flash::log<wide, 16>;

std::string value_in(const wide_log& log, bytes_view key, errc expected = errc::ok) {
    std::byte out[64];
    std::uint32_t size = 0;
    CHECK(log.get(key, out, sizeof out, size) == expected);
    return {reinterpret_cast<const char*>(out), expected == errc::ok ? size : 0};
}

constexpr std::uint32_t first = 64; ///< record of the first sector
constexpr std::uint32_t body = 8;   ///< of a record: behind its header

} // namespace

TEST_CASE("flash_log: at wide granules a mount voids what was torn, once") {
    wide::chip_type chip;
    wide_log log{wide{&chip}};
    REQUIRE(log.mount() == errc::ok);
    REQUIRE(log.put("a"_b, "old"_b) == errc::ok);
    const std::string longer(40, 'n');
    chip.power = 2; // the second of two granules is torn
    chip.cut = ashlar::testing::flash_cut::torn;
    CHECK(log.put("a"_b, longer) == errc::io);
    chip.power_on();

    const std::uint64_t before = chip.steps;
    wide_log again{wide{&chip}};
    REQUIRE(again.mount() == errc::ok);
    CHECK(chip.steps == before + 1);
    CHECK(value_in(again, "a"_b) == "old");
    REQUIRE(again.mount() == errc::ok);
    CHECK(chip.steps == before + 1);
    REQUIRE(again.put("b"_b, "behind"_b) == errc::ok);
    CHECK(value_in(again, "a"_b) == "old");
    CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
}

TEST_CASE("flash_log: at wide granules a stream that is given up is voided by the next write") {
    wide::chip_type chip;
    wide_log log{wide{&chip}};
    REQUIRE(log.mount() == errc::ok);
    REQUIRE(log.put("a"_b, "old"_b) == errc::ok);
    wide_log::stream stream;
    REQUIRE(log.begin_value(stream, "a"_b, 200) == errc::ok);
    REQUIRE(log.add_to(stream, std::string(100, 's')) == errc::ok);
    REQUIRE(log.put("b"_b, "behind"_b) == errc::ok);
    CHECK((value_in(log, "a"_b) == "old" && value_in(log, "b"_b) == "behind"));
    REQUIRE(log.mount() == errc::ok);
    CHECK((value_in(log, "a"_b) == "old" && value_in(log, "b"_b) == "behind"));
    CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
}

TEST_CASE("flash_log: at wide granules a flipped bit is put right wherever a record is read") {
    for (const std::uint32_t bit : {8 * body, 8 * (body + 1) + 3, 8 * (body + 2)}) { // key, value
        wide::chip_type chip;
        wide_log log{wide{&chip}};
        REQUIRE(log.mount() == errc::ok);
        REQUIRE(log.put("ab"_b, "cdefgh"_b) == errc::ok);
        REQUIRE(log.put("z"_b, "behind"_b) == errc::ok);
        chip.flip(8 * first + bit);
        CHECK(value_in(log, "ab"_b) == "cdefgh");
        ashlar::flash::search value;
        REQUIRE(log.open_value("ab"_b, value) == errc::ok);
        std::byte part[6];
        CHECK(log.read_part(value, 0, part, 6) == errc::ok);
        CHECK(bytes_view{part, 6} == "cdefgh"_b);

        ashlar::flash::place from{0, 0}, end = log.log_end();
        std::byte key[16], out[16];
        std::uint32_t key_size = 0, size = 0;
        bool there = false;
        CHECK(log.next_row(from, end, key, key_size, out, 16, size, there) == errc::ok);
        CHECK((there && bytes_view{key, key_size} == "ab"_b));

        REQUIRE(log.collect() == errc::ok); // the copy is without the flip, so stands another one
        std::uint32_t at = 1024 + first;
        while (chip.bytes[at + body] != std::byte{'a'}) at += 32;
        chip.flip(8 * at + 8 * body + 7);
        CHECK(value_in(log, "ab"_b) == "cdefgh");
    }
}

TEST_CASE("flash_log: at wide granules only the last record can be taken for torn") {
    wide::chip_type chip;
    wide_log log{wide{&chip}};
    REQUIRE(log.mount() == errc::ok);
    REQUIRE(log.put("a"_b, "old"_b) == errc::ok);
    REQUIRE(log.put("a"_b, "new"_b) == errc::ok);
    const auto two_flips = [&] {
        for (const std::uint32_t bit : {9U, 20U}) chip.flip(8 * (first + 32 + body) + bit);
    };
    two_flips();
    value_in(log, "a"_b, errc::corrupt); // no mount in between: it was whole
    two_flips();
    REQUIRE(log.put("b"_b, "behind"_b) == errc::ok);
    two_flips();
    REQUIRE(log.mount() == errc::ok);
    value_in(log, "a"_b, errc::corrupt);
    std::byte out[8];
    std::uint32_t size = 0;
    CHECK(log.previous("a"_b, out, sizeof out, size) == errc::ok);
    CHECK(bytes_view{out, size} == "old"_b);
}

TEST_CASE("flash_log: at wide granules a value may look like a void") {
    for (std::uint32_t sector = 64; sector < 66; ++sector) { // the first one has the number 64
        wide::chip_type chip;
        wide_log log{wide{&chip}};
        REQUIRE(log.mount() == errc::ok);
        std::byte a_void[8]{};
        ashlar::store_little(a_void, std::uint32_t{ashlar::flash::void_flags | 1});
        ashlar::flash::seal(a_void, sector);
        std::string value(32 - body - 1, 'v'); // up to the record's second granule
        value.append(reinterpret_cast<const char*>(a_void), 8).append("tail");
        REQUIRE(log.put("k"_b, value) == errc::ok);
        REQUIRE(log.put("z"_b, "behind"_b) == errc::ok);
        CHECK(value_in(log, "k"_b) == value);
        REQUIRE(log.mount() == errc::ok);
        CHECK(value_in(log, "k"_b) == value);
    }
}
