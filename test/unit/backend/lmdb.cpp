// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb threads
#include "catch.hpp"
#include "unit/backend/lmdb_facts.hpp"

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::key_of;
using ashlar::testing::numbered_row;
using ashlar::testing::scratch;
using facts = ashlar::testing::lmdb_facts;
using ashlar::testing::text_row;

using disk = ashlar::testing::on_disk<facts>;
using plain_engine = disk::engine<>;

static_assert(durable_engine<plain_engine> && ordered_engine<plain_engine>);
static_assert(snapshot_engine<plain_engine>);
static_assert(direct_engine<plain_engine> && in_place_engine<plain_engine>);
static_assert(batched_engine<plain_engine>);
static_assert(sized_engine<plain_engine> && openable_engine<plain_engine, posix, lmdb_options>);
static_assert(ordered_engine<lmdb<1>::engine<numbered_row, posix, single>>);

} // namespace

TEST_CASE("lmdb: what was written is there after reopening") { disk::reopening(); }
TEST_CASE("lmdb: G20 a store of version 1 opens") { disk::golden("lmdb"); }
TEST_CASE("lmdb: a second opening is refused by name") { disk::second_opening(); }
TEST_CASE("lmdb: damaged and foreign directories are refused untouched") { disk::refusals(); }
TEST_CASE("lmdb: read-only reads, and writes nothing") { disk::reading_only(); }
TEST_CASE("lmdb: long keys are refused, long rows are not") { disk::limits(); }
TEST_CASE("lmdb: compare and set from many threads counts exactly", "[threads]") {
    disk::counting();
}
TEST_CASE("lmdb: readers, writers, scans and snapshots at once", "[threads]") { disk::crowding(); }
TEST_CASE("lmdb: snapshots may stay behind") { disk::leaving_snapshots(); }

TEST_CASE("lmdb: an empty key is refused") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with();
    REQUIRE(e);
    CHECK(disk::put(*e, "", "v").error() == errc::key_empty);
    CHECK(disk::value(*e, "") == "key_empty");
    write_batch b;
    b.absent({}).put("k"_b, "v"_b);
    CHECK(e->apply(b).error() == errc::key_empty);
    CHECK(e->size() == 0);
}

TEST_CASE("lmdb: a full map grows by doubling, snapshots and readers stay", "[threads]") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with({}, {.map_size = 65536, .max_map_size = 64 << 20, .sync = lmdb_sync::none});
    REQUIRE(e);
    CHECK(disk::put(*e, "first", "1"));
    const auto view = e->snapshot();
    REQUIRE(view);
    std::thread reader{[&] {
        for (int i = 0; i < 2000; ++i)
            if (disk::value(*e, "first") != "1") std::abort();
    }};
    const std::string row(1000, 'r');
    for (std::size_t i = 0; i < 1000; ++i) CHECK(disk::put(*e, key_of(i), row));
    reader.join();
    CHECK(disk::count(*e) == 1001);
    CHECK(disk::count(*view) == 1);
    // One batch that needs several doublings.
    const std::string wide(3 << 20, 'w');
    CHECK(disk::put(*e, "wide", wide));
    CHECK((disk::value(*e, "wide") == wide));
}

TEST_CASE("lmdb: beyond max_map_size a commit is full and nothing is lost") {
    const scratch place;
    disk::attempt open{place / "store"};
    const lmdb_options small{.map_size = 65536, .max_map_size = 1 << 20, .sync = lmdb_sync::none};
    std::size_t n = 0;
    {
        auto e = open.with({}, small);
        REQUIRE(e);
        const std::string row(500, 'r');
        result<void> done;
        for (; n < 100'000; n += 10) {
            write_batch b;
            for (std::size_t i = 0; i < 10; ++i) b.put(key_of(n + i), row);
            done = e->apply(b);
            if (!done) break;
        }
        CHECK(done.error() == errc::full);
        CHECK(n > 500);
        CHECK(disk::count(*e) == n);
        CHECK(e->erase(bytes_view{key_of(1)}).value_or(false));
        CHECK(disk::put(*e, key_of(1), row));
    }
    auto larger = open.with({.create = false});
    REQUIRE(larger);
    CHECK(disk::count(*larger) == n);
    CHECK(disk::put(*larger, "more", "room"));
}

TEST_CASE("lmdb: options that can't work are refused in words") {
    const scratch place;
    disk::attempt open{place / "store"};
    CHECK(open.with({}, {.map_size = 1}).error() == errc::invalid_argument);
    CHECK(open.says("map_size"));
    CHECK(open.with({}, {.map_size = 1 << 20, .max_map_size = 65536}).error() ==
          errc::invalid_argument);
    CHECK(posix::kind_of(open.path).value_or(file_kind::file) == file_kind::none);
}

TEST_CASE("lmdb: numbered stores keep a row of their own, which nobody sees") {
    const scratch place;
    disk::attempt open{place / "store"};
    const std::string own(511, '\xFF');
    commit_seq last{};
    {
        auto e = open.with<numbered_row>();
        REQUIRE(e);
        write_batch nothing;
        for (int i = 0; i < 3; ++i) { // commits that change nothing have numbers of their own too
            const auto receipt = e->apply(nothing);
            REQUIRE(receipt);
            CHECK(*receipt > last);
            last = *receipt;
        }
        CHECK(e->size() == 0);
        CHECK(disk::count(*e) == 0);
        CHECK(disk::put(*e, own, "v").error() == errc::key_bad_characters);
        write_batch all;
        all.put("k"_b, "v"_b).erase_range({}, {}).range_empty({}, {});
        CHECK(e->apply(all));
        std::size_t seen = 0;
        for (const bool reverse : {false, true})
            CHECK(e->scan({.reverse = reverse}, [&](bytes_view, bytes_view) { ++seen; }));
        CHECK(seen == 0);
        CHECK(e->apply_at(commit_seq{70'000}, operation_list{}));
    }
    auto e = open.with<numbered_row>();
    REQUIRE(e);
    const auto receipt = disk::put(*e, "k", "v");
    CHECK(receipt.value_or(commit_seq{}) > commit_seq{70'000});
    disk::attempt plain{place / "plain"};
    auto unnumbered = plain.with();
    REQUIRE(unnumbered);
    CHECK(disk::put(*unnumbered, own, "v"));
    CHECK(disk::count(*unnumbered) == 1);
}

TEST_CASE("lmdb: no more snapshots than were asked for") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with({}, {.sync = lmdb_sync::none, .max_snapshots = 2});
    REQUIRE(e);
    std::vector<plain_engine::view> views;
    errc stopped = errc::ok;
    while (views.size() < 100 && stopped == errc::ok) {
        auto view = e->snapshot();
        if (view) views.push_back(std::move(*view));
        else stopped = view.error().code;
    }
    CHECK(stopped == errc::full);
    CHECK(views.size() >= 2);
    views.clear();
    CHECK(e->snapshot());
}

TEST_CASE("lmdb: a row of another length than the type's is corrupt") {
    disk::rows_of_another_length();
}
