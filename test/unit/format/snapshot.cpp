// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/worked_example.hpp"

#include <ashlar/checkpoint/log/snapshot.hpp>
#include <ashlar/checkpoint/log/snapshot_reader.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/format/snapshot.hpp>

#include <map>
#include <string>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar_test::hexdump;
using ashlar_test::identity;

const identity uuid;
using rows = std::map<std::string, std::string>;

struct place {
    simulated_world world{1};
    simulated environment{world};
    place() { REQUIRE(environment.make_directory("d")); }

    void write(const rows& all, std::uint64_t time = 0) {
        log_parts::snapshot_writer<simulated> out;
        REQUIRE(out.begin(environment, "d", uuid, 4, 42, time));
        for (const auto& [key, row] : all) REQUIRE(out.add(bytes_view{key}, bytes_view{row}));
        REQUIRE(out.finish({4, 64, 0x1234'5678}));
        REQUIRE(log_parts::rename_durably(environment, "d", log_parts::new_snapshot_name,
                                          "snapshot-0000000000000004"));
    }
    result<log_parts::loaded_snapshot> load(rows& all, std::uint64_t number = 4) {
        all.clear();
        return log_parts::load_snapshot(environment, "d", uuid, number, [&](operation_list some) {
            for (const operation op : some)
                all[op.key.as<std::string>()] = op.value.as<std::string>();
            return result<void>{};
        });
    }
};
const std::string path = "d/snapshot-0000000000000004";

} // namespace

TEST_CASE("snapshot: the example of docs/formats.md, byte by byte") {
    place p;
    p.write({{"k", "v"}});
    const auto bytes = p.world.contents(path);
    CHECK(hexdump({bytes.data(), bytes.size()}) ==
          "8a 61 73 68 53 0d 0a 1a 01 00 00 00 00 00 00 00\n"
          "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af\n"
          "04 00 00 00 00 00 00 00 2a 00 00 00 00 00 00 00\n"
          "00 00 00 00 00 00 00 00 00 00 00 00 93 67 d3 67\n"
          "12 00 00 00 03 00 00 00 01 00 00 00 00 00 00 00\n"
          "00 00 00 00 93 67 d3 67 b5 3c b2 de 1a c2 cd b4\n"
          "10 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00\n"
          "6b 76 00 00 00 00 00 00 18 00 00 00 04 00 00 00\n"
          "01 00 00 00 00 00 00 00 00 00 00 00 1a c2 cd b4\n"
          "8d 1f c4 18 ec a9 3c 8f 01 00 00 00 00 00 00 00\n"
          "04 00 00 00 00 00 00 00 40 00 00 00 78 56 34 12");
}

TEST_CASE("snapshot: what was written is loaded, in one block or many") {
    for (const std::size_t count : {0U, 1U, 300U, 5000U}) {
        place p;
        rows all;
        for (std::size_t i = 0; i < count; ++i)
            all["key" + std::to_string(i)] = std::string(i % 90, 'r');
        if (count == 300) all["long"] = std::string(200'000, 'l');
        p.write(all, 1000 + count);
        rows loaded;
        const auto found = p.load(loaded);
        REQUIRE(found);
        CHECK(loaded == all);
        CHECK(found->rows == all.size());
        CHECK(found->sequence == 42);
        CHECK(found->time == 1000 + count);
        CHECK(found->redo_to == log_position{4, 64, 0});
        CHECK(found->redo_to.sum == 0x1234'5678);
    }
}

// G5
TEST_CASE("snapshot: every flipped bit and every cut is noticed") {
    place p;
    rows all;
    for (int i = 0; i < 12; ++i) all["key" + std::to_string(i)] = "row" + std::to_string(i * i);
    p.write(all);
    const auto bytes = p.world.contents(path);
    rows ignored;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto altered = bytes;
        altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        p.world.overwrite(path, altered);
        REQUIRE(p.load(ignored).error() == errc::corrupt);
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        p.world.overwrite(path, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
        REQUIRE(p.load(ignored).error() == errc::corrupt);
    }
    auto longer = bytes;
    longer.push_back(std::byte{});
    p.world.overwrite(path, longer);
    CHECK(p.load(ignored).error() == errc::corrupt);
}

TEST_CASE("snapshot: a newer version and another store's file are named as such") {
    place p;
    p.write({{"k", "v"}});
    auto bytes = p.world.contents(path);
    rows ignored;
    store_little(bytes.data() + 8, snapshot_version + 1);
    store_little(bytes.data() + 60, crc32c({bytes.data(), 60}));
    p.world.overwrite(path, bytes);
    CHECK(p.load(ignored).error() == errc::unsupported_version);
    store_little(bytes.data() + 8, snapshot_version);
    bytes[16] ^= std::byte{1};
    store_little(bytes.data() + 60, crc32c({bytes.data(), 60}));
    p.world.overwrite(path, bytes);
    CHECK(p.load(ignored).error() == errc::foreign);
}

TEST_CASE("snapshot: a size that lies asks for no memory") {
    place p;
    p.write({{"k", "v"}});
    auto bytes = p.world.contents(path);
    store_little(bytes.data() + 64, std::uint32_t{0x3FFF'FFF8});
    store_little(bytes.data() + 64 + 28,
                 log_header_sum(bytes.data() + 64, log_segment_seed(uuid, 4), 64));
    p.world.overwrite(path, bytes);
    rows ignored;
    CHECK(p.load(ignored).error() == errc::corrupt);
}
