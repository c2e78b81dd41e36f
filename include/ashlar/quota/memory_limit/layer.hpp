// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that admits writes while there is room.
#pragma once

#include <ashlar/forwarding.hpp>
#include <ashlar/guarded.hpp>
#include <ashlar/quota/memory_limit/account.hpp>
#include <ashlar/quota/memory_limit/plan.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

/// What a store takes and may take, in bytes.
struct memory_quota {
    std::size_t used = 0;
    std::size_t limit = 0;
};

/// An engine whose rows take at most so many bytes. A writer holds the stripes of its keys from the
/// look at what is there until the write has happened, so what it takes is known exactly; writers
/// of other keys go on. Thread-safe as Next is. Adds quota_exhausted to the errors of writes.
template <engine Next, std::size_t Bytes, std::size_t PerRow, class Concurrency>
class limited_layer
    : public forwarding<limited_layer<Next, Bytes, PerRow, Concurrency>, Next, forwards::reads,
                        forwards::walks, forwards::sizes, forwards::upkeep> {
    using planner = quota_parts::planner<Next, PerRow>;
    using stripes = quota_parts::stripes<Concurrency>;
    /// Where rows have one length they are changed in place, and what was there is seen on the way.
    static constexpr bool looks_once =
        in_place_engine<Next> && Next::row::row_extent != dynamic_extent;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, limited_layer>)
    explicit limited_layer(Inner&& inner)
        : next_{std::forward<Inner>(inner)}, state_{std::make_unique<state>()} {}

    // --- what it knows ---------------------------------------------------------------------------

    [[nodiscard]] memory_quota quota() const noexcept {
        return {state_->taken.used(), state_->taken.limit()};
    }
    void limit(std::size_t bytes) noexcept { state_->taken.limit(bytes); }

    /// Before the first write: rows that were there when the store was opened. O(rows) once.
    result<void> know_all() {
        if (state_->knows_all.load_acquire()) return {};
        const typename stripes::hold all{state_->locks, stripes::all};
        return count_rows();
    }

    // --- what it admits --------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        const batch_span span = batch;
        return in_account(span.operations, true,
                          [&] { return next_.apply(batch, hook, on_conflict); });
    }
    /// A replica follows whatever its leader has taken: counted, never refused.
    result<void> apply_at(commit_seq seq, operation_list operations) {
        return in_account(operations, false, [&] { return next_.apply_at(seq, operations); });
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if constexpr (looks_once) {
            if (bytes.size() != row::row_extent) return errc::invalid_argument;
            return update(
                key, bytes.size(),
                [bytes](commit_seq, const bytes_view*, std::byte* out) noexcept {
                    copy_bytes(out, bytes);
                    return update_action::write(bytes.size());
                },
                hook);
        } else {
            return alone_with(key, planner::charge(key, bytes.size()),
                              [&] { return next_.put(key, bytes, hook); });
        }
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if constexpr (looks_once) {
            bool was_there = false;
            const receipt done = update(
                key, std::size_t{},
                [&was_there](commit_seq, const bytes_view* old, std::byte*) noexcept {
                    was_there = old != nullptr;
                    return update_action::erase();
                },
                hook);
            if (!done) return done.error();
            return was_there;
        } else {
            return alone_with(key, 0, [&] { return next_.erase(key, hook); });
        }
    }
    /// `f` sees the row; what it would write is kept out when there is no room.
    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        if (const auto known = know_all(); !known) return known.error();
        const typename stripes::hold mine{state_->locks, stripes::of(key)};
        bool refused = false;
        quota_parts::change done{};
        const auto counting = [&](commit_seq seq, const bytes_view* old, std::byte* out) noexcept {
            const update_action action = f(seq, old, out);
            const std::size_t now = old == nullptr ? 0 : planner::charge(key, old->size());
            std::size_t then = now;
            if (action.what == update_action::kind::write) then = planner::charge(key, action.size);
            if (action.what == update_action::kind::erase) then = 0;
            if (then > now && !state_->taken.admit(then - now)) {
                refused = true;
                return update_action::keep();
            }
            done = {now, then};
            return action;
        };
        const receipt committed = next_.update(key, capacity, counting, hook);
        if (refused) return errc::quota_exhausted;
        if (committed) {
            if (done.before > done.after) state_->taken.give_back(done.before - done.after);
            return committed;
        }
        const auto left = planner::taken_by(next_, key);
        settle((std::max)(done.before, done.after), left ? *left : done.after);
        return committed;
    }

    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    struct state {
        quota_parts::account<Concurrency> taken{Bytes};
        stripes locks;
        typename Concurrency::template atomic<bool> knows_all{false};
    };

    /// REQUIRES: all stripes are held.
    result<void> count_rows() {
        if (state_->knows_all.load()) return {};
        std::size_t sum = 0;
        position at{};
        const auto met = next_.walk(
            at,
            [&](bytes_view key, bytes_view bytes) { sum += planner::charge(key, bytes.size()); },
            static_cast<std::size_t>(-1));
        if (!met) return met.error();
        state_->taken.take(sum);
        state_->knows_all.store(true);
        return {};
    }
    /// What was accounted for becomes what there is.
    void settle(std::size_t accounted, std::size_t there) noexcept {
        if (there > accounted) state_->taken.take(there - accounted);
        else state_->taken.give_back(accounted - there);
    }
    /// Ranges may hold any key, so they take all stripes.
    [[nodiscard]] static typename stripes::mask mask_of(operation_list operations) noexcept {
        typename stripes::mask mask = 0;
        for (const operation op : operations)
            mask |= op.kind == operation_kind::erase_range ? stripes::all : stripes::of(op.key);
        return mask;
    }

    template <class Commit>
    auto in_account(operation_list operations, bool may_refuse, Commit commit)
        -> decltype(commit()) {
        if (const auto known = know_all(); !known) return known.error();
        const typename stripes::hold mine{state_->locks, mask_of(operations)};
        const auto planned = plan(operations);
        if (!planned) return planned.error();
        const auto [before, after] = *planned;
        if (after > before) {
            if (!may_refuse) state_->taken.take(after - before);
            else if (!state_->taken.admit(after - before)) return errc::quota_exhausted;
        }
        const auto done = commit();
        if (done) {
            if (before > after) state_->taken.give_back(before - after);
        } else if (const auto now = plan(operations)) {
            settle((std::max)(before, after), now->before); // nothing has happened, or all of it
        }
        return done;
    }
    [[nodiscard]] result<quota_parts::change> plan(operation_list operations) const noexcept {
        return guarded(errc::out_of_memory, [&]() -> result<quota_parts::change> {
            return planner{next_}.plan(operations);
        });
    }
    /// The same for one key that will take `after`.
    template <class Commit>
    auto alone_with(bytes_view key, std::size_t after, Commit commit) -> decltype(commit()) {
        if (const auto known = know_all(); !known) return known.error();
        const typename stripes::hold mine{state_->locks, stripes::of(key)};
        const auto before = planner::taken_by(next_, key);
        if (!before) return before.error();
        if (after > *before && !state_->taken.admit(after - *before)) return errc::quota_exhausted;
        const auto done = commit();
        if (done) {
            if (*before > after) state_->taken.give_back(*before - after);
        } else if (const auto now = planner::taken_by(next_, key)) {
            settle((std::max)(*before, after), *now);
        }
        return done;
    }

    [[no_unique_address]] Next next_;
    std::unique_ptr<state> state_;
};

} // namespace ashlar::inline v0_1
