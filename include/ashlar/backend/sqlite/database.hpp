// SPDX-License-Identifier: BSL-1.0
/// @file Defines one connection to an SQLite file and the statements that it keeps prepared; only
/// this header includes SQLite.
#pragma once

#include <ashlar/engine.hpp>

#include <cerrno>

#include <sqlite3.h>

namespace ashlar::inline v0_1::sqlite_parts {

static_assert(SQLITE_VERSION_NUMBER >= 3032000,
              "ashlar: sqlite<> can't use so old an SQLite; take 3.32 or later");

/// SQLite's code in our terms; the extended code stays in error::native. `system` is the errno
/// behind it, 0 for none.
[[nodiscard]] inline error failure(int code, int system = 0) noexcept {
    if (code == SQLITE_IOERR_NOMEM) return {errc::out_of_memory, code};
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return {errc::corrupt, code};
    case SQLITE_FULL: return {errc::no_space, code};
    case SQLITE_READONLY: return {errc::read_only, code};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return {errc::timeout, code};
    case SQLITE_NOMEM: return {errc::out_of_memory, code};
    case SQLITE_TOOBIG: return {errc::value_too_long, code};
    case SQLITE_PERM:
    case SQLITE_AUTH: return {errc::permission_denied, code};
    case SQLITE_NOLFS: return {errc::no_space, code};
    default: break;
    }
    if (system == ENOSPC || system == EDQUOT || system == EFBIG) return {errc::no_space, code};
    if (system == EACCES || system == EPERM) return {errc::permission_denied, code};
    if (system == EROFS) return {errc::read_only, code};
    if (system == ENOMEM) return {errc::out_of_memory, code};
    return {errc::io, code};
}

/// What a connection can be asked. Parameter 1 is a key or a range's lower bound, 2 a row or a
/// range's upper bound.
enum class query : std::uint8_t {
    get,
    up,
    up_to,
    after,
    after_to,
    down,
    down_from,
    put,
    erase,
    erase_up,
    erase_range,
    load_sequence,
    store_sequence,
    begin_read,
    begin_write,
    commit,
    rollback
};
inline constexpr const char* sql_of[]{
    "SELECT v FROM rows WHERE k=?1",
    "SELECT k,v FROM rows WHERE k>=?1 ORDER BY k",
    "SELECT k,v FROM rows WHERE k>=?1 AND k<?2 ORDER BY k",
    "SELECT k,v FROM rows WHERE k>?1 ORDER BY k",
    "SELECT k,v FROM rows WHERE k>?1 AND k<?2 ORDER BY k",
    "SELECT k,v FROM rows WHERE k>=?1 ORDER BY k DESC",
    "SELECT k,v FROM rows WHERE k>=?1 AND k<?2 ORDER BY k DESC",
    "REPLACE INTO rows VALUES(?1,?2)",
    "DELETE FROM rows WHERE k=?1",
    "DELETE FROM rows WHERE k>=?1",
    "DELETE FROM rows WHERE k>=?1 AND k<?2",
    "SELECT last FROM sequence",
    "UPDATE sequence SET last=?1",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
};
inline constexpr std::size_t query_count = sizeof sql_of / sizeof sql_of[0];

/// A statement in use, or none. When it goes it is reset and put back to where it was taken from;
/// without such a place, or when another stands there by then, it is finalised.
class [[nodiscard]] running {
  public:
    running() noexcept = default;
    running(::sqlite3_stmt* statement, ::sqlite3_stmt** home) noexcept
        : statement_{statement}, home_{home} {}
    running(running&& other) noexcept
        : statement_{std::exchange(other.statement_, nullptr)}, home_{other.home_} {}
    running& operator=(running&& other) noexcept {
        end();
        statement_ = std::exchange(other.statement_, nullptr);
        home_ = other.home_;
        return *this;
    }
    ~running() { end(); }
    void end() noexcept {
        ::sqlite3_stmt* const ended = std::exchange(statement_, nullptr);
        if (ended == nullptr) return;
        if (home_ != nullptr && *home_ == nullptr) {
            ::sqlite3_reset(ended);
            *home_ = ended;
        } else {
            ::sqlite3_finalize(ended);
        }
    }

    /// Bytes are not copied: they must live until the statement goes. An empty blob needs an
    /// address, or else it would be bound as NULL.
    [[nodiscard]] int bind(int place, bytes_view bytes) const noexcept {
        const void* from = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
        return ::sqlite3_bind_blob64(statement_, place, from, bytes.size(), SQLITE_STATIC);
    }
    [[nodiscard]] int bind(int place, std::uint64_t number) const noexcept {
        return ::sqlite3_bind_int64(statement_, place, static_cast<::sqlite3_int64>(number));
    }
    [[nodiscard]] int step() const noexcept { return ::sqlite3_step(statement_); }
    /// Lives until the next step or reset.
    [[nodiscard]] bytes_view column(int place) const noexcept {
        const void* data = ::sqlite3_column_blob(statement_, place);
        const int size = ::sqlite3_column_bytes(statement_, place);
        return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
    }
    [[nodiscard]] std::uint64_t number(int place) const noexcept {
        return static_cast<std::uint64_t>(::sqlite3_column_int64(statement_, place));
    }
    [[nodiscard]] const char* text(int place) const noexcept {
        return reinterpret_cast<const char*>(::sqlite3_column_text(statement_, place));
    }

  private:
    ::sqlite3_stmt* statement_ = nullptr;
    ::sqlite3_stmt** home_ = nullptr;
};

