// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of sorted_map: the waist's verbs over one tree and one lock.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/sorted/readers.hpp>
#include <ashlar/backend/sorted/table.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// An ordered map of byte keys to rows. All verbs may be called from any thread when Concurrency
/// has threads; moving may not. The visitors of read, read_many and update run under the lock,
/// those of scan and walk without it. A default-constructed engine is open, empty and owns no
/// memory. After an error nothing has changed.
template <class Row, class Environment, concurrency_policy Concurrency, std::size_t MaxKeySize,
          std::size_t MaxRowSize>
class engine : public readers<Row, Concurrency, MaxKeySize> {
    using readers = sorted_tree::readers<Row, Concurrency, MaxKeySize>;
    using kind = kind_for<Row, Concurrency>;
    using readers::check_key;
    using readers::closed_;
    using readers::gate_;
    using readers::mutex_;
    using readers::no_rows;
    using readers::pool_;
    using readers::tree_;

  public:
    using row = Row;
    using position = key_buffer;
    using view = sorted_tree::snapshot<Row, kind>;

    engine() noexcept = default;
    engine(engine&& other) noexcept
        : readers{static_cast<readers&&>(other)}, sequence_{other.sequence_} {}
    engine& operator=(engine&& other) noexcept {
        readers::operator=(std::move(other));
        sequence_ = other.sequence_;
        return *this;
    }

    /// Never fails; that a store in memory can only be made is the face's to say.
    template <class From>
    [[nodiscard]] static result<engine> open(const opening<From>&, const no_options&) noexcept {
        return engine{};
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
            if (const errc bad = begin_write(); bad != errc::ok) return bad;
            table<kind> rows{tree_, *log, gate_};
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
        if (const errc bad = begin_write(); bad != errc::ok) return bad;
        if constexpr (Row::fields.sequenced) fill_sequence(operations, seq);
        table<kind> rows{tree_, *log, gate_};
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
        approach(key);
        {
            const guard lock{mutex_};
            if (const errc bad = begin_write(); bad != errc::ok) return bad;
            table<kind> rows{tree_, undo_log::none, gate_};
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
        approach(key);
        {
            const guard lock{mutex_};
            if (const errc bad = begin_write(); bad != errc::ok) return bad;
            table<kind> rows{tree_, undo_log::none, gate_};
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
        approach(key);
        {
            const guard lock{mutex_};
            if (const errc bad = begin_write(); bad != errc::ok) return bad;
            out_.clear();
            std::byte* out = out_.extend(capacity);
            if (out == nullptr && capacity != 0) return errc::out_of_memory;
            table<kind> rows{tree_, undo_log::none, gate_};
            const std::byte* slot = rows.locate(key);
            const bytes_view old = slot == nullptr ? bytes_view{} : tree_.shape.row_in(slot);
            seq = next_sequence();
            const update_action action = f(seq, slot == nullptr ? nullptr : &old, out);
            if (action.what == update_action::kind::write) {
                if (action.size > capacity) return errc::invalid_argument;
                const bytes_view written{out, action.size};
                if (const auto fine = check_entry(key, written); !fine) return fine.error();
                if (const auto done = rows.assign_located(key, written); !done) return done.error();
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
        if constexpr (kind::pooled) old.shape = tree_.shape;
        exchange(old);
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
        if (const errc bad = begin_write(); bad != errc::ok) return bad;
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
        exchange(loaded);
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

    /// Brings the way to a key into the cache while others may hold the lock.
    void approach(bytes_view key) const noexcept {
        if constexpr (kind::sightable)
            sight<kind>{tree_, gate_}.approach(tree_.shape.probe_for(key));
        else static_cast<void>(key);
    }
    /// REQUIRES: the lock.
    [[nodiscard]] errc begin_write() noexcept {
        if (closed_) return errc::closed;
        if constexpr (kind::pooled) {
            if (pool_.get() == nullptr) [[unlikely]] {
                if (!pool_.template make<Environment>()) return errc::out_of_memory;
                tree_.shape.use(pool_.get());
            }
        }
        return errc::ok;
    }
    /// Rows with those of another tree of this map's nodes. REQUIRES: the lock.
    void exchange(tree<kind>& other) noexcept {
        if constexpr (kind::sightable) word<true>::store(gate_.changes, gate_.changes + 1);
        tree_.swap_rows(other);
        if constexpr (kind::sightable) word<true>::store(gate_.changes, gate_.changes + 1);
    }

    commit_seq sequence_{};
    byte_buffer out_; ///< what update() writes into, kept between calls
};

} // namespace ashlar::inline v0_1::sorted_tree
