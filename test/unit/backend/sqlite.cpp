// SPDX-License-Identifier: BSL-1.0
// NEEDS: sqlite threads
#include "catch.hpp"
#include "unit/backend/sqlite_facts.hpp"

#include <ashlar/testing/concurrency_laws.hpp>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::key_of;
using ashlar::testing::numbered_row;
using ashlar::testing::scratch;

using disk = ashlar::testing::on_disk<ashlar::testing::sqlite_facts>;
using sqlite_engine = disk::engine<>;

static_assert(durable_engine<sqlite_engine> && ordered_engine<sqlite_engine>);
static_assert(snapshot_engine<sqlite_engine> && batched_engine<sqlite_engine>);
static_assert(direct_engine<sqlite_engine> && !sized_engine<sqlite_engine>);
static_assert(openable_engine<sqlite_engine, posix, sqlite_options>);
static_assert(ordered_engine<sqlite<10, 10>::engine<numbered_row, posix, single>>);

/// A connection of nobody's, as another program would have one.
class stranger {
  public:
    explicit stranger(const std::string& path) {
        REQUIRE(::sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    }
    ~stranger() { ::sqlite3_close(db_); }
    stranger(const stranger&) = delete;
    stranger& operator=(const stranger&) = delete;
    int run(const char* sql) { return ::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }
    std::string answer(const char* sql) {
        ::sqlite3_stmt* s = nullptr;
        std::string text = "(none)";
        REQUIRE(::sqlite3_prepare_v2(db_, sql, -1, &s, nullptr) == SQLITE_OK);
        if (::sqlite3_step(s) == SQLITE_ROW)
            text = reinterpret_cast<const char*>(::sqlite3_column_text(s, 0));
        ::sqlite3_finalize(s);
        return text;
    }

  private:
    ::sqlite3* db_ = nullptr;
};

} // namespace

TEST_CASE("sqlite: what was written is there after reopening") { disk::reopening(); }
TEST_CASE("sqlite: G20 a store of version 1 opens") { disk::golden("sqlite"); }
TEST_CASE("sqlite: a second opening is refused by name") { disk::second_opening(); }
TEST_CASE("sqlite: read-only reads, and writes nothing") { disk::reading_only(); }
TEST_CASE("sqlite: long keys are refused, long rows are not") { disk::limits(); }
TEST_CASE("sqlite: compare and set from many threads counts exactly", "[threads]") {
    disk::counting();
}
TEST_CASE("sqlite: readers, writers, scans and snapshots at once", "[threads]") {
    disk::crowding();
}
TEST_CASE("sqlite: snapshots may stay behind") { disk::leaving_snapshots(); }

TEST_CASE("sqlite: SQLite's codes keep their meaning and their number") {
    const auto means = [](int code, int system, errc wanted) {
        const error e = sqlite_parts::failure(code, system);
        return e == wanted && e.native == code;
    };
    CHECK(means(SQLITE_CORRUPT_VTAB, 0, errc::corrupt));
    CHECK(means(SQLITE_NOTADB, 0, errc::corrupt));
    CHECK(means(SQLITE_FULL, 0, errc::no_space));
    CHECK(means(SQLITE_READONLY_DBMOVED, 0, errc::read_only));
    CHECK(means(SQLITE_BUSY_SNAPSHOT, 0, errc::timeout));
    CHECK(means(SQLITE_LOCKED_SHAREDCACHE, 0, errc::timeout));
    CHECK(means(SQLITE_NOMEM, 0, errc::out_of_memory));
    CHECK(means(SQLITE_IOERR_NOMEM, 0, errc::out_of_memory));
    CHECK(means(SQLITE_TOOBIG, 0, errc::value_too_long));
    CHECK(means(SQLITE_PERM, 0, errc::permission_denied));
    CHECK(means(SQLITE_AUTH, 0, errc::permission_denied));
    CHECK(means(SQLITE_CANTOPEN, EACCES, errc::permission_denied));
    CHECK(means(SQLITE_CANTOPEN, EROFS, errc::read_only));
    CHECK(means(SQLITE_CANTOPEN, ENOENT, errc::io));
    CHECK(means(SQLITE_IOERR_WRITE, EFBIG, errc::no_space));
    CHECK(means(SQLITE_IOERR_SHMSIZE, ENOSPC, errc::no_space));
    CHECK(means(SQLITE_IOERR_READ, EIO, errc::io));
    CHECK(means(SQLITE_MISUSE, 0, errc::io));
}

