// SPDX-License-Identifier: BSL-1.0
/// @file Defines SQLite behind the verbs of this bench: one thread, a write-ahead log, no syncs.
#pragma once

#include "../measure/keys.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace bench {

class sqlite_store {
  public:
    static constexpr bool concurrent = false;

    explicit sqlite_store(const std::string& directory) {
        check(sqlite3_open((directory + "/rows").c_str(), &db_) == SQLITE_OK);
        for (const char* said : {"pragma journal_mode = wal", "pragma synchronous = off",
                                 "pragma mmap_size = 8589934592", "pragma locking_mode = exclusive",
                                 "create table rows(k blob primary key, v blob) without rowid"})
            check(sqlite3_exec(db_, said, nullptr, nullptr, nullptr) == SQLITE_OK);
        get_ = prepare("select v from rows where k = ?1");
        put_ = prepare("insert into rows values(?1, ?2) on conflict do update set v = ?2");
        scan_ = prepare("select v from rows where k >= ?1 and k < ?2 order by k limit ?3");
        count_ = prepare("select count(*) from rows");
    }
    sqlite_store(const sqlite_store&) = delete;
    sqlite_store& operator=(const sqlite_store&) = delete;
    ~sqlite_store() {
        for (sqlite3_stmt* said : {get_, put_, scan_, count_}) sqlite3_finalize(said);
        sqlite3_close(db_);
    }

    template <class F>
    bool read(const std::string& k, F f) const {
        bind(get_, 1, k);
        return rows(get_, f) == 1;
    }
    template <class F>
    void scan(const std::string& from, const std::string& end, std::size_t n, F f) const {
        bind(scan_, 1, from);
        bind(scan_, 2, end);
        sqlite3_bind_int64(scan_, 3, static_cast<sqlite3_int64>(n));
        rows(scan_, f);
    }
    void put(const std::string& k, const std::string& v) {
        bind(put_, 1, k);
        bind(put_, 2, v);
        rows(put_, [](std::string_view) {});
    }
    [[nodiscard]] std::size_t size() const {
        sqlite3_step(count_);
        const auto n = static_cast<std::size_t>(sqlite3_column_int64(count_, 0));
        sqlite3_reset(count_);
        return n;
    }

  private:
    static void check(bool done) {
        if (!done) throw std::runtime_error{"sqlite: it did not do what it was asked to"};
    }
    sqlite3_stmt* prepare(const char* said) {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(db_, said, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
              SQLITE_OK);
        return statement;
    }
    static void bind(sqlite3_stmt* to, int at, const std::string& text) {
        sqlite3_bind_blob64(to, at, text.data(), text.size(), nullptr); // static: it stays there
    }
    template <class F>
    static std::size_t rows(sqlite3_stmt* said, F f) {
        std::size_t n = 0;
        int step = sqlite3_step(said);
        for (; step == SQLITE_ROW; step = sqlite3_step(said), ++n)
            f(std::string_view{static_cast<const char*>(sqlite3_column_blob(said, 0)),
                               static_cast<std::size_t>(sqlite3_column_bytes(said, 0))});
        check(step == SQLITE_DONE);
        sqlite3_reset(said);
        return n;
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt* get_ = nullptr;
    sqlite3_stmt* put_ = nullptr;
    sqlite3_stmt* scan_ = nullptr;
    sqlite3_stmt* count_ = nullptr;
};

} // namespace bench
