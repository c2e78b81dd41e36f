// SPDX-License-Identifier: BSL-1.0
/// @file Defines a connection to an SQLite database with the statements that an engine runs on it.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/sqlite/api.hpp>
#include <ashlar/chunked_scan.hpp>

namespace ashlar::inline v0_1 {

/// What a commit of sqlite<> waits for.
enum class sqlite_sync : std::uint8_t {
    full,   ///< the commit is on disk: it survives power loss
    normal, ///< power loss may take the last commits, the database stays whole
    off,    ///< nothing; power loss may damage the database
};

struct sqlite_options {
    sqlite_sync sync = sqlite_sync::full;
    bool check = false;             ///< read the whole database when opening: `corrupt` if damaged
    unsigned busy_timeout_ms = 5000; ///< for other programs that look into the database
    unsigned cache_kib = 2048;      ///< of each connection, at most
};

namespace sqlite_parts {

/// "Ashl": tells our databases from other programs'.
inline constexpr std::int64_t application_id = 0x4173'686C;
inline constexpr std::int64_t format_version = 1;
inline constexpr text_view data_name{"data.sqlite"};

/// Which rows a cursor statement shows.
enum query : std::size_t { from_key, before_key, all_backward, query_count };

/// Owns a connection and its statements, prepared when first needed. Used by one thread at a time.
class connection {
  public:
    connection() noexcept = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { static_cast<void>(close()); }

    [[nodiscard]] explicit operator bool() const noexcept { return db_ != nullptr; }