TEST_CASE("sqlite: paths of any letters become URIs") {
    const auto uri = [](const char* path, const char* parameters) {
        byte_buffer text;
        REQUIRE(sqlite_parts::append_uri(text, path, parameters));
        return std::string(reinterpret_cast<const char*>(text.data()));
    };
    CHECK(uri("/a/b-c_d.e", "") == "file:/a/b-c_d.e");
    CHECK(uri("//a", "?x=1") == "file:/%2Fa?x=1");
    CHECK(uri("a?b#c%d e", "") == "file:a%3Fb%23c%25d%20e");
    CHECK(uri("\xC3\xA4", "") == "file:%C3%A4");
    const scratch place;
    disk::attempt open{place / "50% of ? #1 \xC3\xA4"};
    {
        auto e = open.with();
        REQUIRE(e);
        CHECK(disk::put(*e, "k", "v"));
    }
    CHECK(std::filesystem::exists(open.path + "/rows.sqlite"));
    auto e = open.with({.read_only = true});
    REQUIRE(e);
    CHECK(disk::value(*e, "k") == "v");
}

TEST_CASE("sqlite: the file is one that SQLite's own tools read") {
    const scratch place;
    disk::attempt open{place / "store"};
    {
        auto e = open.with<numbered_row>();
        REQUIRE(e);
        CHECK(disk::put(*e, "k1", "v1"));
        CHECK(disk::put(*e, "", ""));
        CHECK(disk::put(*e, "k2", ""));
        std::size_t empty = 0;
        CHECK(e->read(bytes_view{}, [&](bytes_view row) { empty += row.empty() ? 1U : 0U; }));
        CHECK(empty == 1);
    }
    stranger other{open.path + "/rows.sqlite"};
    CHECK(other.answer("SELECT group_concat(hex(k)||'='||hex(v)) FROM rows") ==
          "=,6B31=7631,6B32=");
    CHECK(other.answer("SELECT group_concat(typeof(k)||typeof(v)) FROM rows") ==
          "blobblob,blobblob,blobblob");
    CHECK(other.answer("SELECT last FROM sequence") == "3");
    CHECK(other.answer("PRAGMA application_id") == "1098083442");
    CHECK(other.answer("PRAGMA user_version") == "1");
    CHECK(other.answer("PRAGMA journal_mode") == "wal");
    CHECK(other.answer("PRAGMA integrity_check") == "ok");
}

TEST_CASE("sqlite: closing moves the log into the file and leaves nothing else") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with();
    REQUIRE(e);
    CHECK(disk::put(*e, "k", "v"));
    CHECK(disk::value(*e, "k") == "v");
    CHECK(std::filesystem::exists(open.path + "/rows.sqlite-wal"));
    CHECK(e->close());
    std::size_t files = 0;
    for (const auto& [path, bytes] : ashlar::testing::picture_of(open.path)) {
        INFO(path);
        CHECK((path.ends_with("/rows.sqlite") || path.ends_with("/ashlar.lock") ||
               path.ends_with("/ashlar.manifest")));
        ++files;
    }
    CHECK(files == 3);
}

TEST_CASE("sqlite: stores without numbers keep none") {
    const scratch place;
    disk::attempt open{place / "store"};
    {
        auto e = open.with();
        REQUIRE(e);
        CHECK(disk::put(*e, "k", "v"));
        CHECK(e->put("l"_b, "w"_b));
    }
    CHECK(stranger{open.path + "/rows.sqlite"}.answer("SELECT last FROM sequence") == "0");
}

TEST_CASE("sqlite: every level of sync keeps what it says over close") {
    for (const auto level : {sqlite_sync::full, sqlite_sync::normal, sqlite_sync::none}) {
        const scratch place;
        disk::attempt open{place / "store"};
        auto e = open.with({}, {.sync = level});
        REQUIRE(e);
        CHECK(e->sync()); // nothing logged so far
        CHECK(disk::put(*e, "k", "v"));
        CHECK(e->sync());
        CHECK(e->close());
        CHECK(e->sync().error() == errc::closed);
        auto again = open.with({.create = false}, {.check = true});
        REQUIRE(again);
        CHECK(disk::value(*again, "k") == "v");
    }
}

TEST_CASE("sqlite: visitors of scan and walk may read, scan, snapshot and write") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto opened = open.with({}, {.sync = sqlite_sync::none, .idle_readers = 1});
    REQUIRE(opened);
    auto& e = *opened;
    for (std::size_t i = 0; i < 4; ++i) CHECK(disk::put(e, key_of(i), std::to_string(i)));
    std::size_t pairs = 0;
    CHECK(e.scan({}, [&](bytes_view outer, bytes_view row) {
        CHECK(disk::value(e, outer.as<std::string>()) == row.as<std::string>());
        CHECK(e.scan({}, [&](bytes_view, bytes_view) { ++pairs; }));
        CHECK(e.snapshot());
        CHECK(disk::put(e, "new" + outer.as<std::string>(), "n"));
    }));
    CHECK(pairs == 4 + 5 + 6 + 7); // the outer scan sees one moment, each inner one the present
    CHECK(disk::count(e) == 8);

    // The same statement within itself, on the one connection of a snapshot.
    const auto view = e.snapshot();
    REQUIRE(view);
    pairs = 0;
    CHECK(view->scan({}, [&](bytes_view, bytes_view) {
        CHECK(view->scan({}, [&](bytes_view, bytes_view) { ++pairs; }));
    }));
    CHECK(pairs == 64);
}

