// SPDX-License-Identifier: BSL-1.0
/// @file Defines has_room: whether a table of fixed capacity can take a batch.
#pragma once

#include <ashlar/apply.hpp>

namespace ashlar::inline v0_1::static_table {

/// What a table holds between two operations of a batch that is not carried out yet. Without
/// memory: each question goes through the operations before `entry` again.
template <class Table>
class foreseen {
  public:
    foreseen(const Table& table, operation_list operations) noexcept
        : table_{table}, operations_{operations} {}

    /// Whether a key is there just before the operation at `entry`.
    [[nodiscard]] bool has(bytes_view key, std::byte* entry) const noexcept {
        bytes_view row;
        const auto found = detail::find_before({{}, operations_},
                                               {operation_kind::put, key, {}, entry}, table_, row);
        return found.value_or(false);
    }
    /// How many rows an erase_range will take: those of the table that are still there, and those
    /// that its batch put there first (each counted where it was put).
    [[nodiscard]] std::size_t count_in(const operation& range) const noexcept {
        std::size_t count = 0;
        for (std::size_t i = table_.lower_bound(range.key); i < table_.end_of(range.value); ++i)
            if (has(table_.key_at(i), range.entry)) ++count;
        const scan_range within{.lo = range.key, .hi = range.value};
        for (const operation op : operations_) {
            if (op.entry == range.entry) break;
            if (op.kind != operation_kind::put || !within.contains(op.key)) continue;
            if (table_.is_at(table_.lower_bound(op.key), op.key)) continue;
            if (is_last_put(op, range.entry)) ++count;
        }
        return count;
    }

  private:
    /// Whether `put` is what its key's row comes from just before the operation at `entry`.
    [[nodiscard]] bool is_last_put(const operation& put, const std::byte* entry) const noexcept {
        bool last = false;
        for (const operation op : operations_) {
            if (op.entry == entry) break;
            if (op.entry == put.entry) last = true;
            else if (op.kind == operation_kind::erase_range)
                last = last && !scan_range{.lo = op.key, .hi = op.value}.contains(put.key);
            else if (op.key == put.key) last = false;
        }
        return last;
    }

    const Table& table_;
    operation_list operations_;
};

/// Errors: full when the operations, in their order, need more rows than the table's capacity at
/// any moment. Only a batch that might is looked at closely, in O(n * n) of its operations.
template <class Table>
[[nodiscard]] result<void> has_room(const Table& table, operation_list operations) noexcept {
    std::size_t puts = 0;
    for (const operation op : operations) puts += op.kind == operation_kind::put ? 1U : 0U;
    std::size_t count = table.size();
    if (puts <= Table::capacity - count) return {};
    const foreseen<Table> then{table, operations};
    for (const operation op : operations) {
        if (op.kind == operation_kind::erase_range) {
            count -= then.count_in(op);
        } else if (const bool there = then.has(op.key, op.entry);
                   there != (op.kind == operation_kind::put)) {
            if (there) --count;
            else if (count++ == Table::capacity) return errc::full;
        }
    }
    return {};
}

} // namespace ashlar::inline v0_1::static_table
