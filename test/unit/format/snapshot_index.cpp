// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/worked_example.hpp"

#include <ashlar/checkpoint/log/index_reader.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/format/snapshot_index.hpp>

#include <string>
#include <vector>

namespace {

using namespace ashlar;

const ashlar_test::identity index_owner;
const std::string index_path = "d/index-0000000000000004";

struct index_place {
    simulated_world world{1};
    simulated environment{world};
    index_place() { REQUIRE(environment.make_directory("d")); }

    /// Keys 0 to `count`, `in_block` of them in each block, of which each is a thousand bytes.
    void write(std::uint32_t count, std::uint32_t in_block) {
        log_parts::index_writer<simulated> out;
        REQUIRE(out.begin(environment, "d", index_owner, 4));
        for (std::uint32_t i = 0; i < count; ++i) {
            std::byte key[4];
            store_little(key, i);
            const auto added = out.add({key, 4}, 1'000 * std::uint64_t{i / in_block});
            if (!added) REQUIRE(added);
        }
        REQUIRE(out.finish({77, 88, 0}));
        REQUIRE(out.publish(environment, "d", 4));
    }
    result<std::uint64_t> open(log_parts::index_reader<simulated>& from,
                               const snapshot_index_end& of = {77, 88, 0}) const {
        return from.open(environment, "d", index_owner, 4, of);
    }
    static std::vector<std::uint64_t> blocks(const log_parts::index_reader<simulated>& in,
                                             std::uint32_t i) {
        std::vector<std::uint64_t> found;
        std::byte key[4];
        store_little(key, i);
        const auto looked = in.candidates({key, 4}, [&](std::uint64_t at) -> result<bool> {
            found.push_back(at);
            return true;
        });
        if (!looked) found = {1};
        return found;
    }
};

} // namespace

TEST_CASE("snapshot_index: the example of docs/formats.md, byte by byte") {
    index_place p;
    log_parts::index_writer<simulated> out;
    REQUIRE(out.begin(p.environment, "d", index_owner, 4));
    REQUIRE(out.add(bytes_view{text_view{"k"}}, 64));
    REQUIRE(out.finish({176, 0x8F3C'A9EC, 0}));
    REQUIRE(out.publish(p.environment, "d", 4));
    const auto bytes = p.world.contents(index_path);
    CHECK(ashlar_test::hexdump({bytes.data(), bytes.size()}) ==
          "8a 61 73 68 49 0d 0a 1a 01 00 00 00 00 00 00 00\n"
          "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af\n"
          "04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
          "00 00 00 00 00 00 00 00 00 00 00 00 8a 65 0c 50\n"
          "01 00 00 00 01 00 00 00 00 00 00 00 b7 cb 03 d8\n"
          "01 00 00 00 00 00 00 00 8a 65 0c 50 52 ee 60 4b\n"
          "01 00 00 00 2e 88 ec 21 40 00 00 00 00 00 00 00\n"
          "08 6b 32 aa 00 00 00 00 00 00 00 00 00 00 00 00\n"
          "00 00 00 00 2b 9d af f3 01 00 00 00 00 00 00 00\n"
          "52 ee 60 4b 60 69 24 6d b0 00 00 00 00 00 00 00\n"
          "ec a9 3c 8f 00 00 00 00");
}

TEST_CASE("snapshot_index: each row's block is found, in one part or more") {
    // More than a part; CRC-32C tells all keys of four bytes apart.
    constexpr std::uint32_t many = log_parts::index_writer<simulated>::part_rows + 1'000;
    for (const std::uint32_t count : {0U, 1U, 600U, many}) {
        index_place p;
        p.write(count, 90);
        log_parts::index_reader<simulated> from;
        const auto rows = p.open(from);
        REQUIRE(rows);
        CHECK(*rows == count);
        CHECK(from.check_rows());
        for (std::uint32_t i = 0; i < count; i += 1 + count / 500)
            REQUIRE(p.blocks(from, i) == std::vector<std::uint64_t>{1'000 * std::uint64_t{i / 90}});
        CHECK(p.blocks(from, count + 5).empty());
    }
}

TEST_CASE("snapshot_index: an index of another snapshot, store or version is refused") {
    index_place p;
    p.write(10, 3);
    log_parts::index_reader<simulated> from;
    CHECK(p.open(from, {78, 88, 0}).error() == errc::corrupt);
    CHECK(p.open(from, {77, 89, 0}).error() == errc::corrupt);
    const std::byte other[16]{};
    CHECK(from.open(p.environment, "d", {other, 16}, 4, {77, 88, 0}).error() == errc::foreign);
    auto newer = p.world.contents(index_path);
    newer[8] = std::byte{2};
    store_little(newer.data() + 60, crc32c({newer.data(), 60}));
    p.world.overwrite(index_path, newer);
    CHECK(p.open(from).error() == errc::unsupported_version);
}

// G5
TEST_CASE("snapshot_index: every flipped bit and every cut is noticed") {
    index_place p;
    p.write(40, 7);
    const auto bytes = p.world.contents(index_path);
    const auto is_sound = [&] {
        log_parts::index_reader<simulated> from;
        return p.open(from) && from.check_rows();
    };
    CHECK(is_sound());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto altered = bytes;
        altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        p.world.overwrite(index_path, altered);
        REQUIRE(!is_sound());
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        p.world.overwrite(index_path,
                          {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
        REQUIRE(!is_sound());
    }
    auto longer = bytes;
    longer.push_back(std::byte{});
    p.world.overwrite(index_path, longer);
    CHECK(!is_sound());
}