TEST_CASE("sqlite: many keys are read at one moment") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with();
    REQUIRE(e);
    CHECK(disk::put(*e, "a", "1"));
    CHECK(disk::put(*e, "c", "1"));
    const bytes_view keys[] = {"a"_b, "b"_b, "c"_b};
    std::string seen;
    CHECK(e->read_many(keys, 3, [&](std::size_t i, bytes_view row) {
        seen += std::to_string(i) + row.as<std::string>();
        if (i == 0) {
            CHECK(disk::put(*e, "c", "2"));
        }
    }));
    CHECK(seen == "0121");
    CHECK(e->read_many(keys, 0, [](std::size_t, bytes_view) {}));
}

TEST_CASE("sqlite: many snapshots, dropped in any order, and moved") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with({}, {.sync = sqlite_sync::none, .idle_readers = 3});
    REQUIRE(e);
    std::vector<sqlite_engine::view> views;
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(disk::put(*e, "k", std::to_string(i)));
        auto view = e->snapshot();
        REQUIRE(view);
        views.push_back(*std::move(view));
    }
    for (std::size_t i = 0; i < 20; ++i) CHECK(disk::value(views[i], "k") == std::to_string(i));
    views[3] = std::move(views[19]);
    CHECK(disk::value(views[3], "k") == "19");
    views.erase(views.begin(), views.begin() + 3);
    CHECK(disk::value(views[0], "k") == "19");
    CHECK(disk::value(views[1], "k") == "4");
    sqlite_engine moved = *std::move(e);
    CHECK(disk::value(moved, "k") == "19");
}

TEST_CASE("sqlite: another program that holds the file is waited for, then a timeout") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with({}, {.sync = sqlite_sync::none, .busy_ms = 20});
    REQUIRE(e);
    CHECK(disk::put(*e, "k", "v"));
    stranger other{open.path + "/rows.sqlite"};
    CHECK(other.run("BEGIN IMMEDIATE") == SQLITE_OK);
    const auto late = disk::put(*e, "k", "w");
    CHECK(late.error() == errc::timeout);
    CHECK((late.error().native & 0xFF) == SQLITE_BUSY);
    CHECK(e->put("k"_b, "w"_b).error() == errc::timeout);
    CHECK(disk::value(*e, "k") == "v");
    CHECK(other.run("COMMIT") == SQLITE_OK);
    CHECK(disk::put(*e, "k", "w"));
    CHECK(open.with({}, {.busy_ms = -1}).error() == errc::invalid_argument);
    CHECK(open.says("busy_ms"));
}

TEST_CASE("sqlite: rows and keys above the policy's limits") {
    using small = sqlite<4, 10>::engine<numbered_row, posix, single>;
    const scratch place;
    const std::string path = place / "store";
    auto e = small::open({{.directory = path}, "test/1", {}}, {.sync = sqlite_sync::none});
    REQUIRE(e);
    CHECK(e->put("1234"_b, "1234567890"_b));
    CHECK(e->put("12345"_b, "1"_b).error() == errc::key_too_long);
    CHECK(e->put("1"_b, "12345678901"_b).error() == errc::value_too_long);
    write_batch b;
    b.put("1"_b, "1"_b).put("2"_b, "12345678901"_b);
    CHECK(e->apply(b).error() == errc::value_too_long);
    CHECK(e->apply_at(commit_seq{9}, b.operations()).error() == errc::value_too_long);
    CHECK(disk::count(*e) == 1);
}

TEST_CASE("sqlite: a row of another length than the type's is corrupt") {
    disk::rows_of_another_length();
}

TEST_CASE("sqlite: threads lose nothing, tear nothing, part nothing", "[threads]") {
    const scratch place;
    std::size_t number = 0;
    const auto make = [&] {
        const std::string path = place / std::to_string(++number);
        return disk::engine<numbered_row>::open({{.directory = path}, "laws", {}},
                                                {.sync = sqlite_sync::none});
    };
    ashlar::testing::concurrency_laws(make,
                                      [](bool held, const char* law) {
                                          INFO(law);
                                          CHECK(held);
                                      },
                                      {}, {.threads = 3, .rounds = 100});
}
