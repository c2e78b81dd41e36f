// SPDX-License-Identifier: BSL-1.0
// NEEDS: sqlite
#include "catch.hpp"
#include "unit/backend/sqlite_facts.hpp"

#include <csignal>

#include <sys/resource.h>

namespace {

using namespace ashlar;
using ashlar::testing::contents_of;
using ashlar::testing::key_of;
using ashlar::testing::picture_of;
using ashlar::testing::scratch;
using ashlar::testing::write_file;

using disk = ashlar::testing::on_disk<ashlar::testing::sqlite_facts>;

/// A closed store of 300 rows, some pages of it free.
void fill(disk::attempt& open) {
    auto e = open.with();
    REQUIRE(e);
    for (std::size_t i = 0; i < 400; ++i) CHECK(disk::put(*e, key_of(i), std::string(100, 'r')));
    write_batch b;
    b.erase_range(key_of(300), {});
    CHECK(e->apply(b));
    CHECK(e->close());
}

/// Dies in mid-write, with a log that holds everything since the opening.
void die_writing(disk::attempt& open, std::size_t rows) {
    std::cout.flush();
    const pid_t child = ::fork();
    if (child == 0) {
        auto e = open.with();
        for (std::size_t i = 0; e && i < rows; ++i)
            if (!disk::put(*e, key_of(i), "v")) ::_exit(1);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

} // namespace

TEST_CASE("sqlite: kill -9 in mid-write loses nothing that was acknowledged") { disk::killing(); }
TEST_CASE("sqlite: damaged and foreign directories are refused untouched") { disk::refusals(); }
TEST_CASE("sqlite: a full disk is no_space and loses nothing") { disk::full_disk(); }

TEST_CASE("sqlite: a file that may not grow is no_space and loses nothing") {
    const scratch place;
    disk::attempt open{place / "store"};
    CHECK(ashlar::testing::in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        auto e = open.with();
        if (!e || !disk::put(*e, "first", "1")) return false;
        const ::rlimit limit{600'000, 600'000};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
        std::size_t n = 0;
        errc stopped = errc::ok;
        for (; stopped == errc::ok && n < 100'000; n += stopped == errc::ok ? 1U : 0U)
            stopped = disk::put(*e, key_of(n), std::string(1000, 'r')).error().code;
        return stopped == errc::no_space && n > 20 && disk::count(*e) == n + 1;
    }));
    auto e = open.with({.create = false}, {.check = true});
    REQUIRE(e);
    CHECK(disk::value(*e, "first") == "1");
    CHECK(disk::put(*e, "after", "v"));
}

TEST_CASE("sqlite: a flipped byte of the header is an error, or harmless") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    const std::string data = open.path + "/rows.sqlite";
    const std::string sound = contents_of(data);
    REQUIRE(sound.substr(32, 8) != std::string(8, '\0')); // there are free pages
    for (std::size_t at = 0; at < 100; ++at)
        for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
            INFO("byte " << at << ", bits " << flip);
            std::string damaged = sound;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
            write_file(data, damaged);
            // Nothing depends on: the schema's cookie, the suggested cache, who wrote last.
            const bool harmless = (at >= 40 && at < 44) || (at >= 48 && at < 52) || at >= 96;
            const auto e = open.with({.create = false}, {.check = true});
            if (harmless) {
                REQUIRE(e);
                CHECK(disk::count(*e) == 300);
                continue;
            }
            const errc code = e ? errc::ok : e.error().code;
            CHECK((code == errc::corrupt || code == errc::foreign ||
                   code == errc::unsupported_version));
            CHECK(open.says("rows.sqlite"));
            CHECK(contents_of(data) == damaged);
        }
}

TEST_CASE("sqlite: damage within is found by the check, and is an error when it is read") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    const std::string data = open.path + "/rows.sqlite";
    std::string damaged = contents_of(data);
    for (std::size_t page = 1; page < damaged.size() / 4096; ++page)
        for (std::size_t at = 0; at < 12; ++at) damaged[page * 4096 + at] = '\x7F';
    write_file(data, damaged);
    CHECK(open.with({.create = false}, {.check = true}).error() == errc::corrupt);
    CHECK(open.says("rows.sqlite"));
    CHECK(contents_of(data) == damaged);
    auto e = open.with({.read_only = true, .create = false});
    REQUIRE(e);
    CHECK(disk::value(*e, key_of(1)) == "corrupt");
    CHECK(disk::count(*e) == dynamic_extent);
}

TEST_CASE("sqlite: other programs' SQLite files and newer ones are refused untouched") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    const std::string data = open.path + "/rows.sqlite";
    const auto refuses = [&](const char* sql, errc code) {
        INFO(sql);
        const std::string sound = contents_of(data);
        ::sqlite3* db = nullptr;
        REQUIRE(::sqlite3_open(data.c_str(), &db) == SQLITE_OK);
        CHECK(::sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
        ::sqlite3_close(db);
        const auto before = disk::rows_picture(open.path);
        CHECK(open.with().error() == code);
        INFO(open.detail.message.c_str());
        CHECK(open.says("rows.sqlite"));
        CHECK(disk::rows_picture(open.path) == before);
        write_file(data, sound);
    };
    refuses("PRAGMA application_id=7", errc::foreign);
    refuses("PRAGMA user_version=2", errc::unsupported_version);
    refuses("PRAGMA user_version=0", errc::corrupt);
    refuses("DROP TABLE rows", errc::corrupt);
    refuses("DROP TABLE sequence", errc::corrupt);
    refuses("PRAGMA journal_mode=DELETE", errc::corrupt);
    auto e = open.with();
    REQUIRE(e);
    CHECK(disk::count(*e) == 300);
}

