// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of sorted_map: the waist's verbs over one tree and one lock.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/sorted/snapshot.hpp>
#include <ashlar/backend/sorted/table.hpp>
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

/// An ordered map of byte keys to rows. All verbs may be called from any thread when Concurrency
/// has threads; moving may not. The visitors of read, read_many and update run under the lock,
/// those of scan and walk without it. A default-constructed engine is open, empty and owns no
/// memory. After an error nothing has changed.
template <class Row, concurrency_policy Concurrency, std::size_t MaxKeySize, std::size_t MaxRowSize>
class engine {
    using kind = kind_for<Row, Concurrency>;
    using chunk = row_chunk<Row::key_extent, Row::row_extent>;

  public:
    using row = Row;
    using position = key_buffer;
    using view = sorted_tree::snapshot<Row, kind>;

    engine() noexcept = default;
    engine(engine&& other) noexcept
        : tree_{std::move(other.tree_)}, sequence_{other.sequence_},
          closed_{std::exchange(other.closed_, true)} {}
    engine& operator=(engine&& other) noexcept {
        if (this == &other) return *this;
        tree_ = std::move(other.tree_);
        sequence_ = other.sequence_;
        closed_ = std::exchange(other.closed_, true);
        return *this;
    }

    /// Never fails; that a store in memory can only be made is the face's to say.
    template <class Environment>
    [[nodiscard]] static result<engine> open(const opening<Environment>&,
                                             const no_options&) noexcept {
        return engine{};
    }

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key(key); !fine) return fine.error();
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        const std::byte* slot = tree_.find(key);
        if (slot == nullptr) return false;
        visit(row_at(slot));
        return true;
    }

    /// Looks keys up in groups whose cache misses overlap, each group under one hold of the lock.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        for (std::size_t i = 0; i < count; ++i)
            if (const auto fine = check_key(keys[i]); !fine) return fine.error();
        constexpr std::size_t group = tree<kind>::group_size;
        for (std::size_t first = 0; first < count; first += group) {
            const std::size_t n = count - first < group ? count - first : group;
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
            const auto more = copy_rows(rows, rest);
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

    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }

    /// All rows as they are now, in O(1). Writers go on, and copy what the snapshot shares when
    /// they change it: once per node, not per write.
    [[nodiscard]] result<view> snapshot() const {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        return view{tree_.share()};
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

    // --- writing ---------------------------------------------------------------------------------

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    typename Row::receipt apply(batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        const auto log = check_operations(batch.operations);
        if (!log) return log.error();
        if (const auto room = hook.reserve(batch.operations.bytes().size()); !room)
            return room.error();
        commit_seq seq{};
        {
            const guard lock{mutex_};
            if (closed_) return errc::closed;
            table<kind> rows{tree_, *log};
            if (const auto fine = admit<Row>(batch, rows, on_conflict); !fine) return fine.error();
            seq = next_sequence();
            if constexpr (Row::fields.sequenced) fill_sequence(batch.operations, seq);
            if (const auto done = carry_out(batch.operations, rows); !done) return done.error();
            rows.keep();
            sequence_ = seq;
            hook.commit(seq, batch.operations);
        }
        return confirm(hook, seq);
    }

    result<void> apply_at(commit_seq seq, operation_list operations) {
        const auto log = check_operations(operations);
        if (!log) return log.error();
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        if constexpr (Row::fields.sequenced) fill_sequence(operations, seq);
        table<kind> rows{tree_, *log};
        if (const auto done = carry_out(operations, rows); !done) return done.error();
        rows.keep();
        if (sequence_ < seq) sequence_ = seq;
        return {};
    }

    template <class Hook = no_hook>
    typename Row::receipt put(bytes_view key, bytes_view value, Hook&& hook = Hook{}) {
        if (const auto fine = check_entry(key, value); !fine) return fine.error();
        if (const auto room = hook.reserve(sizeof(batch_entry) + key.size() + value.size()); !room)
            return room.error();
        commit_seq seq{};
        {
            const guard lock{mutex_};
            if (closed_) return errc::closed;
            table<kind> rows{tree_, undo_log::none};
            if (const auto done = rows.assign(key, value); !done) return done.error();
            seq = sequence_ = next_sequence();
            hook.commit_put(seq, key, value);
        }
        return confirm(hook, seq);
    }

    /// Answers whether the key was there; if not, nothing is committed.
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (const auto fine = check_key(key); !fine) return fine.error();
        if (const auto room = hook.reserve(sizeof(batch_entry) + key.size()); !room)
            return room.error();
        commit_seq seq{};
        {
            const guard lock{mutex_};
            if (closed_) return errc::closed;
            table<kind> rows{tree_, undo_log::none};
            const auto gone = rows.erase(key);
            if (!gone || !*gone) return gone;
            seq = sequence_ = next_sequence();
            hook.commit_erase(seq, key);
        }
        if (const auto durable = hook.wait(seq); !durable) return durable.error();
        return true;
    }

    /// Calls f(seq, old or null, out) under the lock. When it keeps the row, or erases a row that
    /// is not there, nothing is committed and the receipt is the latest commit's. Memory may run
    /// out after f was called; then its answer has no effect.
    template <class F, class Hook = no_hook>
    typename Row::receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (const auto fine = check_key(key); !fine) return fine.error();
        if (capacity > MaxRowSize) return errc::value_too_long;
        if (const auto room = hook.reserve(sizeof(batch_entry) + key.size() + capacity); !room)
            return room.error();
        commit_seq seq{};
        {
            const guard lock{mutex_};
            if (closed_) return errc::closed;
            out_.clear();
            std::byte* out = out_.extend(capacity);
            if (out == nullptr && capacity != 0) return errc::out_of_memory;
            table<kind> rows{tree_, undo_log::none};
            const std::byte* slot = tree_.find(key);
            const bytes_view old = slot == nullptr ? bytes_view{} : tree_.shape.row_in(slot);
            seq = next_sequence();
            const update_action action = f(seq, slot == nullptr ? nullptr : &old, out);
            if (action.what == update_action::kind::write) {
                if (action.size > capacity) return errc::invalid_argument;
                const bytes_view written{out, action.size};
                if (const auto fine = check_entry(key, written); !fine) return fine.error();
                if (const auto done = rows.assign(key, written); !done) return done.error();
                sequence_ = seq;
                hook.commit_put(seq, key, written);
            } else if (action.what == update_action::kind::erase && slot != nullptr) {
                if (const auto gone = rows.remove(key); !gone) return gone.error();
                sequence_ = seq;
                hook.commit_erase(seq, key);
            } else {
                return Row::receipt_for(sequence_);
            }
        }
        return confirm(hook, seq);
    }

    /// Drops all rows; the lock is held in O(1). No hook sees it: stores that log or feed clear
    /// themselves by erase_range.
    result<void> clear() noexcept {
        tree<kind> old = no_rows();
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        old.swap(tree_);
        return {};
    }

    /// Loads rows in ascending order, all behind the greatest key there is: next(key, row) sets two
    /// views that live until its next call, or answers false at the end; it runs under the lock.
    /// Answers how many were loaded, as one commit that no hook sees. Leaves are filled up.
    /// Errors: invalid_argument when the order is broken; then, as after any error, nothing is
    /// loaded.
    template <class Next>
    result<std::size_t> bulk_load(Next next) {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        tree<kind> loaded = tree_.share();
        bytes_view key;
        bytes_view value;
        key_buffer last;
        range_reader<kind> backward{tree_, {.reverse = true}};
        bool first = !backward.next(key, value);
        if (!last.assign(key)) return errc::out_of_memory;
        for (; next(key, value); first = false) {
            if (const auto fine = check_entry(key, value); !fine) return fine.error();
            if (!first && !(last.view() < key)) return errc::invalid_argument;
            table<kind> rows{loaded, undo_log::none};
            if (const auto done = rows.assign(key, value); !done) return done.error();
            if (!last.assign(key)) return errc::out_of_memory;
        }
        const std::size_t count = loaded.size - tree_.size;
        loaded.swap(tree_);
        if (count != 0) sequence_ = next_sequence();
        return count;
    }

    /// Nothing here outlives the process: there is nothing to wait for.
    result<void> sync(commit_seq = {}) {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        return {};
    }
    /// Gives the memory back; every verb answers closed from now on.
    result<void> close() {
        if (const auto done = clear(); !done) return done;
        const guard lock{mutex_};
        closed_ = true;
        return {};
    }

  private:
    [[nodiscard]] static result<void> check_key(bytes_view key) noexcept {
        if (key.size() > MaxKeySize) return errc::key_too_long;
        if (Row::key_extent != dynamic_extent && key.size() != Row::key_extent)
            return errc::invalid_argument;
        return {};
    }
    [[nodiscard]] static result<void> check_entry(bytes_view key, bytes_view value) noexcept {
        if (const auto fine = check_key(key); !fine) return fine;
        if (value.size() > MaxRowSize) return errc::value_too_long;
        if (!Row::fits(value)) return errc::invalid_argument;
        return {};
    }
    /// Answers whether carrying the operations out needs an undo log.
    [[nodiscard]] static result<undo_log> check_operations(operation_list operations) noexcept {
        std::size_t count = 0;
        bool range = false;
        for (const operation op : operations) {
            ++count;
            result<void> fine;
            if (op.kind == operation_kind::erase_range) range = true;
            else if (op.kind == operation_kind::put) fine = check_entry(op.key, op.value);
            else fine = check_key(op.key);
            if (fine && op.kind == operation_kind::add && !Row::fits(op.value))
                fine = errc::type_mismatch;
            if (!fine) return fine.error();
        }
        return range || count > 1 ? undo_log::kept : undo_log::none;
    }

    [[nodiscard]] commit_seq next_sequence() const noexcept {
        if constexpr (Row::fields.sequenced)
            return static_cast<commit_seq>(static_cast<std::uint64_t>(sequence_) + 1);
        else return commit_seq{};
    }
    template <class Hook>
    [[nodiscard]] static typename Row::receipt confirm(Hook& hook, commit_seq seq) {
        if (const auto durable = hook.wait(seq); !durable) return durable.error();
        return Row::receipt_for(seq);
    }

    /// Whether the range has more. When memory runs out behind the first row the chunk is merely
    /// shorter.
    [[nodiscard]] result<bool> copy_rows(chunk& rows, const scan_range& range) const {
        const guard lock{mutex_};
        if (closed_) return errc::closed;
        range_reader<kind> from{tree_, range};
        bytes_view key;
        bytes_view bytes;
        while (from.next(key, bytes)) {
            if constexpr (Row::key_extent != dynamic_extent) key = {key.data(), Row::key_extent};
            if constexpr (Row::row_extent != dynamic_extent)
                bytes = {bytes.data(), Row::row_extent};
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

    [[nodiscard]] static constexpr tree<kind> no_rows() noexcept {
        return {Row::key_extent, Row::row_extent};
    }

    mutable typename Concurrency::mutex mutex_;
    tree<kind> tree_ = no_rows();
    commit_seq sequence_{};
    byte_buffer out_; ///< what update() writes into, kept between calls
    bool closed_ = false;
};

} // namespace ashlar::inline v0_1::sorted_tree
