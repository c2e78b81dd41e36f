// SPDX-License-Identifier: BSL-1.0
/// @file Defines static_map<Capacity>: rows in a sorted array inside the engine, without a heap.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/static/sorted_keys.hpp>
#include <ashlar/concurrency/concept.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

template <std::size_t Capacity, class Row, class Concurrency>
class static_map_engine;

/// For microcontrollers and small tables: keys and rows of fixed length, at most `Capacity` of
/// them, all inside the store object. A put or batch that would need more is `full` and changes
/// nothing. Constant-initialisable, so a global store costs no start-up code; it brings neither
/// heap nor exceptions. Reads and scans find by bisection, O(log n); a new or erased key moves the
/// rows behind it, O(n): meant for up to some thousand rows.
template <std::size_t Capacity>
struct static_map {
    static_assert(Capacity > 0, "ashlar: static_map<0> could hold no row; give it a capacity");

    using axis = backend_axis;
    using options = no_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = dynamic_extent;
    static constexpr std::size_t max_row_size = dynamic_extent;
    static constexpr bool needs_fixed_extents = true;
    static constexpr void describe(sentence& text) noexcept { text << "static_map/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = static_map_engine<Capacity, Row, Concurrency>;
};
static_assert(backend_policy<static_map<1>>);

/// The engine of static_map. Thread-safe as its concurrency is. Moving one copies its whole array.
/// Scans and walks copy rows out before visiting them: one at a time without threads, 64 or what
/// fits into 16 KiB of stack with them.
template <std::size_t Capacity, class Row, class Concurrency>
class static_map_engine {
    static constexpr std::size_t key_size = Row::key_extent;
    static constexpr std::size_t row_size = Row::row_extent;
    static_assert(key_size != dynamic_extent && row_size != dynamic_extent,
                  "ashlar: static_map holds keys and values of fixed length only; choose codecs "
                  "with a fixed extent, or another backend");

  public:
    using row = Row;
    using receipt = typename Row::receipt;

    /// The key visited last; without a destructor.
    struct position {
        bool begun = false;
        std::byte last[key_size]{};
    };

    constexpr static_map_engine() noexcept = default;

    template <class Environment>
    [[nodiscard]] static result<static_map_engine> open(const opening<Environment>&,
                                                        const no_options&) noexcept {
        return static_map_engine{};
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        const guard hold{lock_.mutex};
        const std::size_t at = keys_.lower_bound(key);
        if (!keys_.is_at(at, key)) return false;
        visit(row_at(at));
        return true;
    }

