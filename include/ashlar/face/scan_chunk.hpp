// SPDX-License-Identifier: BSL-1.0
/// @file Defines scan_chunk: the rows that range-for has read ahead.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::face {

/// How many rows of known length are read ahead without a heap: 64 where they fit into 4 KiB. Where
/// the backend has no heap either, stacks are small: as many as fit into 512 bytes, at least one.
/// 0 where the heap serves better, or must.
template <class Row>
[[nodiscard]] consteval std::size_t rows_in_place(bool has_heap) noexcept {
    constexpr std::size_t most = 64;
    if (Row::key_extent == dynamic_extent || Row::row_extent == dynamic_extent) return 0;
    const std::size_t stride = Row::key_extent + Row::row_extent;
    if (has_heap) return stride <= 4096 / most ? most : 0;
    return stride <= 512 / most ? most : stride <= 512 ? 512 / stride : 1;
}

/// Filled by add, emptied by next; moving moves the rows.
template <class Row, std::size_t InPlace>
class scan_chunk {
    static constexpr std::size_t stride = Row::key_extent + Row::row_extent;

  public:
    static constexpr std::size_t most_rows = InPlace;

    scan_chunk() noexcept = default;
    scan_chunk(scan_chunk&& other) noexcept { take(other); }
    scan_chunk& operator=(scan_chunk&& other) noexcept {
        if (this != &other) take(other);
        return *this;
    }

    void clear() noexcept { count_ = next_ = 0; }
    [[nodiscard]] bool empty() const noexcept { return next_ == count_; }
    /// Errors: corrupt for lengths that can't be. REQUIRES: fewer than most_rows since clear().
    [[nodiscard]] result<void> add(bytes_view key, bytes_view row) noexcept {
        if (key.size() != Row::key_extent || row.size() != Row::row_extent) return errc::corrupt;
        std::byte* const to = bytes_ + count_++ * stride;
        copy_bytes(to, key);
        copy_bytes(to + Row::key_extent, row);
        return {};
    }
    /// The views live until the next add or clear. REQUIRES: not empty.
    void next(bytes_view& key, bytes_view& row) noexcept {
        const std::byte* const at = bytes_ + next_++ * stride;
        key = {at, Row::key_extent};
        row = {at + Row::key_extent, Row::row_extent};
    }

  private:
    void take(scan_chunk& other) noexcept {
        copy_bytes(bytes_, {other.bytes_, other.count_ * stride});
        count_ = std::exchange(other.count_, 0);
        next_ = std::exchange(other.next_, 0);
    }

    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::byte bytes_[InPlace * stride + (stride == 0 ? 1 : 0)];
};

/// On the heap, each row behind its sizes.
template <class Row>
class scan_chunk<Row, 0> {
  public:
    static constexpr std::size_t most_rows = 64;

    void clear() noexcept {
        bytes_.clear();
        next_ = 0;
    }
    [[nodiscard]] bool empty() const noexcept { return next_ == bytes_.size(); }
    /// Errors: out_of_memory, and what was there stays.
    [[nodiscard]] result<void> add(bytes_view key, bytes_view row) noexcept {
        const std::size_t both[2] = {key.size(), row.size()};
        std::byte* const to = bytes_.extend(sizeof both + key.size() + row.size());
        if (to == nullptr) return errc::out_of_memory;
        __builtin_memcpy(to, both, sizeof both);
        copy_bytes(to + sizeof both, key);
        copy_bytes(to + sizeof both + key.size(), row);
        return {};
    }
    void next(bytes_view& key, bytes_view& row) noexcept {
        std::size_t both[2];
        const std::byte* const at = bytes_.data() + next_;
        __builtin_memcpy(both, at, sizeof both);
        key = {at + sizeof both, both[0]};
        row = {key.end(), both[1]};
        next_ += sizeof both + both[0] + both[1];
    }

  private:
    byte_buffer bytes_;
    std::size_t next_ = 0;
};

} // namespace ashlar::inline v0_1::face