/// Used by one thread at a time. Not movable: pools link connections by `next`.
class connection {
  public:
    connection() noexcept = default;
    ~connection() { close(); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Opens the file and reads nothing of it yet. `flags` are SQLite's.
    [[nodiscard]] result<void> open(const char* uri, int flags, int busy_ms) noexcept {
        flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
        errno = 0;
        const int code = ::sqlite3_open_v2(uri, &db_, flags, nullptr);
        if (db_ == nullptr) return errc::out_of_memory;
        ::sqlite3_extended_result_codes(db_, 1);
        ::sqlite3_busy_timeout(db_, busy_ms);
        return done(code);
    }
    /// Ends whatever is running and gives the file back. Idempotent.
    void close() noexcept {
        for (::sqlite3_stmt*& statement : kept_)
            ::sqlite3_finalize(std::exchange(statement, nullptr));
        ::sqlite3_close_v2(std::exchange(db_, nullptr));
    }

    [[nodiscard]] ::sqlite3* handle() const noexcept { return db_; }
    /// SQLite notes the errno behind a statement that fails, but not behind a failed commit; errno
    /// itself, cleared before each statement, knows of both.
    [[nodiscard]] error failed(int code) const noexcept {
        return failure(code, errno != 0 ? errno : ::sqlite3_system_errno(db_));
    }
    [[nodiscard]] result<void> done(int code) const noexcept {
        if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
        return failed(code);
    }

    /// Runs statements that are needed once.
    [[nodiscard]] result<void> run(const char* sql) noexcept {
        errno = 0;
        return done(::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
    }
    /// Runs one statement; show(running) sees its first row.
    template <class Show>
    [[nodiscard]] result<void> ask(const char* sql, Show show) noexcept {
        errno = 0;
        ::sqlite3_stmt* made = nullptr;
        const int code = ::sqlite3_prepare_v2(db_, sql, -1, &made, nullptr);
        if (code != SQLITE_OK) return failed(code);
        const running asked{made, nullptr};
        const int stepped = asked.step();
        if (stepped == SQLITE_ROW) show(asked);
        return done(stepped);
    }

    /// A prepared statement without its parameters. One that is in use already, because a visitor
    /// of a scan began another on the same snapshot, is prepared once more.
    [[nodiscard]] result<running> start(query q) noexcept {
        errno = 0;
        ::sqlite3_stmt*& home = kept_[static_cast<std::size_t>(q)];
        ::sqlite3_stmt* statement = std::exchange(home, nullptr);
        if (statement == nullptr)
            if (const int code = prepare(q, statement); code != SQLITE_OK) return failed(code);
        return running{statement, &home};
    }
    /// Runs a statement that has no parameters and answers nothing.
    [[nodiscard]] result<void> order(query q) noexcept {
        const auto s = start(q);
        if (!s) return s.error();
        return done(s->step());
    }
    [[nodiscard]] result<void> order(query q, std::uint64_t number) noexcept {
        const auto s = start(q);
        if (!s) return s.error();
        const int bound = s->bind(1, number);
        return done(bound != SQLITE_OK ? bound : s->step());
    }
    [[nodiscard]] result<void> order(query q, bytes_view first) noexcept {
        const auto s = start(q);
        if (!s) return s.error();
        const int bound = s->bind(1, first);
        return done(bound != SQLITE_OK ? bound : s->step());
    }
    [[nodiscard]] result<void> order(query q, bytes_view first, bytes_view second) noexcept {
        const auto s = start(q);
        if (!s) return s.error();
        int code = s->bind(1, first);
        if (code == SQLITE_OK) code = s->bind(2, second);
        return done(code != SQLITE_OK ? code : s->step());
    }

    /// Steps to the row under a key, its column 0, in `at`.
    [[nodiscard]] result<bool> seek(bytes_view key, running& at) noexcept {
        auto s = start(query::get);
        if (!s) return s.error();
        if (const int bound = s->bind(1, key); bound != SQLITE_OK) return failed(bound);
        at = *std::move(s);
        return step(at);
    }
    /// Steps to the first row of a range, its key in column 0, its row in column 1, in `at`.
    [[nodiscard]] result<bool> seek(const scan_range& range, running& at) noexcept {
        const bool up_from_after = range.resume && !range.reverse;
        const bool down_to_after = range.resume && range.reverse;
        const bool bounded = down_to_after || !range.hi.empty();
        query q = up_from_after ? query::after : query::up;
        if (range.reverse) q = query::down;
        if (bounded) q = static_cast<query>(static_cast<unsigned>(q) + 1);
        auto s = start(q);
        if (!s) return s.error();
        int code = s->bind(1, up_from_after ? range.after : range.lo);
        if (code == SQLITE_OK && bounded) code = s->bind(2, down_to_after ? range.after : range.hi);
        if (code != SQLITE_OK) return failed(code);
        at = *std::move(s);
        return step(at);
    }
    /// Whether there is a row to look at.
    [[nodiscard]] result<bool> step(const running& at) const noexcept {
        const int code = at.step();
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        return failed(code);
    }

    connection* next = nullptr; ///< in the pool's list

  private:
    [[nodiscard]] int prepare(query q, ::sqlite3_stmt*& statement) const noexcept {
        return ::sqlite3_prepare_v3(db_, sql_of[static_cast<std::size_t>(q)], -1,
                                    SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    }

    ::sqlite3* db_ = nullptr;
    ::sqlite3_stmt* kept_[query_count]{}; ///< null while in use
};

} // namespace ashlar::inline v0_1::sqlite_parts
