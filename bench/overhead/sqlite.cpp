// SPDX-License-Identifier: BSL-1.0
// NEEDS: sqlite
// The sqlite backend against calls of SQLite's C interface: the same table, statements and pragmas.
#include "harness.hpp"

#include <ashlar/backend/sqlite.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <cstring>
#include <filesystem>
#include <utility>

namespace {

using bench::point;

using on_sqlite =
    ashlar::store<std::uint64_t, point, ashlar::sqlite<>, ashlar::big_endian, ashlar::single>;
const ashlar::sqlite_options unsynced{.sync = ashlar::sqlite_sync::none};

struct big {
    std::byte bytes[8];
    explicit big(std::uint64_t key) noexcept { ashlar::store_big(bytes, key); }
};

/// One connection that writes, one that reads, statements prepared once.
class by_hand {
  public:
    explicit by_hand(const std::string& path) {
        open(path, writer_);
        run(writer_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
                     "CREATE TABLE rows(k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL)"
                     " WITHOUT ROWID");
        open(path, reader_);
        get_ = prepare(reader_, "SELECT v FROM rows WHERE k=?1");
        scan_ = prepare(reader_, "SELECT k,v FROM rows ORDER BY k");
        put_ = prepare(writer_, "REPLACE INTO rows VALUES(?1,?2)");
        erase_ = prepare(writer_, "DELETE FROM rows WHERE k=?1");
    }
    by_hand(const by_hand&) = delete;
    by_hand& operator=(const by_hand&) = delete;
    ~by_hand() {
        for (auto* statement : {get_, scan_, put_, erase_}) sqlite3_finalize(statement);
        sqlite3_close(reader_);
        sqlite3_close(writer_);
    }

    ashlar::result<bool> get(std::uint64_t key, point& out) {
        const big at{key};
        if (const int code = bind(get_, 1, at.bytes, 8); code != SQLITE_OK) return failure(code);
        const int code = sqlite3_step(get_);
        ashlar::result<bool> there = code == SQLITE_ROW;
        if (code != SQLITE_ROW && code != SQLITE_DONE) there = failure(code);
        if (code == SQLITE_ROW && !load(get_, 0, out)) there = ashlar::errc::corrupt;
        sqlite3_reset(get_);
        return there;
    }
    ashlar::result<void> put(std::uint64_t key, const point& value) {
        const big at{key};
        int code = bind(put_, 1, at.bytes, 8);
        if (code == SQLITE_OK) code = bind(put_, 2, &value, sizeof value);
        if (code == SQLITE_OK) code = sqlite3_step(put_);
        sqlite3_reset(put_);
        if (code != SQLITE_DONE) return failure(code);
        return {};
    }
    ashlar::result<bool> erase(std::uint64_t key) {
        const big at{key};
        int code = bind(erase_, 1, at.bytes, 8);
        if (code == SQLITE_OK) code = sqlite3_step(erase_);
        sqlite3_reset(erase_);
        if (code != SQLITE_DONE) return failure(code);
        return sqlite3_changes(writer_) != 0;
    }
    template <class Visit>
    bool each(Visit visit) {
        int code = SQLITE_OK;
        while ((code = sqlite3_step(scan_)) == SQLITE_ROW) {
            point p;
            const void* key = sqlite3_column_blob(scan_, 0);
            if (sqlite3_column_bytes(scan_, 0) != 8 || !load(scan_, 1, p)) break;
            visit(ashlar::load_big<std::uint64_t>(static_cast<const std::byte*>(key)), p);
        }
        sqlite3_reset(scan_);
        return code == SQLITE_DONE;
    }

  private:
    static void open(const std::string& path, sqlite3*& to) {
        bench::require(
            sqlite3_open_v2(path.c_str(), &to,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                            nullptr) == SQLITE_OK,
            "SQLite could not open");
        run(to, "PRAGMA cache_size=-2048");
    }
    static void run(sqlite3* on, const char* sql) {
        bench::require(sqlite3_exec(on, sql, nullptr, nullptr, nullptr) == SQLITE_OK,
                       "SQLite refused a statement");
    }
    static sqlite3_stmt* prepare(sqlite3* on, const char* sql) {
        sqlite3_stmt* made = nullptr;
        bench::require(sqlite3_prepare_v3(on, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) ==
                           SQLITE_OK,
                       "SQLite refused a statement");
        return made;
    }
    static int bind(sqlite3_stmt* to, int place, const void* bytes, std::size_t size) noexcept {
        return sqlite3_bind_blob64(to, place, bytes, size, nullptr);
    }
    static bool load(sqlite3_stmt* from, int column, point& out) noexcept {
        const void* row = sqlite3_column_blob(from, column);
        if (sqlite3_column_bytes(from, column) != int{sizeof out}) return false;
        std::memcpy(&out, row, sizeof out);
        return true;
    }
    static ashlar::error failure(int code) noexcept { return {ashlar::errc::io, code}; }

    sqlite3* writer_ = nullptr;
    sqlite3* reader_ = nullptr;
    sqlite3_stmt* get_ = nullptr;
    sqlite3_stmt* scan_ = nullptr;
    sqlite3_stmt* put_ = nullptr;
    sqlite3_stmt* erase_ = nullptr;
};

} // namespace

int main() {
    const auto keys = bench::make_keys(1'000);
    bench::count_loop(keys);
    const auto here = std::filesystem::current_path();
    auto opened = on_sqlite::open({.directory = (here / "sqlite_store").string()}, unsynced);
    bench::require(opened.has_value(), "the store on SQLite could not be opened");
    on_sqlite db = std::move(*opened);
    by_hand twin{(here / "by_hand.sqlite").string()};
    bench::compare_verbs("sqlite", db, twin, keys);
}
