// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an engine that has a cursor becomes ordered: ranges, chunks, walks.
#pragma once

#include <ashlar/walk.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by a place among rows in byte order of their keys. The movements answer whether there
/// is a row to stand on; key() and row() live until the next movement.
template <class C>
concept row_cursor = requires(C& cursor, bytes_view key) {
    { cursor.seek(key) } -> std::same_as<result<bool>>;        // the first key >= key
    { cursor.seek_before(key) } -> std::same_as<result<bool>>; // the last key < key
    { cursor.seek_last() } -> std::same_as<result<bool>>;
    { cursor.next() } -> std::same_as<result<bool>>;
    { cursor.previous() } -> std::same_as<result<bool>>;
    { cursor.key() } -> std::same_as<bytes_view>;
    { cursor.row() } -> std::same_as<bytes_view>;
};

namespace detail {

template <row_cursor Cursor>
[[nodiscard]] result<bool> begin_range(Cursor& cursor, const scan_range& range) {
    if (range.reverse) {
        if (range.resume) return cursor.seek_before(range.after);
        return range.hi.empty() ? cursor.seek_last() : cursor.seek_before(range.hi);
    }
    const result<bool> found = cursor.seek(range.resume ? range.after : range.lo);
    if (!found || !*found || !range.resume || !(cursor.key() == range.after)) return found;
    return cursor.next();
}
[[nodiscard]] inline bool is_within(const scan_range& range, bytes_view key) noexcept {
    return range.reverse ? !(key < range.lo) : range.hi.empty() || key < range.hi;
}

/// Copies of some rows, one behind the other: their sizes, the key, the row.
class row_chunk {
  public:
    static constexpr std::size_t most_bytes = 65536;

    void clear() noexcept { bytes_.clear(); }
    [[nodiscard]] bool is_full() const noexcept { return bytes_.size() >= most_bytes; }
    [[nodiscard]] bytes_view last_key() const noexcept { return last_; }
    [[nodiscard]] bool add(bytes_view key, bytes_view row) noexcept {
        if (bytes_.capacity() == 0) static_cast<void>(reserve());
        std::byte* to = bytes_.extend(sizes + key.size() + row.size());
        if (to == nullptr) return false;
        const std::size_t both[2] = {key.size(), row.size()};
        std::memcpy(to, both, sizes);
        copy_bytes(to + sizes, key);
        copy_bytes(to + sizes + key.size(), row);
        return true;
    }
    /// False when the visitor had enough.
    template <class Visit>
    [[nodiscard]] bool show(Visit& visit) {
        const std::byte* at = bytes_.data();
        for (const std::byte* const end = at + bytes_.size(); at != end;) {
            std::size_t both[2];
            std::memcpy(both, at, sizes);
            last_ = {at + sizes, both[0]};
            const bytes_view row{last_.end(), both[1]};
            at = row.end();
            if (!visit_row(visit, last_, row)) return false;
        }
        return true;
    }

  private:
    static constexpr std::size_t sizes = 2 * sizeof(std::size_t);

    /// One allocation instead of a dozen doublings; without it the chunk grows by itself.
    [[nodiscard]] bool reserve() noexcept {
        const bool done = bytes_.extend(4096) != nullptr;
        bytes_.clear();
        return done;
    }

    byte_buffer bytes_;
    bytes_view last_;
};

} // namespace detail

/// Visits rows of the range where they stand: for cursors whose row lives while anything else
/// happens. Answers as `scan`. REQUIRES: check_range.
template <class Row, row_cursor Cursor, class Visit>
[[nodiscard]] result<bool> scan_in_place(Cursor& cursor, const scan_range& range, Visit& visit) {
    if (range.limit == 0) return true;
    result<bool> found = detail::begin_range(cursor, range);
    for (std::size_t count = 0; found && *found;) {
        const bytes_view key = cursor.key();
        if (!detail::is_within(range, key)) return false;
        const bytes_view row = cursor.row();
        if (!Row::fits(row)) return errc::corrupt;
        if (!visit_row(visit, key, row) || ++count == range.limit) return true;
        found = range.reverse ? cursor.previous() : cursor.next();
    }
    return found;
}

/// Visits copies, chunk by chunk, so that nothing is held while the visitor runs: 64 rows first,
/// 512 later, fewer where they are longer than 64 KiB together. `with_cursor(f)` calls f(cursor)
/// within one read transaction and answers its answer. REQUIRES: check_range.
template <class Row, class WithCursor, class Visit>
[[nodiscard]] result<bool> scan_in_chunks(const WithCursor& with_cursor, scan_range range,
                                          Visit& visit) {
    detail::row_chunk chunk;
    key_buffer after;
    for (std::size_t most = 64; range.limit != 0; most = 512) {
        if (most > range.limit) most = range.limit;
        std::size_t count = 0;
        chunk.clear();
        const result<bool> more = with_cursor([&](auto& cursor) -> result<bool> {
            result<bool> found = detail::begin_range(cursor, range);
            while (found && *found) {
                const bytes_view key = cursor.key();
                if (!detail::is_within(range, key)) return false;
                const bytes_view row = cursor.row();
                if (!Row::fits(row)) return errc::corrupt;
                if (!chunk.add(key, row)) return errc::out_of_memory;
                if (++count == most || chunk.is_full()) return true;
                found = range.reverse ? cursor.previous() : cursor.next();
            }
            return found;
        });
        if (!more) return more;
        if (!chunk.show(visit)) return true;
        if (!*more) return false;
        range.limit -= count;
        if (!after.assign(chunk.last_key())) return errc::out_of_memory;
        range.resume = true;
        range.after = after.view();
    }
    return true;
}

} // namespace ashlar::inline v0_1
