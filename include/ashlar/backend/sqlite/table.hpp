// SPDX-License-Identifier: BSL-1.0
/// @file Defines table: what checks and operations of a batch find in an SQLite transaction.
#pragma once

#include <ashlar/backend/sqlite/core.hpp>

namespace ashlar::inline v0_1::sqlite_parts {

/// What admit and carry_out see of the writing connection within a transaction. A row that was
/// found lives until the next look-up or until `rest`.
template <class Row, std::size_t MaxKeySize>
class table {
  public:
    explicit table(connection& on) noexcept : on_{on} {}

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) noexcept {
        if (const auto fine = check_key<Row, MaxKeySize>(key); !fine) return fine.error();
        rest();
        const auto found = on_.seek(key, at_);
        if (found && *found) row = at_.column(0);
        return found;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) noexcept {
        rest();
        const auto found = on_.seek(scan_range{.lo = lo, .hi = hi}, at_);
        if (found && *found) row = at_.column(1);
        return found;
    }
    void rest() noexcept { at_.end(); }

    [[nodiscard]] result<void> assign(bytes_view key, bytes_view row) noexcept {
        return on_.order(query::put, key, row);
    }
    [[nodiscard]] result<void> remove(bytes_view key) noexcept {
        return on_.order(query::erase, key);
    }
    [[nodiscard]] result<void> remove_range(bytes_view lo, bytes_view hi) noexcept {
        if (hi.empty()) return on_.order(query::erase_up, lo);
        return on_.order(query::erase_range, lo, hi);
    }

  private:
    connection& on_;
    running at_;
};

} // namespace ashlar::inline v0_1::sqlite_parts
