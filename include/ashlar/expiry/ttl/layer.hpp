// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer under which rows expire.
#pragma once

#include <ashlar/expiry/ttl/time_notes.hpp>
#include <ashlar/expiry/ttl/view.hpp>
#include <ashlar/forwarding.hpp>

namespace ashlar::inline v0_1 {

/// An engine in which a row is absent from the moment its header's expiry has come: for reads,
/// scans, walks, snapshots, checks, `add`, `update` and `erase`. What its bytes still take is given
/// back by what `collect_expired` asks for. The clock is read under the engine's own lock wherever
/// a row decides about a write, so no commit rests on a row that somebody was told is gone.
/// Thread-safe as Next is. Cost: rows without expiry, a test of their header; others, a reading of
/// the clocks. `Retention`, in nanoseconds, is how long tombstones are to stand; 0 for ever.
template <engine Next, class Environment, class Concurrency, std::uint64_t Retention = 0>
class ttl_layer : public forwarding<ttl_layer<Next, Environment, Concurrency, Retention>, Next,
                                    forwards::replays, forwards::upkeep, forwards::sweeps> {
  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;
    using view_of_next = live_view<Next, row>;
    static constexpr std::size_t attempts = 64;

    constexpr ttl_layer()
        requires std::default_initializable<Next>
    = default;
    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, ttl_layer>)
    constexpr explicit ttl_layer(Inner&& inner) noexcept : next_{std::forward<Inner>(inner)} {
        if constexpr (notes_time<Next>) notes_.begin(*time_noting_in(next_), clock_);
    }

    // --- time ------------------------------------------------------------------------------------

    [[nodiscard]] wall_time now() const noexcept { return clock_.now(); }
    [[nodiscard]] monotonic_time monotonic_now() const noexcept { return clock_.monotonic_now(); }
    /// What versionings write into the header of a tombstone.
    [[nodiscard]] std::uint64_t tombstone_expiry() const noexcept
        requires(Retention != 0)
    {
        return static_cast<std::uint64_t>(now()) + Retention;
    }
    /// What layers above forward, so that the face finds it.
    [[nodiscard]] ttl_layer& expiring() noexcept { return *this; }
    [[nodiscard]] const ttl_layer& expiring() const noexcept { return *this; }

    /// Looks at `budget` rows from `at` on and appends to the batch, for each that has expired, its
    /// erasure and the check that it is absent: one that came back meanwhile is a conflict. Answers
    /// whether more may follow.
    template <byte_sink Sink>
    result<bool> collect_expired(position& at, basic_batch<Sink>& batch, std::size_t budget) const {
        const auto look = [&](bytes_view key, bytes_view bytes) {
            if (!is_live<row>(bytes, clock_)) batch.absent(key).erase(key);
        };
        result<bool> more = false;
        if constexpr (requires { next_.walk_headers(at, look, budget); })
            more =
                next_.walk_headers(at, look, budget); // rows may rest where they are slow to read
        else more = next_.walk(at, look, budget);
        after_look();
        if (more && !batch.status()) return batch.status().error();
        return more;
    }

    /// Erases what has expired among the next `most` rows, where the engine can do that in place;
    /// answers how many. No layer above and no feed hears of it: layers that need not, forward it.
    std::size_t sweep_in_place(position& at, std::size_t most, bool& more) noexcept
        requires requires(Next& next, bool (*gone)(bytes_view)) {
            next.erase_where(at, most, more, gone);
        }
    {
        clock_reading<clock_type> reading{clock_};
        return next_.erase_where(at, most, more, [&](bytes_view bytes) noexcept {
            return !is_live<row>(bytes, reading);
        });
    }

