// SPDX-License-Identifier: BSL-1.0
/// @file Defines schedule: threads of a test, taken turns as a seed says.
#pragma once

#include <ashlar/concurrency/scheduled/fiber.hpp>

#include <cstdint>
#include <vector>

namespace ashlar::inline v0_1 {

/// Runs a few functions as if they were threads, one at a time. At each *point* (every operation on
/// a mutex or an atomic of `scheduled`) another one may get the turn; which one follows from the
/// seed alone, so a schedule that has found something finds it again. How often turns change is
/// drawn from the seed, too: bugs need few changes at the right places more often than many.
/// What it does not show: orders of memory weaker than sequential consistency, which the thread
/// sanitizer looks for. Not thread-safe; one schedule at a time in a thread, not nested.
class schedule {
  public:
    struct outcome {
        bool stuck = false;         ///< everybody waits; the functions were abandoned
        std::uint64_t points = 0;   ///< at which the turn could have changed
        std::uint64_t switches = 0; ///< at which it did
        std::uint64_t trace = 0;    ///< a hash of every turn: equal for equal schedules
    };

    explicit schedule(std::uint64_t seed) noexcept : dice_{seed} { odds_ = odds[below(3)]; }
    schedule(const schedule&) = delete;
    schedule& operator=(const schedule&) = delete;

    /// f(i) for each i < count, interleaved; returns when all have returned, or when all wait. The
    /// stacks of a schedule that is stuck are freed and what was on them is not destroyed.
    template <class F>
    outcome run(std::size_t count, F&& f) {
        struct call {
            schedule* self;
            F* f;
            std::size_t index;
        };
        std::vector<call> calls;
        members_ = std::vector<member>(count);
        for (std::size_t i = 0; i < count; ++i) calls.push_back({this, &f, i});
        for (std::size_t i = 0; i < count; ++i)
            members_[i].stack.prepare(
                [](void* argument) {
                    const call& one = *static_cast<call*>(argument);
                    (*one.f)(one.index);
                    one.self->finish();
                },
                &calls[i]);
        current() = this;
        if (count != 0) turn_to(below(count), home_, false);
        current() = nullptr;
        return done_;
    }

    /// The schedule that this thread is in, or null.
    [[nodiscard]] static schedule*& current() noexcept {
        thread_local schedule* of_thread = nullptr;
        return of_thread;
    }
    /// Which of its functions is running.
    [[nodiscard]] std::size_t number() const noexcept { return running_; }

    /// Maybe somebody else's turn.
    void point() noexcept {
        ++done_.points;
        if (below(odds_) == 0) switch_to(any_ready());
    }
    /// Somebody else's turn, until wake(on). When nobody can be woken any more, run() returns.
    void wait(const void* on) noexcept {
        members_[running_].waits_on = on;
        const std::size_t next = any_ready();
        if (next == nobody) {
            done_.stuck = true;
            home_.enter_from(members_[running_].stack, true);
        }
        switch_to(next);
    }
    void wake(const void* on) noexcept {
        for (member& each : members_)
            if (each.waits_on == on) each.waits_on = nullptr;
    }
    /// What a function keeps for itself, such as the store that it visits.
    [[nodiscard]] const void*& local() noexcept { return members_[running_].local; }

  private:
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
    static constexpr std::size_t odds[] = {2, 8, 40};
    struct member {
        scheduled_parts::fiber stack;
        const void* waits_on = nullptr;
        const void* local = nullptr;
        bool finished = false;
    };

    void finish() noexcept {
        fiber& left = members_[running_].stack;
        members_[running_].finished = true;
        const std::size_t next = any_ready();
        if (next != nobody) return turn_to(next, left, true);
        for (const member& each : members_) done_.stuck |= !each.finished;
        home_.enter_from(left, true);
    }
    [[nodiscard]] std::size_t any_ready() noexcept {
        std::size_t ready = 0;
        for (const member& each : members_) ready += is_ready(each);
        if (ready == 0) return nobody;
        std::size_t nth = below(ready);
        for (std::size_t i = 0;; ++i)
            if (is_ready(members_[i]) && nth-- == 0) return i;
    }
    [[nodiscard]] static bool is_ready(const member& m) noexcept {
        return !m.finished && m.waits_on == nullptr;
    }
    void switch_to(std::size_t next) noexcept {
        if (next != running_) turn_to(next, members_[running_].stack, false);
    }
    using fiber = scheduled_parts::fiber;
    void turn_to(std::size_t next, fiber& from, bool for_good) noexcept {
        ++done_.switches;
        for (const std::uint64_t part : {std::uint64_t{next}, done_.points}) // FNV-1a's step
            done_.trace = (done_.trace ^ part) * 0x0000'0100'0000'01B3U;
        running_ = next;
        members_[next].stack.enter_from(from, for_good);
    }
    /// splitmix64 (S. Vigna, public domain); the remainder's bias does not matter here.
    [[nodiscard]] std::size_t below(std::size_t n) noexcept {
        std::uint64_t z = (dice_ += 0x9E37'79B9'7F4A'7C15U);
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBU;
        return static_cast<std::size_t>((z ^ (z >> 31)) % n);
    }

    std::uint64_t dice_;
    std::size_t odds_ = 2;
    std::vector<member> members_;
    fiber home_;
    std::size_t running_ = 0;
    outcome done_{.trace = 0xCBF2'9CE4'8422'2325U};
};

} // namespace ashlar::inline v0_1
