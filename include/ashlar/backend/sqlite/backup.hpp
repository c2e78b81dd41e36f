// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an SQLite file is copied while it is used.
#pragma once

#include <ashlar/backend/sqlite/file.hpp>
#include <ashlar/environment/store_directory.hpp>

namespace ashlar::inline v0_1::sqlite_parts {

/// SQLite's online backup of all pages in one step: one read transaction, so the copy is of one
/// moment, and with a write-ahead log no writer waits for it. The copy has no log.
[[nodiscard]] inline result<void> back_up(const connection& from, text_view directory) noexcept {
    const auto path = joined_path::of(directory, data_name);
    if (!path) return path.error();
    byte_buffer uri;
    if (!append_uri(uri, *path, text_view{})) return errc::out_of_memory;
    connection to;
    const auto opened = to.open(reinterpret_cast<const char*>(uri.data()),
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
    if (!opened) return opened;
    errno = 0;
    ::sqlite3_backup* const backup =
        ::sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (backup == nullptr) return to.failed(::sqlite3_errcode(to.handle()));
    const int stepped = ::sqlite3_backup_step(backup, -1);
    const int finished = ::sqlite3_backup_finish(backup);
    const int code = stepped == SQLITE_DONE ? finished : stepped;
    return to.done(code);
}

} // namespace ashlar::inline v0_1::sqlite_parts
