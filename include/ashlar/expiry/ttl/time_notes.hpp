// SPDX-License-Identifier: BSL-1.0
/// @file Defines time_notes: the time by which rows expire goes on over restarts.
#pragma once

#include <ashlar/expiry/ttl/clock.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by engines that can lay a wall time down among their commits (logged's).
template <class E>
concept time_noting = requires(const E& engine, std::uint64_t time) {
    { engine.noted_time() } -> std::same_as<std::uint64_t>;
    { engine.note_time(time) } -> std::same_as<result<void>>;
    { engine.settle_time() } -> std::same_as<result<void>>;
};

/// The engine below which notes times; null where there is none.
template <class Engine>
[[nodiscard]] constexpr auto time_noting_in(const Engine& engine) noexcept {
    if constexpr (time_noting<Engine>) return &engine;
    else if constexpr (requires { engine.below(); }) return time_noting_in(engine.below());
    else return nullptr;
}
template <class Engine>
inline constexpr bool notes_time =
    !std::is_null_pointer_v<decltype(time_noting_in(std::declval<const Engine&>()))>;

/// What a store knows of its time, so that a wall clock that is set back between two runs brings
/// nothing back. Noted is the time as the store has lived it: the wall clock's at opening, and from
/// there the monotonic clock's pace, but no less than what the clock has declared past; a wall
/// clock that jumps ahead for a moment leaves no note. The running clock does not go back behind a
/// note, for the next run's will not. Thread-safe as Concurrency is.
/// (docs/decisions/0110-noted-time.md)
template <class Clock, class Concurrency>
class time_notes {
    using word = typename Concurrency::template atomic<std::uint64_t>;

  public:
    static constexpr std::uint64_t interval = 1'000'000'000; ///< nanoseconds, under writes

    time_notes() noexcept = default;
    time_notes(time_notes&& other) noexcept
        : lead_{other.lead_}, settled_{other.settled_.load()}, awake_{other.awake_.load()} {}
    time_notes& operator=(time_notes&& other) noexcept {
        lead_ = other.lead_;
        settled_.store(other.settled_.load());
        awake_.store(other.awake_.load());
        return *this;
    }

    /// At opening: the clock does not begin before what an earlier run has noted.
    template <time_noting Engine>
    void begin(const Engine& engine, const Clock& clock) noexcept {
        const std::uint64_t noted = engine.noted_time();
        if (noted != 0) clock.advance(noted);
        settled_.store(noted);
        lead_ = static_cast<std::uint64_t>(clock.now()) - monotonic(clock);
    }
    /// In front of a commit. A note that can't be made now is made later.
    template <time_noting Engine>
    void before_commit(const Engine& engine, const Clock& clock) noexcept {
        if (lived(clock) >= engine.noted_time() + interval) static_cast<void>(note(engine, clock));
    }
    /// Behind what may have told somebody that a row is gone: returns when that is as durable as an
    /// acknowledged commit. The answer stands also where the log takes nothing any more.
    template <time_noting Engine>
    void after_look(const Engine& engine, const Clock& clock) const noexcept {
        const std::uint64_t declared = clock.declared();
        if (declared <= settled_.load_relaxed()) [[likely]]
            return;
        if (declared > engine.noted_time() && !note(engine, clock)) return;
        if (!engine.settle_time()) return;
        std::uint64_t known = settled_.load();
        while (known < declared && !settled_.compare_exchange_strong(known, declared)) {
        }
    }
    /// At closing; a log that slept through this run is not woken.
    template <time_noting Engine>
    void end(const Engine& engine, const Clock& clock) noexcept {
        if (awake_.load()) static_cast<void>(note(engine, clock));
    }

  private:
    template <time_noting Engine>
    [[nodiscard]] bool note(const Engine& engine, const Clock& clock) const noexcept {
        const std::uint64_t now = lived(clock);
        clock.advance(now);
        if (!engine.note_time(now)) return false;
        awake_.store(true);
        return true;
    }
    [[nodiscard]] static std::uint64_t monotonic(const Clock& clock) noexcept {
        return static_cast<std::uint64_t>(clock.monotonic_now());
    }
    [[nodiscard]] std::uint64_t lived(const Clock& clock) const noexcept {
        const std::uint64_t since_opening = monotonic(clock) + lead_;
        const std::uint64_t floor = clock.floor();
        return since_opening < floor ? floor : since_opening;
    }

    std::uint64_t lead_ = 0;  ///< of the time at opening over the monotonic clock, mod 2^64
    mutable word settled_{0}; ///< declared times up to here have lasted
    mutable typename Concurrency::template atomic<bool> awake_{false};
};

/// In place of the notes where nothing can be noted.
struct no_time_notes {};

} // namespace ashlar::inline v0_1
