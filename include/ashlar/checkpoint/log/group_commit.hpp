// SPDX-License-Identifier: BSL-1.0
/// @file Defines group_commit: which thread writes a log for all of them, and who sleeps meanwhile.
#pragma once

#include <ashlar/checkpoint/log/flush_lanes.hpp>
#include <ashlar/checkpoint/log/queue.hpp>
#include <ashlar/checkpoint/log/segment.hpp>
#include <ashlar/checkpoint/log/sync_timer.hpp>
#include <ashlar/checkpoint/log/waits.hpp>
#include <ashlar/concurrency/brief_guard.hpp>

namespace ashlar::inline v0_1::log_parts {

/// The leader and the followers of a log. Threads that want something written or synced ask to
/// lead. One of them does, for all that is in the queue; the others sleep until that is durable, or
/// until one of them may lead. A leader that has begun a sync lets the next one lead meanwhile.
///
/// When a write or a sync fails, nothing later can make up for it: the first error is kept (the
/// poison), the queue takes nothing any more, and who asks to lead is answered that error.
///
/// Thread safety: mutex() guards this, and what else a log keeps between threads; what says
/// "REQUIRES: locked" is for who holds it. It refers to the log's queue and segment and must not
/// outlive them.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync>
class group_commit {
    using counter = typename Concurrency::template atomic<std::uint64_t>;
    using waits = commit_waits<Concurrency>;

  public:
    using lanes_type = flush_lanes<Environment, Concurrency>;

    /// What a thread asks to lead for.
    struct request {
        bool sync;                ///< a sync; otherwise only a write
        bool waits = true;        ///< when another one leads: sleep, or return at once
        std::uint64_t ticket = 0; ///< nothing more is wanted when this is durable
    };

    group_commit(const Environment& environment, log_queue<Concurrency>& queue,
                 log_segment<Environment, Concurrency, Sync>& segment) noexcept
        : environment_{environment}, queue_{queue}, segment_{segment} {}

    [[nodiscard]] auto& mutex() const noexcept { return mutex_; }
    /// REQUIRES: locked.
    [[nodiscard]] error poison() const noexcept { return poison_; }
    /// Keeps the first of all errors, and answers it. REQUIRES: locked.
    [[nodiscard]] error poisoned(error e) noexcept {
        queue_.shut();
        if (poison_.code == errc::ok) poison_ = e;
        return poison_;
    }
    /// As poisoned, for a step that has begun nothing: an error that says no more than that too
    /// many files are open is answered and not kept, so that another call may try again. REQUIRES:
    /// not locked.
    [[nodiscard]] error spoiled(error e) noexcept {
        if (is_out_of_files(e)) return e;
        const brief_guard hold{mutex_};
        return poisoned(e);
    }
    /// What a leader answers who has done his part: a sync of another may have failed meanwhile.
    /// REQUIRES: locked.
    [[nodiscard]] result<void> vouch(result<void> done) noexcept {
        if (!done) return poisoned(done.error());
        return poison_.code == errc::ok ? done : poison_;
    }

    /// Up to this ticket everything is durable. Needs no lock, nor does sync_is_due().
    [[nodiscard]] std::uint64_t durable() const noexcept { return durable_.ticket(); }
    [[nodiscard]] bool sync_is_due() const noexcept { return timer_.due(environment_); }
    /// How far the segment that is written to is durable. For this and for the lanes of its syncs,
    /// REQUIRES: locked, or the caller has the log for itself.
    [[nodiscard]] durable_end<Concurrency>& durability() noexcept { return durable_; }
    [[nodiscard]] lanes_type& lanes() noexcept { return lanes_; }
    /// REQUIRES: locked.
    [[nodiscard]] bool is_writing() const noexcept { return writing_; }

    /// Runs f(begun) as the only writer, and sees the sync through that f may begin, while others
    /// write. When it can't lead, waits for what may change that, if asked, and answers without
    /// running f.
    template <class F>
    [[nodiscard]] result<void> lead(request what, F f) noexcept {
        bool leads = false;
        std::uint32_t place = waits::for_turn, seen = 0;
        {
            const brief_guard hold{mutex_};
            if (poison_.code != errc::ok) return poison_;
            if (what.sync && what.waits && durable() >= what.ticket) return {};
            if (what.sync) place = waits::of(lanes_.generation_of(what.ticket));
            leads = !writing_ && (!what.sync || lanes_.may_start(queue_.size()));
            writing_ = writing_ || leads;
            seen = waits_.seen(place);
        }
        if (!leads) return what.waits ? waits_.wait(place, seen) : void(), result<void>{};
        flight begun;
        const result<void> done = f(begun);
        bool next = false;
        std::uint32_t generation = 0;
        {
            const brief_guard hold{mutex_};
            writing_ = false;
            next = lanes_.may_start(queue_.size());
            generation = lanes_.next_generation();
        }
        if (begun.lane == flight::none) return waits_.wake_everybody(), done; // all may be durable
        waits_.turn_ended(next, generation);
        return land(begun);
    }
    /// Waits until free(), which is asked under the lock. Answers the poison there is: a sync that
    /// failed must not be vouched for. REQUIRES: the caller leads, or others can't begin to.
    template <class Free>
    [[nodiscard]] result<void> settle(Free free) noexcept {
        for (;;) {
            std::uint32_t seen = 0;
            {
                const brief_guard hold{mutex_};
                if (free()) return poison_.code == errc::ok ? result<void>{} : poison_;
                seen = waits_.seen(waits::for_landing);
            }
            waits_.wait(waits::for_landing, seen);
        }
    }
    /// The interval of sync::interval counts from here: from the beginning of a sync, and again
    /// from its end.
    void note_sync() noexcept { timer_.note(environment_); }

  private:
    /// Sees a sync through: wakes those who wait for it, and one who may begin the next.
    [[nodiscard]] result<void> land(const flight& begun) noexcept {
        auto done = sync_exactly(lanes_.of(begun.lane, segment_.file()));
        note_sync();
        std::uint32_t generation = 0;
        {
            const brief_guard hold{mutex_};
            lanes_.give_back(begun.lane);
            done = vouch(done);
            if (done) durable_.reach(begun);
            generation = lanes_.next_generation();
        }
        if (!done) return waits_.wake_everybody(), done;
        return waits_.landed(begun.generation, generation), done;
    }

    [[no_unique_address]] Environment environment_;
    log_queue<Concurrency>& queue_;
    log_segment<Environment, Concurrency, Sync>& segment_;

    mutable typename Concurrency::mutex mutex_;
    lanes_type lanes_;
    error poison_{};
    bool writing_ = false; ///< somebody leads
    durable_end<Concurrency> durable_;
    waits waits_;
    [[no_unique_address]] sync_timer<Sync, counter> timer_;
};

} // namespace ashlar::inline v0_1::log_parts
