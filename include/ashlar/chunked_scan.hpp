// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an engine that has a cursor becomes ordered: ranges, chunks, walks.
#pragma once

#include <ashlar/row_chunk.hpp>
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
/// Where a range ends in its direction. Keys of one word are compared as one.
template <std::size_t KeyExtent>
class range_end {
  public:
    explicit range_end(const scan_range& range) noexcept
        : stop_{range.reverse ? range.lo : range.hi}, reverse_{range.reverse},
          open_{range.reverse ? range.lo.empty() : range.hi.empty()} {
        if (KeyExtent == 8 && stop_.size() == 8) word_ = load_big<std::uint64_t>(stop_.data());
        else stop_is_word_ = false;
    }
    /// Whether the key is still within it. REQUIRES: it is behind the range's beginning.
    [[nodiscard]] bool covers(bytes_view key) const noexcept {
        if (open_) return true;
        if (KeyExtent == 8 && stop_is_word_ && key.size() == 8)
            return (load_big<std::uint64_t>(key.data()) < word_) != reverse_;
        return (key < stop_) != reverse_;
    }

  private:
    bytes_view stop_;
    std::uint64_t word_ = 0;
    bool reverse_;
    bool open_;
    bool stop_is_word_ = true;
};

} // namespace detail

/// Visits rows of the range where they stand: for cursors whose row lives while anything else
/// happens. Answers as `scan`. REQUIRES: check_range.
template <class Row, row_cursor Cursor, class Visit>
[[nodiscard]] result<bool> scan_in_place(Cursor& cursor, const scan_range& range, Visit& visit) {
    if (range.limit == 0) return true;
    const detail::range_end<Row::key_extent> end{range};
    result<bool> found = detail::begin_range(cursor, range);
    for (std::size_t count = 0; found && *found;) {
        const bytes_view key = cursor.key();
        if (!end.covers(key)) return false;
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
    row_chunk<Row::key_extent, Row::row_extent> chunk;
    key_buffer after;
    const detail::range_end<Row::key_extent> end{range};
    for (std::size_t most = 64; range.limit != 0; most = 512) {
        if (most > range.limit) most = range.limit;
        chunk.prepare(most);
        const result<bool> more = with_cursor([&](auto& cursor) -> result<bool> {
            result<bool> found = detail::begin_range(cursor, range);
            while (found && *found) {
                const bytes_view key = cursor.key();
                if (!end.covers(key)) return false;
                const bytes_view row = cursor.row();
                if (!Row::fits(row)) return errc::corrupt;
                if (const errc bad = chunk.add(key, row); bad != errc::ok) return bad;
                if (chunk.is_full()) return true;
                found = range.reverse ? cursor.previous() : cursor.next();
            }
            return found;
        });
        if (!more) return more;
        if (!chunk.show(visit)) return true;
        if (!*more) return false;
        range.limit -= chunk.count();
        if (!after.assign(chunk.last_key())) return errc::out_of_memory;
        range.resume = true;
        range.after = after.view();
    }
    return true;
}

} // namespace ashlar::inline v0_1
