// SPDX-License-Identifier: BSL-1.0
/// @file Defines reading an SQLite file: in short transactions, or in one that stays open.
#pragma once

#include <ashlar/backend/sqlite/core.hpp>
#include <ashlar/walk.hpp>

namespace ashlar::inline v0_1::sqlite_parts {

/// Errors: key_too_long; invalid_argument where the layout fixes another length.
template <class Row, std::size_t MaxKeySize>
[[nodiscard]] result<void> check_key(bytes_view key) noexcept {
    if (Row::key_extent != dynamic_extent && key.size() != Row::key_extent)
        return errc::invalid_argument;
    if (key.size() > MaxKeySize) return errc::key_too_long;
    return {};
}

/// Shows the row where SQLite holds it: in a page of its cache, or in a copy of SQLite's own where
/// the row is longer than a page.
template <class Row, class Visit>
[[nodiscard]] result<bool> read_row(connection& on, bytes_view key, Visit& visit) {
    running at;
    const auto found = on.seek(key, at);
    if (!found || !*found) return found;
    const bytes_view row = at.column(0);
    if (!Row::fits(row)) return errc::corrupt;
    visit(row);
    return true;
}

/// The same for a range: nothing else uses the connection meanwhile, so no row is copied.
template <class Row, class Visit>
[[nodiscard]] result<bool> scan_rows(connection& on, const scan_range& range, Visit& visit) {
    if (range.limit == 0) return true;
    running at;
    auto found = on.seek(range, at);
    for (std::size_t left = range.limit; found && *found; found = on.step(at)) {
        const bytes_view row = at.column(1);
        if (!Row::fits(row)) return errc::corrupt;
        if (!visit_row(visit, at.column(0), row) || --left == 0) return true;
    }
    return found;
}

/// Errors: range_invalid, foreign_cursor.
[[nodiscard]] inline result<void> check_bounds(const scan_range& range) noexcept {
    if (!range.hi.empty() && range.hi < range.lo) return errc::range_invalid;
    if (range.resume && !range.contains(range.after)) return errc::foreign_cursor;
    return {};
}

/// A read transaction on a connection of its own: writers go on, and the log grows while it lives.
/// Movable; used by one thread at a time. After the engine's close its verbs answer closed.
template <class Row, class Core, std::size_t MaxKeySize>
class snapshot {
  public:
    using row = Row;
    using position = key_buffer;

    /// Errors: those of beginning to read.
    [[nodiscard]] static result<snapshot> take(typename Core::lease on) noexcept {
        if (const auto begun = on->order(query::begin_read); !begun) return begun.error();
        snapshot self{std::move(on)};
        // BEGIN alone fixes nothing; the first row that is looked for does.
        const auto fixed = self.on_->order(query::load_sequence);
        if (!fixed) return fixed.error();
        return self;
    }
    snapshot(snapshot&& other) noexcept
        : core_{std::exchange(other.core_, nullptr)}, on_{std::move(other.on_)} {}
    snapshot& operator=(snapshot&& other) noexcept {
        std::swap(core_, other.core_);
        std::swap(on_, other.on_);
        return *this;
    }
    ~snapshot() {
        if (core_ == nullptr) return;
        static_cast<void>(on_->order(query::commit));
        {
            const auto given_back = std::move(on_);
        }
        Core::leave(core_);
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key<Row, MaxKeySize>(key); !fine) return fine.error();
        if (core_->is_closed()) return errc::closed;
        return read_row<Row>(*on_, key, visit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (const auto fine = check_bounds(range); !fine) return fine.error();
        if (core_->is_closed()) return errc::closed;
        return scan_rows<Row>(*on_, range, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }

  private:
    explicit snapshot(typename Core::lease&& on) noexcept : core_{on.owner()}, on_{std::move(on)} {
        core_->join();
    }

    Core* core_;
    typename Core::lease on_;
};

} // namespace ashlar::inline v0_1::sqlite_parts
