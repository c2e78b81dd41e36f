// SPDX-License-Identifier: BSL-1.0
/// @file Defines row_chunk: copies of some rows, to be visited when nothing is held any more.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/engine.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

/// Rows one behind the other: their sizes, the key, the row. Owns its bytes. Keys and rows are
/// shorter than 2^32 bytes each, which add() checks.
template <std::size_t KeyExtent, std::size_t RowExtent>
class row_chunk {
  public:
    static constexpr std::size_t most_bytes = 65536;

    /// Makes an empty chunk for so many rows, with memory for the usual ones at once instead of a
    /// dozen doublings; without it the chunk grows by itself.
    void prepare(std::size_t rows) noexcept {
        if (bytes_.capacity() == 0) static_cast<void>(bytes_.extend(rows < 128 ? 4096 : 8192));
        bytes_.clear();
        count_ = 0;
        most_ = rows;
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] bool is_full() const noexcept {
        return count_ == most_ || bytes_.size() >= most_bytes;
    }
    /// Of the row shown last.
    [[nodiscard]] bytes_view last_key() const noexcept { return last_; }
    /// Errors: out_of_memory, also when full; corrupt for lengths that can't be.
    [[nodiscard]] errc add(bytes_view key, bytes_view row) noexcept {
        constexpr std::size_t longest = 0xFFFF'FFFFU;
        if (is_full()) return errc::out_of_memory;
        if (key.size() > longest || row.size() > longest) return errc::corrupt;
        const sizes both{static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(row.size())};
        std::byte* to = bytes_.extend(sizeof both + key.size() + row.size());
        if (to == nullptr) return errc::out_of_memory;
        std::memcpy(to, &both, sizeof both);
        copy_short(to + sizeof both, key);
        copy_short(to + sizeof both + key.size(), row);
        ++count_;
        return errc::ok;
    }
    /// False when the visitor had enough.
    template <class Visit>
    [[nodiscard]] bool show(Visit& visit) {
        const std::byte* at = bytes_.data();
        for (const std::byte* const end = at + bytes_.size(); at != end;) {
            sizes both;
            std::memcpy(&both, at, sizeof both);
            last_ = {at + sizeof both, both.key};
            const bytes_view row{last_.end(), both.row};
            at = row.end();
            if (!visit_row(visit, last_, row)) return false;
        }
        return true;
    }

  private:
    struct sizes {
        std::uint32_t key;
        std::uint32_t row;
    };
    /// Keys and rows of one word are common; a call of memcpy for each was 40 % of a scan.
    static void copy_short(std::byte* to, bytes_view from) noexcept {
        if (from.size() == 8) std::memcpy(to, from.data(), 8);
        else copy_bytes(to, from);
    }

    byte_buffer bytes_;
    std::size_t count_ = 0;
    std::size_t most_ = 0;
    bytes_view last_;
};

/// Where the compiler knows all lengths: an array without them.
template <std::size_t KeyExtent, std::size_t RowExtent>
    requires(KeyExtent != dynamic_extent && RowExtent != dynamic_extent &&
             KeyExtent + RowExtent != 0)
class row_chunk<KeyExtent, RowExtent> {
    static constexpr std::size_t stride = KeyExtent + RowExtent;

  public:
    static constexpr std::size_t most_bytes = 65536;
    static constexpr std::size_t most_rows = stride < most_bytes ? most_bytes / stride : 1;

    /// Without memory the chunk is full at once, and add() says so.
    void prepare(std::size_t rows) noexcept {
        const std::size_t size = (rows < most_rows ? rows : most_rows) * stride;
        bytes_.clear();
        const bool room = bytes_.extend(size) != nullptr;
        to_ = bytes_.data();
        end_ = room ? to_ + size : to_;
    }
    [[nodiscard]] std::size_t count() const noexcept {
        return static_cast<std::size_t>(to_ - bytes_.data()) / stride;
    }
    [[nodiscard]] bool is_full() const noexcept { return to_ == end_; }
    [[nodiscard]] bytes_view last_key() const noexcept { return {last_, KeyExtent}; }
    /// Errors: out_of_memory when full; corrupt for other lengths.
    [[nodiscard]] errc add(bytes_view key, bytes_view row) noexcept {
        if (key.size() != KeyExtent || row.size() != RowExtent) return errc::corrupt;
        if (to_ == end_) return errc::out_of_memory;
        std::memcpy(to_, key.data(), KeyExtent);
        std::memcpy(to_ + KeyExtent, row.data(), RowExtent);
        to_ += stride;
        return errc::ok;
    }
    template <class Visit>
    [[nodiscard]] bool show(Visit& visit) {
        for (const std::byte* at = bytes_.data(); at != to_; at += stride)
            if (!visit_row(visit, bytes_view{at, KeyExtent}, bytes_view{at + KeyExtent, RowExtent}))
                return last_ = at, false;
        if (to_ != bytes_.data()) last_ = to_ - stride;
        return true;
    }

  private:
    byte_buffer bytes_;
    std::byte* to_ = bytes_.data();
    const std::byte* end_ = to_;
    const std::byte* last_ = nullptr;
};

} // namespace ashlar::inline v0_1
