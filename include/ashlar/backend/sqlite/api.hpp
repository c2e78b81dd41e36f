// SPDX-License-Identifier: BSL-1.0
/// @file Defines how SQLite's C types and codes become ours; the one header that includes SQLite.
#pragma once

#include <ashlar/result.hpp>

#include <cerrno>

#include <sqlite3.h>

namespace ashlar::inline v0_1::sqlite_parts {

/// `code` may be extended. SQLite tells a full disk from other troubles of writing only when the
/// system said ENOSPC; the system's own number says the rest.
[[nodiscard]] inline error failure(int code, sqlite3* db) noexcept {
    const int system = db == nullptr ? 0 : ::sqlite3_system_errno(db);
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {errc::corrupt, code};
    case SQLITE_FULL: return {errc::no_space, code};
    case SQLITE_READONLY: return {errc::read_only, code};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {errc::timeout, code};
    case SQLITE_NOMEM: return {errc::out_of_memory, code};
    case SQLITE_PERM:
    case SQLITE_AUTH: return {errc::permission_denied, code};
    case SQLITE_TOOBIG: return {errc::value_too_long, code};
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM) return {errc::out_of_memory, code};
        if (system == ENOSPC || system == EDQUOT || system == EFBIG)
            return {errc::no_space, code};
        if (system == EACCES || system == EPERM) return {errc::permission_denied, code};
        if (system == EROFS) return {errc::read_only, code};
        return {errc::io, code};
    default: return {errc::io, code};
    }
}

/// Owns a prepared statement. Used by one thread at a time.
class statement {
  public:
    statement() noexcept = default;
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;
    ~statement() { release(); }

    /// Whether it is prepared.
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }
    [[nodiscard]] result<void> prepare(sqlite3* db, text_view text) noexcept {
        release();
        const int code = ::sqlite3_prepare_v3(db, text.data(), static_cast<int>(text.size()),
                                              SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
        if (code != SQLITE_OK) return failure(code, db);
        return {};
    }
    void release() noexcept { ::sqlite3_finalize(std::exchange(handle_, nullptr)); }

    /// The bytes must live until the next reset. A null pointer would mean NULL, not "no bytes".
    void bind(int at, bytes_view bytes) noexcept {
        const void* data = bytes.data() == nullptr ? "" : static_cast<const void*>(bytes.data());
        static_cast<void>(::sqlite3_bind_blob64(handle_, at, data, bytes.size(), nullptr));
    }
    void bind(int at, std::int64_t number) noexcept {
        static_cast<void>(::sqlite3_bind_int64(handle_, at, number));
    }
    /// Whether there is a row.
    [[nodiscard]] result<bool> step() noexcept {
        const int code = ::sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        return failure(code, ::sqlite3_db_handle(handle_));
    }
    /// Steps a statement that has no rows, and resets it.
    [[nodiscard]] result<void> run() noexcept {
        const auto done = step();
        reset();
        if (!done) return done.error();
        return {};
    }
    void reset() noexcept { static_cast<void>(::sqlite3_reset(handle_)); }

    /// Live until the next step or reset.
    [[nodiscard]] bytes_view bytes(int column) const noexcept {
        const void* data = ::sqlite3_column_blob(handle_, column);
        const int size = ::sqlite3_column_bytes(handle_, column);
        return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
    }
    [[nodiscard]] std::int64_t number(int column) const noexcept {
        return ::sqlite3_column_int64(handle_, column);
    }

  private:
    sqlite3_stmt* handle_ = nullptr;
};

} // namespace ashlar::inline v0_1::sqlite_parts