    template <class Visit>
    result<bool> walk(position& from, Visit visit, std::size_t limit) const {
        scan_range rest{.resume = from.begun, .after = {from.last, key_size}, .limit = limit};
        return visit_range(rest, [&](bytes_view key, bytes_view bytes) {
            copy_bytes(from.last, key);
            from.begun = true;
            return visit_row(visit, key, bytes);
        });
    }

    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (!range.hi.empty() && range.hi < range.lo) return errc::range_invalid;
        if (range.resume && !range.contains(range.after)) return errc::foreign_cursor;
        return visit_range(
            range, [&](bytes_view key, bytes_view bytes) { return visit_row(visit, key, bytes); });
    }

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto ok = hook.reserve(batch.operations.bytes().size()); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            table rows{*this};
            if (const auto ok = admit<Row>(batch, rows, on_conflict); !ok) return ok.error();
            if (const auto ok = has_room(batch.operations); !ok) return ok.error();
            seq = next_sequence();
            fill_sequence(batch.operations, seq);
            static_cast<void>(carry_out(batch.operations, rows)); // the table's verbs can't fail
            hook.commit(seq, batch.operations);
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return Row::receipt_for(seq);
    }

    result<void> apply_at(commit_seq seq, operation_list operations) {
        const guard hold{lock_.mutex};
        for (const operation op : operations) {
            if (op.kind == operation_kind::add) return errc::corrupt; // logs hold resolved ones
            if (const auto ok = admissible<Row>(op); !ok) return ok;
        }
        if (const auto ok = has_room(operations); !ok) return ok;
        if (static_cast<std::uint64_t>(seq) > sequence_)
            sequence_ = static_cast<std::uint64_t>(seq);
        fill_sequence(operations, seq);
        table rows{*this};
        return carry_out(operations, rows);
    }

    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (key.size() != key_size || capacity > row_size) return errc::invalid_argument;
        if (const auto ok = hook.reserve(one_entry); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            const std::size_t at = keys_.lower_bound(key);
            const bool found = keys_.is_at(at, key);
            const bytes_view old = found ? row_at(at) : bytes_view{};
            std::byte out[at_least_one(row_size)];
            seq = commit_seq{sequence_ + 1};
            const update_action action = f(seq, found ? &old : nullptr, out);
            if (action.what == update_action::kind::keep ||
                (action.what == update_action::kind::erase && !found))
                return Row::receipt_for(commit_seq{sequence_});
            if (action.what == update_action::kind::write) {
                if (action.size != row_size) return errc::invalid_argument;
                if (!found && keys_.size() == Capacity) return errc::full;
                if (!found) insert(at, key);
                copy_bytes(row_bytes(at), {out, row_size});
                hook.commit_put(seq, key, {out, row_size});
            } else {
                remove(at, at + 1);
                hook.commit_erase(seq, key);
            }
            next_sequence();
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return Row::receipt_for(seq);
    }

    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        if (bytes.size() != row_size) return errc::invalid_argument;
        return update(
            key, row_size,
            [bytes](commit_seq, const bytes_view*, std::byte* out) noexcept {
                copy_bytes(out, bytes);
                return update_action::write(row_size);
            },
            hook);
    }

    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (key.size() != key_size) return false;
        bool found = false;
        const receipt done = update(
            key, row_size,
            [&found](commit_seq, const bytes_view* old, std::byte*) noexcept {
                found = old != nullptr;
                return update_action::erase();
            },
            hook);
        if (!done) return done.error();
        return found;
    }

    /// Drops all rows in O(1). No hook sees it: stores that log or feed clear themselves by
    /// erase_range.
    void clear() noexcept {
        const guard hold{lock_.mutex};
        keys_.clear();
    }

    [[nodiscard]] std::size_t size() const noexcept {
        const guard hold{lock_.mutex};
        return keys_.size();
    }
    [[nodiscard]] constexpr std::size_t memory_used() const noexcept { return sizeof(*this); }

  private:
    static constexpr std::size_t at_least_one(std::size_t n) noexcept { return n == 0 ? 1 : n; }
    static constexpr std::size_t one_entry = sizeof(batch_entry) + key_size + row_size;
    static constexpr std::size_t chunk_rows = [] {
        if (!Concurrency::threads) return std::size_t{1};
        const std::size_t affordable =
            at_least_one((std::size_t{16} << 10) / (key_size + row_size));
        const std::size_t wanted = affordable < 64 ? affordable : 64;
        return wanted < Capacity ? wanted : Capacity;
    }();

    /// A mutex that stays where it is when the rows are moved elsewhere.
    struct resting_mutex {
        constexpr resting_mutex() noexcept = default;
        constexpr resting_mutex(resting_mutex&&) noexcept {}
        constexpr resting_mutex& operator=(resting_mutex&&) noexcept { return *this; }
        typename Concurrency::mutex mutex{};
    };

    /// What apply looks at and changes. REQUIRES: has_room, the lock.
    struct table {
        static_map_engine& to;
        result<bool> find(bytes_view key, bytes_view& bytes) const noexcept {
            const std::size_t at = to.keys_.lower_bound(key);
            if (!to.keys_.is_at(at, key)) return false;
            bytes = to.row_at(at);
            return true;
        }
        result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& bytes) const noexcept {
            const std::size_t at = to.keys_.lower_bound(lo);
            if (at >= to.end_of(hi)) return false;
            bytes = to.row_at(at);
            return true;
        }
        void assign(bytes_view key, bytes_view bytes) noexcept {
            const std::size_t at = to.keys_.lower_bound(key);
            if (!to.keys_.is_at(at, key)) to.insert(at, key);
            copy_bytes(to.row_bytes(at), bytes);
        }
        void remove(bytes_view key) noexcept {
            const std::size_t at = to.keys_.lower_bound(key);
            if (to.keys_.is_at(at, key)) to.remove(at, at + 1);
        }
        void remove_range(bytes_view lo, bytes_view hi) noexcept {
            const std::size_t from = to.keys_.lower_bound(lo);
            if (const std::size_t end = to.end_of(hi); from < end) to.remove(from, end);
        }
    };

    [[nodiscard]] std::byte* row_bytes(std::size_t i) noexcept { return rows_ + i * row_size; }
    [[nodiscard]] bytes_view row_at(std::size_t i) const noexcept {
        return {rows_ + i * row_size, row_size};
    }
    /// The end of a range: an empty bound is none.
    [[nodiscard]] std::size_t end_of(bytes_view hi) const noexcept {
        return hi.empty() ? keys_.size() : keys_.lower_bound(hi);
    }

    void move_rows(std::size_t to, std::size_t from) noexcept {
        std::memmove(rows_ + to * row_size, rows_ + from * row_size,
                     (keys_.size() - from) * row_size);
    }
    void insert(std::size_t at, bytes_view key) noexcept {
        move_rows(at + 1, at);
        keys_.insert(at, key);
    }
    void remove(std::size_t from, std::size_t end) noexcept {
        move_rows(from, end);
        keys_.erase(from, end);
    }

    commit_seq next_sequence() noexcept { return commit_seq{++sequence_}; }

    /// Whether the operations, in their order, never need more than Capacity rows. Only a batch
    /// that might is looked at closely, in O(n * n) of its operations and no memory.
    [[nodiscard]] result<void> has_room(operation_list operations) noexcept {
        std::size_t puts = 0;
        for (const operation op : operations) puts += op.kind == operation_kind::put ? 1U : 0U;
        if (puts <= Capacity - keys_.size()) return {};
        std::size_t count = keys_.size();
        for (const operation op : operations) {
            if (op.kind == operation_kind::erase_range) {
                count -= live_in(operations, op);
            } else if (const bool there = is_live(operations, op.key, op.entry);
                       there != (op.kind == operation_kind::put)) {
                if (there) --count;
                else if (count++ == Capacity) return errc::full;
            }
        }
        return {};
    }
    /// Whether a key is there just before the operation at `entry`.
    [[nodiscard]] bool is_live(operation_list operations, bytes_view key,
                               std::byte* entry) noexcept {
        table rows{*this};
        bytes_view bytes;
        const auto found = detail::find_before({{}, operations},
                                               {operation_kind::put, key, {}, entry}, rows, bytes);
        return found.value_or(false);
    }
    /// How many rows an erase_range will take: those of the table that are still there, and those
    /// that its batch put there first (each counted where it was put).
    [[nodiscard]] std::size_t live_in(operation_list operations, const operation& range) noexcept {
        std::size_t count = 0;
        for (std::size_t i = keys_.lower_bound(range.key); i < end_of(range.value); ++i)
            if (is_live(operations, keys_.at(i), range.entry)) ++count;
        const scan_range within{.lo = range.key, .hi = range.value};
        for (const operation op : operations) {
            if (op.entry == range.entry) break;
            if (op.kind != operation_kind::put || !within.contains(op.key)) continue;
            if (keys_.is_at(keys_.lower_bound(op.key), op.key)) continue;
            if (is_last_put(operations, op, range.entry)) ++count;
        }
        return count;
    }
    /// Whether `put` is what its key's row comes from just before the operation at `entry`.
    [[nodiscard]] static bool is_last_put(operation_list operations, const operation& put,
                                          const std::byte* entry) noexcept {
        bool last = false;
        for (const operation op : operations) {
            if (op.entry == entry) break;
            if (op.entry == put.entry) last = true;
            else if (op.kind == operation_kind::erase_range)
                last = last && !scan_range{.lo = op.key, .hi = op.value}.contains(put.key);
            else if (op.key == put.key) last = false;
        }
        return last;
    }

    /// The visiting of scan and walk: copies chunks under the lock, visits without it, and finds
    /// its place again by the key visited last, so that visitors may write.
    template <class Visit>
    result<bool> visit_range(scan_range range, Visit visit) const {
        std::byte keys[chunk_rows * key_size];
        std::byte rows[at_least_one(chunk_rows * row_size)];
        std::size_t place = 0; // where the key visited last was seen
        for (;;) {
            std::size_t count = range.limit < chunk_rows ? range.limit : chunk_rows;
            bool more = false;
            {
                const guard hold{lock_.mutex};
                std::size_t from = 0;
                std::size_t end = 0;
                if (range.resume && !keys_.is_at(place, range.after))
                    place = keys_.lower_bound(range.after);
                if (!range.resume || range.reverse) from = keys_.lower_bound(range.lo);
                else from = place + (keys_.is_at(place, range.after) ? 1U : 0U);
                if (range.resume && range.reverse) end = place;
                else end = end_of(range.hi);
                const std::size_t left = from < end ? end - from : 0;
                more = count < left;
                if (!more) count = left;
                for (std::size_t i = 0; i < count; ++i) {
                    const std::size_t at = range.reverse ? end - 1 - i : from + i;
                    copy_bytes(keys + i * key_size, keys_.at(at));
                    copy_bytes(rows + i * row_size, row_at(at));
                    place = at;
                }
            }
            for (std::size_t i = 0; i < count; ++i)
                if (!visit({keys + i * key_size, key_size}, {rows + i * row_size, row_size}))
                    return true;
            range.limit -= count;
            if (!more || range.limit == 0) return more;
            range.resume = true;
            range.after = {keys + (count - 1) * key_size, key_size};
        }
    }

    std::uint64_t sequence_ = 0;
    [[no_unique_address]] static_table::sorted_keys<Capacity, key_size> keys_; // lends its padding
    [[no_unique_address]] mutable resting_mutex lock_;
    std::byte rows_[at_least_one(Capacity * row_size)]{};
};

} // namespace ashlar::inline v0_1