    [[nodiscard]] result<void> open(const char* path, int flags,
                                    const sqlite_options& options) noexcept {
        const int code = ::sqlite3_open_v2(path, &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
        if (code != SQLITE_OK) {
            const error e = failure(code, db_);
            static_cast<void>(close());
            return e;
        }
        static_cast<void>(::sqlite3_extended_result_codes(db_, 1));
        static_cast<void>(
            ::sqlite3_busy_timeout(db_, static_cast<int>(options.busy_timeout_ms & 0x7FFF'FFFFU)));
        sentence cache;
        cache << "PRAGMA cache_size=-" << std::uint64_t{options.cache_kib};
        return execute(cache.c_str());
    }
    result<void> close() noexcept {
        for (statement* each : {&get_, &put_, &erase_, &erase_from_, &erase_within_,
                                &number_, &begin_, &commit_, &rollback_})
            each->release();
        for (statement& each : queries_) each.release();
        const int code = ::sqlite3_close(db_);
        if (code != SQLITE_OK) return failure(code, db_);
        db_ = nullptr;
        return {};
    }

    [[nodiscard]] result<void> execute(const char* text) noexcept {
        const int code = ::sqlite3_exec(db_, text, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return failure(code, db_);
        return {};
    }
    /// The first column of the first row of a query that is not repeated.
    [[nodiscard]] result<std::int64_t> ask(text_view text) noexcept {
        statement once;
        if (const auto made = once.prepare(db_, text); !made) return made.error();
        const auto there = once.step();
        if (!there) return there.error();
        return *there ? once.number(0) : std::int64_t{0};
    }
    [[nodiscard]] const char* message() const noexcept { return ::sqlite3_errmsg(db_); }

    /// The row stays in SQLite's page until settle() or the next verb.
    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) noexcept {
        if (const auto made = ready(get_, "SELECT v FROM rows WHERE k=?1"); !made)
            return made.error();
        get_.reset();
        get_.bind(1, key);
        const auto there = get_.step();
        if (there && *there) row = get_.bytes(0);
        return there;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) noexcept {
        const auto at = start(from_key, lo);
        if (!at) return at.error();
        const auto there = (*at)->step();
        if (!there || !*there) return there;
        row = (*at)->bytes(1);
        return hi.empty() || (*at)->bytes(0) < hi;
    }
    /// Ends the look-ups, so that no statement stands open within a change.
    void settle() noexcept {
        get_.reset();
        for (statement& each : queries_) each.reset();
    }

    [[nodiscard]] result<void> assign(bytes_view key, bytes_view row) noexcept {
        settle();
        if (const auto made = ready(put_, "INSERT OR REPLACE INTO rows VALUES(?1,?2)"); !made)
            return made;
        put_.bind(1, key);
        put_.bind(2, row);
        return put_.run();
    }
    [[nodiscard]] result<bool> erase(bytes_view key) noexcept {
        settle();
        if (const auto made = ready(erase_, "DELETE FROM rows WHERE k=?1"); !made)
            return made.error();
        erase_.bind(1, key);
        if (const auto done = erase_.run(); !done) return done.error();
        return ::sqlite3_changes(db_) != 0;
    }
    [[nodiscard]] result<void> remove(bytes_view key) noexcept {
        const auto there = erase(key);
        if (!there) return there.error();
        return {};
    }
    [[nodiscard]] result<void> remove_range(bytes_view lo, bytes_view hi) noexcept {
        settle();
        statement& all = hi.empty() ? erase_from_ : erase_within_;
        const text_view text = hi.empty() ? "DELETE FROM rows WHERE k>=?1"
                                          : "DELETE FROM rows WHERE k>=?1 AND k<?2";
        if (const auto made = ready(all, text); !made) return made;
        all.bind(1, lo);
        if (!hi.empty()) all.bind(2, hi);
        return all.run();
    }
    [[nodiscard]] result<void> write_number(std::uint64_t number) noexcept {
        if (const auto made = ready(number_, "UPDATE meta SET v=?1 WHERE k='sequence'"); !made)
            return made;
        number_.bind(1, static_cast<std::int64_t>(number));
        return number_.run();
    }

    /// A query over rows (k, v), bound and not yet stepped. `key` must live until it is settled.
    [[nodiscard]] result<statement*> start(query which, bytes_view key) noexcept {
        static constexpr text_view texts[query_count] = {
            "SELECT k,v FROM rows WHERE k>=?1 ORDER BY k",
            "SELECT k,v FROM rows WHERE k<?1 ORDER BY k DESC",
            "SELECT k,v FROM rows ORDER BY k DESC"};
        statement& at = queries_[which];
        if (const auto made = ready(at, texts[which]); !made) return made.error();
        at.reset();
        if (which != all_backward) at.bind(1, key);
        return &at;
    }

    /// Changes: body(connection) -> result<bool>; true commits, false and errors undo.
    template <class Body>
    [[nodiscard]] result<bool> transact(Body&& body) noexcept {
        if (const auto begun = run_once(begin_, "BEGIN IMMEDIATE"); !begun) return begun.error();
        result<bool> done = body(*this);
        settle();
        if (done && *done)
            if (const auto kept = run_once(commit_, "COMMIT"); !kept) done = kept.error();
        // After some errors SQLite has undone everything by itself.
        if (::sqlite3_get_autocommit(db_) == 0) {
            const auto undone = run_once(rollback_, "ROLLBACK");
            if (!undone && done) done = undone.error();
        }
        return done;
    }

  private:
    [[nodiscard]] result<void> ready(statement& which, text_view text) noexcept {
        return which ? result<void>{} : which.prepare(db_, text);
    }
    [[nodiscard]] result<void> run_once(statement& which, text_view text) noexcept {
        if (const auto made = ready(which, text); !made) return made;
        return which.run();
    }

    sqlite3* db_ = nullptr;
    statement get_, put_, erase_, erase_from_, erase_within_, number_;
    statement begin_, commit_, rollback_;
    statement queries_[query_count];
};
static_assert(ordered_table<connection>);

/// A cursor is a running query; it goes in the direction in which it began.
class cursor {
  public:
    explicit cursor(connection& on) noexcept : on_{on} {}
    ~cursor() { on_.settle(); }
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    [[nodiscard]] result<bool> seek(bytes_view key) noexcept { return begin(from_key, key); }
    [[nodiscard]] result<bool> seek_before(bytes_view key) noexcept {
        return begin(before_key, key);
    }
    [[nodiscard]] result<bool> seek_last() noexcept { return begin(all_backward, {}); }
    [[nodiscard]] result<bool> next() noexcept { return at_->step(); }
    [[nodiscard]] result<bool> previous() noexcept { return at_->step(); }
    [[nodiscard]] bytes_view key() const noexcept { return at_->bytes(0); }
    [[nodiscard]] bytes_view row() const noexcept { return at_->bytes(1); }

  private:
    [[nodiscard]] result<bool> begin(query which, bytes_view key) noexcept {
        const auto started = on_.start(which, key);
        if (!started) return started.error();
        at_ = *started;
        return at_->step();
    }

    connection& on_;
    statement* at_ = nullptr;
};
static_assert(row_cursor<cursor>);

} // namespace sqlite_parts
} // namespace ashlar::inline v0_1
