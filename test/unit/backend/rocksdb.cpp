// SPDX-License-Identifier: BSL-1.0
// NEEDS: rocksdb threads
#include "catch.hpp"
#include "unit/backend/rocksdb_facts.hpp"

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::contents_of;
using ashlar::testing::key_of;
using ashlar::testing::numbered_row;
using ashlar::testing::scratch;
using facts = ashlar::testing::rocksdb_facts;
using ashlar::testing::write_file;

using disk = ashlar::testing::on_disk<facts>;
using plain_engine = disk::engine<>;

static_assert(durable_engine<plain_engine> && ordered_engine<plain_engine>);
static_assert(snapshot_engine<plain_engine>);
static_assert(direct_engine<plain_engine>);
static_assert(openable_engine<plain_engine, posix, rocksdb_options>);

/// The file of a kind that RocksDB made, by its ending.
std::string file_of(const std::string& store, const std::string& ending) {
    for (const auto& entry : ashlar::testing::picture_of(store))
        if (entry.first.ends_with(ending) && !entry.second.empty()) return entry.first;
    return {};
}

} // namespace

TEST_CASE("rocksdb: what was written is there after reopening") { disk::reopening(); }
TEST_CASE("rocksdb: G20 a store of version 1 opens") { disk::golden("rocksdb"); }
TEST_CASE("rocksdb: a second opening is refused by name") { disk::second_opening(); }
TEST_CASE("rocksdb: damaged and foreign directories are refused untouched") { disk::refusals(); }
TEST_CASE("rocksdb: read-only reads, and writes nothing") { disk::reading_only(); }
TEST_CASE("rocksdb: compare and set from many threads counts exactly", "[threads]") {
    disk::counting();
}
TEST_CASE("rocksdb: readers, writers, scans and snapshots at once", "[threads]") {
    disk::crowding();
}

TEST_CASE("rocksdb: any bytes are a key, the empty ones too, and a row may be empty") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with();
    REQUIRE(e);
    CHECK(disk::put(*e, "", "empty key"));
    CHECK(disk::put(*e, std::string(3, '\0'), ""));
    CHECK(disk::put(*e, std::string(100'000, 'k'), "long key"));
    CHECK(disk::value(*e, "") == "empty key");
    CHECK(disk::value(*e, std::string(3, '\0')).empty());
    CHECK(disk::value(*e, std::string(2, '\0')) == "(none)");
    CHECK(disk::count(*e) == 3);
    const auto view = e->snapshot();
    REQUIRE(view);
    CHECK(e->erase(bytes_view{}).value_or(false));
    CHECK(disk::value(*view, "") == "empty key");
    CHECK(disk::value(*e, "") == "(none)");
}

TEST_CASE("rocksdb: a damaged log is refused, not cut to what stands before the damage") {
    const scratch place;
    disk::attempt open{place / "store"};
    CHECK(ashlar::testing::in_child([&] {
        auto e = open.with({}, facts::safe());
        for (std::size_t i = 0; e && i < 100; ++i)
            if (!disk::put(*e, key_of(i), std::string(500, 'r'))) return false;
        ::_exit(e ? 0 : 1); // without closing
    }));
    const std::string log = file_of(open.path, ".log");
    REQUIRE_FALSE(log.empty());
    const std::string sound = contents_of(log);
    std::string altered = sound;
    altered[sound.size() / 2] ^= '\x10';
    write_file(log, altered);
    CHECK(open.with().error() == errc::corrupt);
    write_file(log, sound.substr(0, sound.size() - 3)); // torn, as by power loss: never synced
    const auto e = open.with();
    REQUIRE(e);
    CHECK(disk::count(*e) == 99);
}

TEST_CASE("rocksdb: a damaged table is corrupt when it is read, a cut one when it is opened") {
    const scratch place;
    disk::attempt open{place / "store"};
    const auto small = [] { return rocksdb_options{.sync = false, .write_buffer = 1 << 16}; };
    {
        auto e = open.with({}, small());
        REQUIRE(e);
        for (std::size_t i = 0; i < 3000; ++i)
            CHECK(disk::put(*e, key_of(i), std::string(200, 'r')));
        CHECK(e->close());
    }
    const std::string table = file_of(open.path, ".sst");
    REQUIRE_FALSE(table.empty());
    const std::string sound = contents_of(table);
    std::string altered = sound;
    altered[100] ^= '\x10';
    write_file(table, altered);
    {
        const auto e = open.with({}, small());
        REQUIRE(e);
        CHECK(disk::count(*e) == dynamic_extent);
    }
    write_file(table, sound.substr(0, sound.size() / 2));
    CHECK(open.with({}, small()).error() == errc::corrupt);
}

TEST_CASE("rocksdb: a row of another length than the type's is corrupt") {
    disk::rows_of_another_length();
}

TEST_CASE("rocksdb: commits that change nothing have numbers of their own, also after reopening") {
    const scratch place;
    disk::attempt open{place / "store"};
    commit_seq last{};
    for (int turn = 0; turn < 3; ++turn) {
        auto e = open.with<numbered_row>();
        REQUIRE(e);
        for (int i = 0; i < 3; ++i) {
            write_batch nothing;
            const auto receipt = e->apply(nothing);
            REQUIRE(receipt);
            CHECK(*receipt > last);
            last = *receipt;
        }
        const commit_seq far{static_cast<std::uint64_t>(last) + 1000};
        CHECK(e->apply_at(far, operation_list{}));
        last = far;
        CHECK(disk::count(*e) == 0);
    }
}
