// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of static_map: its lock, its commits, and how rows are visited.
#pragma once

#include <ashlar/backend/static/room.hpp>
#include <ashlar/backend/static/table.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// Thread-safe as its concurrency is. Moving one copies its whole array.
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
        const std::size_t at = table_.lower_bound(key);
        if (!table_.is_at(at, key)) return false;
        visit(table_.row_at(at));
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
        if (const auto fine = check_range(range); !fine) return fine.error();
        return visit_range(
            range, [&](bytes_view key, bytes_view bytes) { return visit_row(visit, key, bytes); });
    }

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto ok = hook.reserve(batch.operations.bytes().size()); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            if (const auto ok = admit<Row>(batch, table_, on_conflict); !ok) return ok.error();
            if (const auto ok = static_table::has_room(table_, batch.operations); !ok)
                return ok.error();
            seq = next_sequence();
            fill_sequence(batch.operations, seq);
            static_cast<void>(carry_out(batch.operations, table_)); // its verbs can't fail
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
        if (const auto ok = static_table::has_room(table_, operations); !ok) return ok;
        if (static_cast<std::uint64_t>(seq) > sequence_)
            sequence_ = static_cast<std::uint64_t>(seq);
        fill_sequence(operations, seq);
        return carry_out(operations, table_);
    }

    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (key.size() != key_size || capacity > row_size) return errc::invalid_argument;
        if (const auto ok = hook.reserve(one_entry); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            const std::size_t at = table_.lower_bound(key);
            const bool found = table_.is_at(at, key);
            const bytes_view old = found ? table_.row_at(at) : bytes_view{};
            std::byte out[static_table::at_least_one(row_size)];
            seq = commit_seq{sequence_ + 1};
            const update_action action = f(seq, found ? &old : nullptr, out);
            if (action.what == update_action::kind::keep ||
                (action.what == update_action::kind::erase && !found))
                return Row::receipt_for(commit_seq{sequence_});
            if (action.what == update_action::kind::write) {
                if (action.size != row_size) return errc::invalid_argument;
                if (!found && table_.size() == Capacity) return errc::full;
                if (!found) table_.insert(at, key);
                table_.set_row(at, {out, row_size});
                hook.commit_put(seq, key, {out, row_size});
            } else {
                table_.erase(at, at + 1);
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
        table_.clear();
    }

    [[nodiscard]] std::size_t size() const noexcept {
        const guard hold{lock_.mutex};
        return table_.size();
    }
    [[nodiscard]] constexpr std::size_t memory_used() const noexcept { return sizeof(*this); }

  private:
    static constexpr std::size_t one_entry = sizeof(batch_entry) + key_size + row_size;
    static constexpr std::size_t chunk_rows = [] {
        if (!Concurrency::threads) return std::size_t{1};
        const std::size_t affordable =
            static_table::at_least_one((std::size_t{16} << 10) / (key_size + row_size));
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

    commit_seq next_sequence() noexcept { return commit_seq{++sequence_}; }

    /// The visiting of scan and walk: copies chunks under the lock, visits without it, and finds
    /// its place again by the key visited last, so that visitors may write.
    template <class Visit>
    result<bool> visit_range(scan_range range, Visit visit) const {
        std::byte keys[chunk_rows * key_size];
        std::byte rows[static_table::at_least_one(chunk_rows * row_size)];
        std::size_t place = 0; // where the key visited last was seen
        for (;;) {
            std::size_t count = range.limit < chunk_rows ? range.limit : chunk_rows;
            bool more = false;
            {
                const guard hold{lock_.mutex};
                std::size_t from = 0;
                std::size_t end = 0;
                if (range.resume && !table_.is_at(place, range.after))
                    place = table_.lower_bound(range.after);
                if (!range.resume || range.reverse) from = table_.lower_bound(range.lo);
                else from = place + (table_.is_at(place, range.after) ? 1U : 0U);
                if (range.resume && range.reverse) end = place;
                else end = table_.end_of(range.hi);
                const std::size_t left = from < end ? end - from : 0;
                more = count < left;
                if (!more) count = left;
                for (std::size_t i = 0; i < count; ++i) {
                    const std::size_t at = range.reverse ? end - 1 - i : from + i;
                    copy_bytes(keys + i * key_size, table_.key_at(at));
                    copy_bytes(rows + i * row_size, table_.row_at(at));
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
    [[no_unique_address]] static_table::table<Capacity, key_size, row_size> table_; // lends padding
    [[no_unique_address]] mutable resting_mutex lock_;
};

} // namespace ashlar::inline v0_1
