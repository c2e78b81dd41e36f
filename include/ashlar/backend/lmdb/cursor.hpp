// SPDX-License-Identifier: BSL-1.0
/// @file Defines the keys that LMDB takes and a cursor over its rows.
#pragma once

#include <ashlar/backend/lmdb/api.hpp>
#include <ashlar/chunked_scan.hpp>

namespace ashlar::inline v0_1::lmdb_parts {

inline constexpr std::size_t longest_key = 511;

/// Numbered engines keep one row of their own: what to add to LMDB's transaction number. Its key is
/// the greatest there can be, so it stands behind all others.
inline constexpr struct own_key_bytes {
    std::byte bytes[longest_key];
    constexpr own_key_bytes() noexcept : bytes{} {
        for (std::byte& b : bytes) b = std::byte{0xFF};
    }
} own_key{};
[[nodiscard]] inline bool is_own(bytes_view key) noexcept {
    return key.size() == longest_key && key == bytes_view{own_key.bytes, longest_key};
}

/// Keys as LMDB takes them: neither empty nor longer than 511 bytes.
template <class Row>
[[nodiscard]] result<void> check_key(bytes_view key) noexcept {
    if (key.empty()) return errc::key_empty;
    if (key.size() > longest_key) return errc::key_too_long;
    if constexpr (Row::key_extent != dynamic_extent)
        if (key.size() != Row::key_extent) return errc::invalid_argument;
    if constexpr (Row::fields.sequenced)
        if (is_own(key)) return errc::key_bad_characters;
    return {};
}
template <class Row>
[[nodiscard]] result<void> check_row(bytes_view row) noexcept {
    if (row.size() > 0xFFFF'FFFFU) return errc::value_too_long;
    if (!Row::fits(row)) return errc::invalid_argument;
    return {};
}

/// A cursor that does not see the engine's own row.
template <class Row>
class cursor {
  public:
    explicit cursor(MDB_cursor* at) noexcept : at_{at} {}

    [[nodiscard]] result<bool> seek(bytes_view key) noexcept {
        if (key.empty()) return move(MDB_FIRST);
        key_ = value_of(key);
        return move(MDB_SET_RANGE);
    }
    [[nodiscard]] result<bool> seek_before(bytes_view key) noexcept {
        if (key.empty()) return false;
        key_ = value_of(key);
        const auto found = presence(::mdb_cursor_get(at_, &key_, &row_, MDB_SET_RANGE));
        if (!found) return found;
        return *found ? previous() : seek_last();
    }
    [[nodiscard]] result<bool> seek_last() noexcept {
        const auto found = presence(::mdb_cursor_get(at_, &key_, &row_, MDB_LAST));
        if (Row::fields.sequenced && found && *found && is_own(key())) return previous();
        return found;
    }
    [[nodiscard]] result<bool> next() noexcept { return move(MDB_NEXT); }
    [[nodiscard]] result<bool> previous() noexcept {
        return presence(::mdb_cursor_get(at_, &key_, &row_, MDB_PREV));
    }
    [[nodiscard]] bytes_view key() const noexcept { return view_of(key_); }
    [[nodiscard]] bytes_view row() const noexcept { return view_of(row_); }
    /// Erases the row it stands on; next() then moves to the one behind.
    [[nodiscard]] result<void> erase() noexcept { return status(::mdb_cursor_del(at_, 0)); }

  private:
    /// Forward, where the own row is the end.
    [[nodiscard]] result<bool> move(MDB_cursor_op how) noexcept {
        const auto found = presence(::mdb_cursor_get(at_, &key_, &row_, how));
        if (Row::fields.sequenced && found && *found && is_own(key())) return false;
        return found;
    }

    MDB_cursor* at_;
    MDB_val key_{};
    MDB_val row_{};
};
static_assert(row_cursor<cursor<row_layout<8, 8, row_fields{}>>>);

} // namespace ashlar::inline v0_1::lmdb_parts
