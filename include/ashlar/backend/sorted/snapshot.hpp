// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot: the rows of a sorted map as they stood at one moment.
#pragma once

#include <ashlar/backend/sorted/rows.hpp>
#include <ashlar/walk.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Shares the nodes of the map it was taken from; the map copies a node before it changes it. Takes
/// no lock, and visitors may call anything. Any number of threads may read one snapshot; moving and
/// destroying it need the usual care. Dropping the last snapshot of a moment frees what only it
/// reached, in the thread that drops it. Must not outlive the engine.
template <class Row, class Kind>
class snapshot {
  public:
    using row = Row;
    using position = key_buffer;

    snapshot(tree<Kind>&& rows, const pool_share<typename Kind::pool>& pool) noexcept
        : pool_{pool}, rows_{std::move(rows)} {}
    snapshot(snapshot&&) = default;
    snapshot& operator=(snapshot&& other) noexcept {
        rows_ = std::move(other.rows_); // swaps both, for nodes go back to their own pool
        std::swap(pool_, other.pool_);
        return *this;
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        const std::byte* slot = rows_.find(key);
        if (slot == nullptr) return false;
        visit(rows_.shape.row_in(slot));
        return true;
    }

    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (const auto fine = check_range(range); !fine) return fine.error();
        range_reader<Kind> from{rows_, range};
        bytes_view key;
        bytes_view value;
        for (std::size_t left = range.limit; from.next(key, value); --left)
            if (left == 0 || !visit_row(visit, key, value)) return true;
        return false;
    }

    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }

    [[nodiscard]] std::size_t size() const noexcept { return rows_.size; }

  private:
    pool_share<typename Kind::pool> pool_; // outlives the rows
    tree<Kind> rows_;
};

} // namespace ashlar::inline v0_1::sorted_tree