    // --- what it decides -------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        before_commit();
        for (std::size_t i = 0; i < attempts; ++i) {
            judge<std::remove_reference_t<OnConflict>> by{clock_, on_conflict};
            const receipt done = next_.apply(batch, hook, by);
            after_look();
            if (done || !by.range_has_expired) return done;
            if (const auto freed = erase_expired(by.range); !freed) return freed.error();
        }
        return errc::contended;
    }
    template <class Hook = no_hook>
    [[gnu::always_inline]] receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        before_commit();
        return next_.put(key, bytes, hook);
    }
    template <class F, class Hook = no_hook>
    [[gnu::always_inline]] receipt update(bytes_view key, std::size_t capacity, F f,
                                          Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        before_commit();
        const receipt done = next_.update(
            key, capacity,
            [this, &f](commit_seq seq, const bytes_view* old, std::byte* out) noexcept {
                return f(seq, old != nullptr && is_live<row>(*old, clock_) ? old : nullptr, out);
            },
            hook);
        after_look();
        return done;
    }
    /// As update, but f is shown rows that have expired, too: for who replaces a row whatever its
    /// time and counts what takes memory.
    template <class F, class Hook = no_hook>
    receipt update_expired_too(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        before_commit();
        return next_.update(key, capacity, f, hook);
    }
    /// A row that has expired goes, too, but was not there.
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if constexpr (in_place_engine<Next>) {
            before_commit();
            bool was_there = false;
            const receipt done = next_.update(
                key, std::size_t{},
                [&](commit_seq, const bytes_view* old, std::byte*) noexcept {
                    was_there = old != nullptr && is_live<row>(*old, clock_);
                    return update_action::erase();
                },
                hook);
            after_look();
            if (!done) return done.error();
            return was_there;
        } else {
            write_batch one;
            one.present(key).erase(key);
            if (!one.status()) return one.status().error();
            const receipt done = apply(one, hook);
            if (done) return true;
            if (done.error() == errc::conflict) return false;
            return done.error();
        }
    }

    // --- what it shows ---------------------------------------------------------------------------

    template <class Visit>
    [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
        auto there = view_of_next::read(next_, clock_, key, visit);
        if (!there || !*there) after_look();
        return there;
    }
    /// The clocks are read once for all keys.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        clock_reading<clock_type> reading{clock_};
        const auto done =
            ashlar::read_many(next_, keys, count, [&](std::size_t i, bytes_view bytes) noexcept {
                if (is_live<row>(bytes, reading)) visit(i, bytes);
            });
        after_look();
        return done;
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        const auto more = view_of_next::walk(next_, clock_, at, visit, limit);
        after_look();
        return more;
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        const auto more = view_of_next::scan(next_, clock_, range, visit);
        after_look();
        return more;
    }
    /// As scan; but of a row that rests where it is slow to read, visit(key, bytes) is shown the
    /// header alone, for which nothing is read there.
    template <class Visit>
    result<bool> scan_headers(const scan_range& range, Visit visit) const
        requires requires(const Next& next) { next.scan_headers(range, visit); }
    {
        const headers_of_next headers{next_};
        const auto more = live_view<headers_of_next, row>::scan(headers, clock_, range, visit);
        after_look();
        return more;
    }
    /// Rows that were there at the moment it is taken; they stay in the view when they expire.
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        auto view = next_.snapshot();
        using shown = live_view<std::remove_cvref_t<decltype(*view)>, row>;
        if (!view) return result<shown>{view.error()};
        const auto taken = static_cast<std::uint64_t>(clock_.now());
        clock_.raise(taken); // what the view leaves out must not come back
        after_look();
        return result<shown>{shown{std::move(*view), fixed_moment{taken}}};
    }

    result<void> close()
        requires requires(Next& next) { next.close(); }
    {
        if constexpr (notes_time<Next>) notes_.end(*time_noting_in(next_), clock_);
        return next_.close();
    }
    /// For the verbs that only one layer has, such as a checkpoint's.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    using clock_type = ttl_clock<Environment, Concurrency, notes_time<Next>>;

    struct headers_of_next {
        const Next& next;
        template <class Visit>
        result<bool> scan(const scan_range& range, Visit visit) const {
            return next.scan_headers(range, visit);
        }
    };

    void before_commit() noexcept {
        if constexpr (notes_time<Next>) notes_.before_commit(*time_noting_in(next_), clock_);
    }
    [[gnu::always_inline]] void after_look() const noexcept {
        if constexpr (notes_time<Next>) notes_.after_look(*time_noting_in(next_), clock_);
    }

    /// Says which rows count, and notices a range that only seems to hold some.
    template <class OnConflict>
    struct judge {
        const clock_type& clock;
        OnConflict& told;
        bool range_has_expired = false;
        scan_range range{};

        [[nodiscard]] bool is_live(bytes_view bytes) const noexcept {
            return ashlar::is_live<row>(bytes, clock);
        }
        void operator()(const conflict_view& c) {
            if (c.check.kind == check_kind::range_empty && !is_live(c.row)) {
                range_has_expired = true;
                range = {.lo = c.check.key, .hi = c.check.operand};
            } else {
                told(c);
            }
        }
    };

    /// Erases what has expired in a range, so that a check can see whether it is empty: from the
    /// first row on, up to the first live one. Rows that come back meanwhile are left alone.
    result<void> erase_expired(const scan_range& range) {
        if constexpr (ordered_engine<Next>) {
            write_batch some;
            const auto more = next_.scan(range, [&](bytes_view key, bytes_view bytes) {
                if (is_live<row>(bytes, clock_)) return false;
                some.absent(key).erase(key);
                return some.operation_count() < 256;
            });
            if (!more) return more.error();
            if (!some.status()) return some.status();
            const receipt done = apply(some);
            if (!done && done.error() != errc::conflict) return done.error();
        }
        return {};
    }

    [[no_unique_address]] Next next_;
    clock_type clock_;
    using notes = time_notes<clock_type, Concurrency>;
    [[no_unique_address]] std::conditional_t<notes_time<Next>, notes, no_time_notes> notes_;
};

} // namespace ashlar::inline v0_1
