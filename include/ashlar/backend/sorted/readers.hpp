// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a sorted map reads: one key, many, ranges, snapshots.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/sorted/gate.hpp>
#include <ashlar/backend/sorted/snapshot.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/row_chunk.hpp>
#include <ashlar/walk.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Rows up to this long stand in the leaves where their length is fixed and keys are words: a full
/// leaf of them moves at most 4 KiB for one insertion.
inline constexpr std::size_t inline_row_limit = 64;

template <class Row, class Concurrency>
using kind_for = kind<(Row::key_extent <= 8),
                      !(Row::key_extent <= 8 && Row::row_extent <= inline_row_limit), Concurrency>;

/// The tree, its lock, and the verbs of the engine that change nothing. Rows that stand as words in
/// their leaves are read without the lock; other reads take it, scans for one chunk at a time.
template <class Row, concurrency_policy Concurrency, std::size_t MaxKeySize>
class readers {
    using kind = kind_for<Row, Concurrency>;
    using chunk = row_chunk<Row::key_extent, Row::row_extent>;
    using view = sorted_tree::snapshot<Row, kind>;

  public:
    using position = key_buffer;

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key(key); !fine) return fine.error();
        if constexpr (kind::sightable) {
            row_copy row;
            const sighting seen =
                sight<kind>{tree_, gate_}.read(tree_.shape.probe_for(key), row.words);
            if (seen == sighting::found) [[likely]]
                return visit(row.view()), true;
            if (seen == sighting::absent) return false;
        }
        return read_locked(key, visit);
    }

    /// Looks keys up in groups whose cache misses overlap. Rows that are no words in their leaf are
    /// read under one hold of the lock per group.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        for (std::size_t i = 0; i < count; ++i)
            if (const auto fine = check_key(keys[i]); !fine) return fine.error();
        for (std::size_t first = 0; first < count; first += group) {
            const std::size_t n = count - first < group ? count - first : group;
            if constexpr (kind::sightable) {
                if (const auto done = sight_group(keys + first, n, first, visit); !done)
                    return done;
                continue;
            }
            const std::byte* slots[group];
            const guard lock{mutex_};
            if (closed_) return errc::closed;
            tree_.find_group(keys + first, n, slots);
            for (std::size_t i = 0; i < n; ++i)
                if (slots[i] != nullptr) visit(first + i, row_at(slots[i]));
        }
        return {};
    }

    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        return scan_rows(range, visit, static_cast<std::size_t>(-1));
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }
    /// As scan and walk, but of each row no more than `most` bytes are shown: what a sweep or a
    /// count has no use for is not copied, and the lock is not held for it.
    template <class Visit>
    result<bool> scan_beginnings(const scan_range& range, Visit visit, std::size_t most) const
        requires(Row::row_extent == dynamic_extent)
    {
        return scan_rows(range, visit, most);
    }
    template <class Visit>
    result<bool> walk_beginnings(position& at, Visit visit, std::size_t limit,
                                 std::size_t most) const
        requires(Row::row_extent == dynamic_extent)
    {
        return walk_by_scan(beginnings{*this, most}, at, visit, limit);
    }
    /// The same of the rows' headers.
    template <class Visit>
    result<bool> scan_headers(const scan_range& range, Visit visit) const
        requires(Row::row_extent == dynamic_extent)
    {
        return scan_rows(range, visit, Row::header_size);
    }
    template <class Visit>
    result<bool> walk_headers(position& at, Visit visit, std::size_t limit) const
        requires(Row::row_extent == dynamic_extent)
    {
        return walk_by_scan(beginnings{*this, Row::header_size}, at, visit, limit);
    }

    /// All rows as they are now, in O(1). Writers go on, and copy what the snapshot shares when
    /// they change it: once per node, not per write.
    [[nodiscard]] result<view> snapshot() const {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        return view{tree_.share(), pool_};
    }

    /// 0 when closed.
    [[nodiscard]] std::size_t size() const noexcept {
        const guard lock{mutex_};
        return tree_.size;
    }
    /// Bytes asked of the heap for the present rows; what only snapshots still hold is not counted.
    [[nodiscard]] std::size_t memory_used() const noexcept {
        const guard lock{mutex_};
        return tree_.memory;
    }

  protected:
    readers() noexcept = default;
    readers(readers&& other) noexcept
        : pool_{std::move(other.pool_)}, tree_{std::move(other.tree_)},
          closed_{std::exchange(other.closed_, true)} {}
    readers& operator=(readers&& other) noexcept {
        if (this == &other) return *this;
        tree_ = std::move(other.tree_); // swaps both, for nodes go back to their own pool
        std::swap(pool_, other.pool_);
        closed_ = std::exchange(other.closed_, true);
        return *this;
    }
    ~readers() = default;

    [[nodiscard]] static result<void> check_key(bytes_view key) noexcept {
        if (key.size() > MaxKeySize) return errc::key_too_long;
        if (Row::key_extent != dynamic_extent && key.size() != Row::key_extent)
            return errc::invalid_argument;
        return {};
    }
    [[nodiscard]] static constexpr tree<kind> no_rows() noexcept {
        return {Row::key_extent, Row::row_extent};
    }

    pool_share<typename kind::pool> pool_; // outlives the tree
    mutable typename Concurrency::mutex mutex_;
    tree<kind> tree_ = no_rows();
    [[no_unique_address]] gate<kind> gate_;
    bool closed_ = false;

  private:
    /// A row that was copied out of its leaf.
    struct row_copy {
        std::uint64_t words[Row::row_extent == dynamic_extent || Row::row_extent == 0
                                ? 1
                                : (Row::row_extent + 7) / 8];
        [[nodiscard]] bytes_view view() const noexcept {
            return {reinterpret_cast<const std::byte*>(words), Row::row_extent};
        }
    };
    /// For who walks by scanning.
    struct beginnings {
        const readers& of;
        std::size_t most;
        template <class Visit>
        result<bool> scan(const scan_range& range, Visit& visit) const {
            return of.scan_rows(range, visit, most);
        }
    };
    static constexpr std::size_t group = tree<kind>::group_size;

    template <class Visit>
    result<bool> read_locked(bytes_view key, Visit& visit) const {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        const std::byte* slot = tree_.find(key);
        if (slot == nullptr) return false;
        visit(row_at(slot));
        return true;
    }
    template <class Visit>
    result<void> sight_group(const bytes_view* keys, std::size_t n, std::size_t first,
                             Visit& visit) const {
        probe probes[group];
        row_copy rows[group];
        sighting seen[group];
        for (std::size_t i = 0; i < n; ++i) probes[i] = tree_.shape.probe_for(keys[i]);
        sight<kind>{tree_, gate_}.read_group(probes, n, rows, seen);
        for (std::size_t i = 0; i < n; ++i) {
            auto visit_row = [&](bytes_view row) { visit(first + i, row); };
            if (seen[i] == sighting::found) visit_row(rows[i].view());
            else if (seen[i] == sighting::busy)
                if (const auto there = read(keys[i], visit_row); !there) return there.error();
        }
        return {};
    }

    /// Shows so much of each row at most.
    template <class Visit>
    result<bool> scan_rows(const scan_range& range, Visit& visit, std::size_t most_of_row) const {
        if (const auto fine = check_range(range); !fine) return fine.error();
        constexpr std::size_t first_rows = 64; // a scan that is stopped early copies no more
        constexpr std::size_t later_rows = 256;
        chunk rows;
        key_buffer after;
        scan_range rest = range;
        std::size_t most = range.limit <= later_rows ? range.limit : first_rows;
        for (;;) {
            if (most > rest.limit) most = rest.limit;
            rows.prepare(most); // so that little is allocated under the lock
            const auto more = copy_rows(rows, rest, most_of_row);
            if (!more) return more;
            if (!rows.show(visit)) return true;
            rest.limit -= rows.count();
            if (!*more || rest.limit == 0) return more;
            if (!after.assign(rows.last_key())) return errc::out_of_memory;
            rest.resume = true;
            rest.after = after.view();
            most = later_rows;
        }
    }
    /// Whether the range has more. When memory runs out behind the first row the chunk is merely
    /// shorter.
    [[nodiscard]] result<bool> copy_rows(chunk& rows, const scan_range& range,
                                         std::size_t most_of_row) const {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        range_reader<kind> from{tree_, range};
        bytes_view key;
        bytes_view bytes;
        while (from.next(key, bytes)) {
            if constexpr (Row::key_extent != dynamic_extent) key = {key.data(), Row::key_extent};
            if constexpr (Row::row_extent != dynamic_extent)
                bytes = {bytes.data(), Row::row_extent};
            else if (bytes.size() > most_of_row) bytes = bytes.first(most_of_row);
            const errc bad = rows.add(key, bytes);
            if (bad == errc::ok) continue;
            if (rows.count() != 0 || range.limit == 0) return true;
            return bad;
        }
        return false;
    }

    /// With the length that the compiler knows, where it does.
    [[nodiscard]] bytes_view row_at(const std::byte* slot) const noexcept {
        const bytes_view found = tree_.shape.row_in(slot);
        if constexpr (Row::row_extent == dynamic_extent) return found;
        else return {found.data(), Row::row_extent};
    }
};

} // namespace ashlar::inline v0_1::sorted_tree
