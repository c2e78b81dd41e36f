// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the file of a store is made, recognised and refused.
#pragma once

#include <ashlar/backend/sqlite/database.hpp>
#include <ashlar/buffer.hpp>

namespace ashlar::inline v0_1::sqlite_parts {

inline constexpr text_view data_name{"rows.sqlite"};
inline constexpr std::uint32_t application_id = 0x4173'6C72; ///< "Aslr"
inline constexpr std::uint32_t file_version = 1;             ///< SQLite's user_version
inline constexpr std::size_t file_header_size = 100;

/// A path as a URI that ends in `parameters`, for SQLite takes some facts about a file only so.
[[nodiscard]] inline bool append_uri(byte_buffer& to, text_view path,
                                     text_view parameters) noexcept {
    constexpr const char* digits = "0123456789ABCDEF";
    to.clear();
    bool kept = append(to, bytes_view{text_view{"file:"}});
    for (std::size_t i = 0; i < path.size() && kept; ++i) {
        const auto c = static_cast<unsigned char>(path.data()[i]);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
                           (c == '/' && i != 1); // a second slash would begin a host's name
        const char escaped[3] = {'%', digits[c >> 4U], digits[c & 15U]};
        const text_view letter = plain ? text_view{path.data() + i, 1} : text_view{escaped, 3};
        kept = append(to, bytes_view{letter});
    }
    constexpr char end = '\0';
    return kept && append(to, bytes_view{parameters}) && append(to, bytes_view{text_view{&end, 1}});
}

/// Whether there is a file of at least one byte.
[[nodiscard]] inline bool has_bytes(const char* path) noexcept {
    ::sqlite3_vfs* const files = ::sqlite3_vfs_find(nullptr);
    int there = 0;
    return files != nullptr &&
           files->xAccess(files, path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK && there != 0;
}

/// Fields of the header of an SQLite file that stores of ours never change, or that must agree with
/// one another (sqlite.org/fileformat2.html, section 1.3). Only for files without a log: with one,
/// the header in the file may be older than the rows.
/// Errors: corrupt, unsupported_version, foreign.
[[nodiscard]] inline result<void> check_header(bytes_view header, std::uint64_t size) noexcept {
    if (header.size() != file_header_size) return errc::corrupt;
    const auto field = [&](std::size_t at) { return load_big<std::uint32_t>(header.data() + at); };
    constexpr char magic[16] = "SQLite format 3";
    if (!header.starts_with(bytes_view{text_view{magic, sizeof magic}})) return errc::corrupt;
    if (field(68) != application_id) return errc::foreign;
    if (field(60) != file_version)
        return field(60) > file_version ? errc::unsupported_version : errc::corrupt;
    const std::uint32_t stored = load_big<std::uint16_t>(header.data() + 16);
    const std::uint32_t page = stored == 1 ? 65536 : stored;
    const std::uint32_t pages = field(28);
    const std::uint32_t trunk = field(32);
    const std::uint32_t free_pages = field(36);
    bool sound = page >= 512 && (page & (page - 1)) == 0 && size == std::uint64_t{page} * pages;
    sound = sound && field(24) == field(92);         // the count of pages is up to date
    sound = sound && (field(16) & 0xFFFF) == 0x0202; // write-ahead log
    sound = sound && field(20) == 0x0040'2020;       // no reserved bytes; fixed fractions
    sound = sound && trunk <= pages && free_pages < pages && (trunk == 0) == (free_pages == 0);
    sound = sound && field(44) == 4 && field(52) == 0 && field(56) == 1 && field(64) == 0;
    for (std::size_t at = 72; at < 92; at += 4) sound = sound && field(at) == 0;
    if (!sound) return errc::corrupt;
    return {};
}

/// The same for the file behind a connection, through SQLite: were we to open and close it
/// ourselves, POSIX would drop the locks of every connection of this process.
[[nodiscard]] inline result<void> check_file(const connection& on) noexcept {
    ::sqlite3_file* file = nullptr;
    ::sqlite3_file_control(on.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file == nullptr || file->pMethods == nullptr) return errc::io;
    std::byte header[file_header_size]{};
    ::sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    if (code == SQLITE_OK && size < static_cast<::sqlite3_int64>(file_header_size))
        return errc::corrupt;
    if (code == SQLITE_OK) code = file->pMethods->xRead(file, header, int{sizeof header}, 0);
    if (code != SQLITE_OK) return on.failed(code);
    return check_header({header, sizeof header}, static_cast<std::uint64_t>(size));
}

/// Makes the tables in one transaction, then turns the write-ahead log on. Goes on where a creation
/// was cut off.
[[nodiscard]] inline result<void> create_tables(connection& on) noexcept {
    int reserved = 0;
    ::sqlite3_file_control(on.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    if (const auto set = on.run("PRAGMA encoding='UTF-8'; PRAGMA auto_vacuum=NONE;"
                                "PRAGMA synchronous=FULL");
        !set)
        return set;
    const auto made =
        on.run("BEGIN IMMEDIATE;"
               "CREATE TABLE IF NOT EXISTS rows(k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL)"
               " WITHOUT ROWID;"
               "CREATE TABLE IF NOT EXISTS sequence(id INTEGER PRIMARY KEY CHECK(id=1),"
               " last INTEGER NOT NULL);"
               "INSERT OR IGNORE INTO sequence VALUES(1,0);"
               "PRAGMA application_id=0x41736C72; PRAGMA user_version=1;"
               "COMMIT");
    if (!made) return made;
    bool logging = false;
    const auto asked = on.ask("PRAGMA journal_mode=WAL", [&](const running& s) {
        logging = text_view{s.text(0)} == text_view{"wal"};
    });
    if (!asked) return asked;
    if (!logging) return errc::unsupported; // the file system can't share memory
    return {};
}

/// What SQLite itself says of the file, log included. Errors: as check_header.
[[nodiscard]] inline result<void> check_tables(connection& on, bool thoroughly,
                                               sentence& why) noexcept {
    std::uint64_t id = 0;
    std::uint64_t version = 0;
    auto asked = on.ask("PRAGMA application_id", [&](const running& s) { id = s.number(0); });
    if (asked)
        asked = on.ask("PRAGMA user_version", [&](const running& s) { version = s.number(0); });
    if (!asked) return asked;
    if (id != application_id) return errc::foreign;
    if (version > file_version) return errc::unsupported_version;
    if (version != file_version) return errc::corrupt;
    for (const query q : {query::get, query::load_sequence}) {
        const auto prepared = on.start(q);
        if (prepared) continue;
        const auto native = prepared.error().native;
        if (native != SQLITE_ERROR) return prepared.error();
        return error{errc::corrupt, native}; // no such table
    }
    if (!thoroughly) return {};
    bool sound = false;
    asked = on.ask("PRAGMA quick_check(1)", [&](const running& s) {
        sound = text_view{s.text(0)} == text_view{"ok"};
        if (!sound) why << s.text(0);
    });
    if (!asked) return asked;
    if (!sound) return errc::corrupt;
    return {};
}

} // namespace ashlar::inline v0_1::sqlite_parts
