// SPDX-License-Identifier: BSL-1.0
/// @file Defines the table of static_map: rows of one length beside their sorted keys.
#pragma once

#include <ashlar/backend/static/sorted_keys.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1::static_table {

/// An array needs one element.
[[nodiscard]] consteval std::size_t at_least_one(std::size_t n) noexcept { return n == 0 ? 1 : n; }

/// At most `Capacity` rows in the order of their keys, without a heap; constant-initialisable. Has
/// the verbs that admit and carry_out ask for, none of which can fail. Not thread-safe.
/// REQUIRES of what adds a key: there is room for it.
template <std::size_t Capacity, std::size_t KeySize, std::size_t RowSize>
class table {
  public:
    static constexpr std::size_t capacity = Capacity;

    // --- by place: 0 for the least key -----------------------------------------------------------

    [[nodiscard]] constexpr std::size_t size() const noexcept { return keys_.size(); }
    [[nodiscard]] bytes_view key_at(std::size_t i) const noexcept { return keys_.at(i); }
    [[nodiscard]] bytes_view row_at(std::size_t i) const noexcept {
        return {rows_ + i * RowSize, RowSize};
    }
    /// The place of the first key that is not less. O(log n), as is end_of.
    [[nodiscard]] std::size_t lower_bound(bytes_view key) const noexcept {
        return keys_.lower_bound(key);
    }
    [[nodiscard]] bool is_at(std::size_t i, bytes_view key) const noexcept {
        return keys_.is_at(i, key);
    }
    /// The place behind a range that ends in front of `hi`: an empty bound is none.
    [[nodiscard]] std::size_t end_of(bytes_view hi) const noexcept {
        return hi.empty() ? keys_.size() : keys_.lower_bound(hi);
    }
    /// Makes a place for a key; the row's bytes are to be set. REQUIRES: i is the key's place.
    void insert(std::size_t i, bytes_view key) noexcept {
        move_rows(i + 1, i);
        keys_.insert(i, key);
    }
    void set_row(std::size_t i, bytes_view row) noexcept { copy_bytes(rows_ + i * RowSize, row); }
    void erase(std::size_t from, std::size_t end) noexcept {
        move_rows(from, end);
        keys_.erase(from, end);
    }
    void clear() noexcept { keys_.clear(); }

    // --- by key, for apply.hpp -------------------------------------------------------------------

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) const noexcept {
        const std::size_t i = lower_bound(key);
        if (!is_at(i, key)) return false;
        row = row_at(i);
        return true;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi,
                                       bytes_view& row) const noexcept {
        const std::size_t i = lower_bound(lo);
        if (i >= end_of(hi)) return false;
        row = row_at(i);
        return true;
    }
    void assign(bytes_view key, bytes_view row) noexcept {
        const std::size_t i = lower_bound(key);
        if (!is_at(i, key)) insert(i, key);
        set_row(i, row);
    }
    void remove(bytes_view key) noexcept {
        const std::size_t i = lower_bound(key);
        if (is_at(i, key)) erase(i, i + 1);
    }
    void remove_range(bytes_view lo, bytes_view hi) noexcept {
        const std::size_t from = lower_bound(lo);
        if (const std::size_t end = end_of(hi); from < end) erase(from, end);
    }

  private:
    void move_rows(std::size_t to, std::size_t from) noexcept {
        __builtin_memmove(rows_ + to * RowSize, rows_ + from * RowSize,
                          (keys_.size() - from) * RowSize);
    }

    [[no_unique_address]] sorted_keys<Capacity, KeySize> keys_; // lends its padding
    std::byte rows_[at_least_one(Capacity * RowSize)]{};
};

} // namespace ashlar::inline v0_1::static_table