TEST_CASE("sqlite: read-only reads the log of a killed process, and writes nothing") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    die_writing(open, 20);
    const auto before = picture_of(open.path);
    REQUIRE(before.contains(open.path + "/rows.sqlite-wal"));
    {
        auto e = open.with({.read_only = true}, {.check = true});
        INFO(open.detail.message.c_str());
        REQUIRE(e);
        auto other = open.with({.read_only = true});
        REQUIRE(other);
        for (std::size_t i = 0; i < 20; ++i) CHECK(disk::value(*e, key_of(i)) == "v");
        CHECK(disk::count(*other) == 300);
        const auto view = e->snapshot();
        REQUIRE(view);
        CHECK(disk::value(*view, key_of(3)) == "v");
    }
    CHECK(picture_of(open.path) == before);
    auto e = open.with({.create = false}, {.check = true});
    REQUIRE(e);
    CHECK(disk::value(*e, key_of(19)) == "v");
    CHECK(disk::count(*e) == 300);
}

TEST_CASE("sqlite: a log that was cut off or damaged loses the end of it, no more") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    die_writing(open, 30);
    const std::string log = open.path + "/rows.sqlite-wal";
    const std::string whole = contents_of(log);
    const std::string data = contents_of(open.path + "/rows.sqlite");
    std::size_t most = 0;
    for (std::size_t size = 0; size <= whole.size(); size += whole.size() / 7 + 1) {
        std::string damaged = whole.substr(0, size);
        if (size % 2 == 0 && size > 100) damaged[size / 2] = static_cast<char>(~damaged[size / 2]);
        write_file(open.path + "/rows.sqlite", data);
        write_file(log, damaged);
        std::filesystem::remove(open.path + "/rows.sqlite-shm");
        auto e = open.with({.create = false}, {.check = true});
        INFO("log of " << size);
        REQUIRE(e);
        CHECK(disk::count(*e) == 300);
        std::size_t kept = 0; // puts came in order: what is kept is a prefix
        while (kept < 30 && disk::value(*e, key_of(kept)) == "v") ++kept;
        for (std::size_t i = kept; i < 30; ++i)
            CHECK(disk::value(*e, key_of(i)) == std::string(100, 'r'));
        most = kept > most ? kept : most;
    }
    CHECK(most > 10);
}

TEST_CASE("sqlite: a creation that was cut off anywhere is begun again") {
    const scratch place;
    disk::attempt open{place / "store"};
    {
        auto e = open.with();
        REQUIRE(e);
    }
    const std::string data = open.path + "/rows.sqlite";
    const std::string made = contents_of(data);
    for (const std::string& left : {std::string{}, made}) {
        REQUIRE(posix::remove(open.path + "/ashlar.manifest"));
        write_file(open.path + "/ashlar.lock", "creating 1\n");
        write_file(data, left);
        auto e = open.with();
        INFO(open.detail.message.c_str());
        REQUIRE(e);
        CHECK(disk::put(*e, "k", "v"));
        CHECK(e->close());
        write_file(data, made);
    }
}

TEST_CASE("sqlite: read-only with a log that lost its index is an error, until a writer opens") {
    const scratch place;
    disk::attempt open{place / "store"};
    fill(open);
    die_writing(open, 20);
    std::filesystem::remove(open.path + "/rows.sqlite-shm");
    const auto before = picture_of(open.path);
    CHECK_FALSE(open.with({.read_only = true}));
    CHECK(open.says("rows.sqlite"));
    CHECK(picture_of(open.path) == before);
    CHECK(open.with());
    auto e = open.with({.read_only = true});
    REQUIRE(e);
    CHECK(disk::value(*e, key_of(19)) == "v");
}

TEST_CASE("sqlite: without memory nothing is applied, and with memory the store goes on") {
    const scratch place;
    disk::attempt open{place / "store"};
    auto e = open.with({}, {.sync = sqlite_sync::none, .cache_kib = 16});
    REQUIRE(e);
    CHECK(disk::put(*e, "first", "1"));
    const std::string big(3'000'000, 'b');
    const ::sqlite3_int64 before = ::sqlite3_hard_heap_limit64(-1);
    std::size_t refused = 0;
    // Each limit stops SQLite at another of its allocations.
    for (::sqlite3_int64 room = 0; room < 12'000'000; room += room < 40'000 ? 1'000 : 500'000) {
        write_batch b;
        b.put(bytes_view{std::string{"a"}}, std::string(5'000, 'a'));
        b.put(bytes_view{std::string{"big"}}, big).put(bytes_view{std::string{"z"}}, big.substr(1));
        ::sqlite3_hard_heap_limit64(::sqlite3_memory_used() + room);
        const auto done = e->apply(b);
        ::sqlite3_hard_heap_limit64(before);
        if (done) break;
        ++refused;
        CHECK(done.error() == errc::out_of_memory);
        CHECK(disk::count(*e) == 1);
    }
    CHECK(refused > 20);
    CHECK(disk::count(*e) == 4);
    CHECK(disk::value(*e, "big") == big);
}
