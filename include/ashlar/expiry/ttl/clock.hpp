// SPDX-License-Identifier: BSL-1.0
/// @file Defines ttl_clock: wall time that never takes back what it has once declared past.
#pragma once

#include <ashlar/environment/concept.hpp>
#include <ashlar/row.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by environments that also have a quick bound of the wall clock: `wall_at_least` is
/// never ahead of `wall_now`, and behind it by no more than `wall_lag` nanoseconds. `bounded_clock`
/// is the environment itself, so that one that derives from it and has a clock of its own does not
/// inherit another's bound.
template <class E>
concept bounded_clock_source = clock_source<E> && requires(const E& e) {
    { e.wall_at_least() } -> std::same_as<wall_time>;
    { std::uint64_t{E::wall_lag} };
    requires std::same_as<typename E::bounded_clock, E>;
};

/// The time by which rows expire: the wall clock's, but not before a time that somebody was told
/// has come. When the wall clock is set back behind such a time, the clock goes on from there at
/// the pace of the monotonic clock, until the wall clock is ahead again; so what was gone stays
/// gone, and a row put meanwhile lives for as long as it was told to. A clock that only runs ahead
/// and back, without a row being looked at in between, leaves no trace.
/// One word; thread-safe as Concurrency is; costs a reading of either clock. With `Declares` it
/// also remembers the latest time that it has said is past, for those who note it.
/// (docs/decisions/0080-expiry.md)
template <clock_source Environment, class Concurrency, bool Declares = false>
class ttl_clock {
    using word = typename Concurrency::template atomic<std::uint64_t>;
    struct nothing {
        static constexpr std::uint64_t load() noexcept { return 0; }
        static constexpr void store(std::uint64_t) noexcept {}
    };

  public:
    constexpr ttl_clock() noexcept = default;
    ttl_clock(ttl_clock&& other) noexcept
        : environment_{other.environment_}, lead_{other.lead_.load()} {
        declared_.store(other.declared_.load());
    }
    ttl_clock& operator=(ttl_clock&& other) noexcept {
        environment_ = other.environment_;
        lead_.store(other.lead_.load());
        declared_.store(other.declared_.load());
        return *this;
    }

    [[nodiscard]] wall_time now() const noexcept {
        const auto wall = static_cast<std::uint64_t>(environment_.wall_now());
        const std::uint64_t floor = floor_with(lead_.load());
        return static_cast<wall_time>(wall < floor ? floor : wall);
    }
    /// Whether that time has come; if so, it has come for ever.
    [[nodiscard]] bool is_past(std::uint64_t time) const noexcept {
        if (wall_is_before(time)) {
            if (time > floor_with(lead_.load())) return false;
            declare(time);
            return true;
        }
        raise(time);
        return true;
    }
    /// As is_past of a time that is known to have come.
    void raise(std::uint64_t time) const noexcept {
        declare(time);
        advance(time);
    }
    /// It is this time now, or later; nobody was told.
    void advance(std::uint64_t time) const noexcept {
        std::uint64_t known = lead_.load();
        const std::uint64_t now = monotonic();
        while (known == none || now + known < time) {
            const std::uint64_t lead = time - now == none ? 1 : time - now;
            if (lead_.compare_exchange_strong(known, lead)) return;
        }
    }
    [[nodiscard]] monotonic_time monotonic_now() const noexcept {
        return environment_.monotonic_now();
    }
    /// The latest time that it has said is past.
    [[nodiscard]] std::uint64_t declared() const noexcept
        requires Declares
    {
        return declared_.load_acquire();
    }
    /// What it will not go back behind; 0 for nothing yet.
    [[nodiscard]] std::uint64_t floor() const noexcept { return floor_with(lead_.load()); }

  private:
    /// By how much the declared time leads the monotonic clock, modulo 2^64: a sum of the two is
    /// right also where the monotonic clock shows the greater number.
    static constexpr std::uint64_t none = 0;

    /// Most rows have long to live: for them the bound will do.
    [[nodiscard]] bool wall_is_before(std::uint64_t time) const noexcept {
        if constexpr (bounded_clock_source<Environment>) {
            const auto at_least = static_cast<std::uint64_t>(environment_.wall_at_least());
            if (time > Environment::wall_lag && at_least < time - Environment::wall_lag)
                return true;
        }
        return static_cast<std::uint64_t>(environment_.wall_now()) < time;
    }
    void declare(std::uint64_t time) const noexcept {
        if constexpr (Declares) {
            std::uint64_t known = declared_.load();
            while (known < time && !declared_.compare_exchange_strong(known, time)) {
            }
        }
    }
    [[nodiscard]] std::uint64_t monotonic() const noexcept {
        return static_cast<std::uint64_t>(environment_.monotonic_now());
    }
    [[nodiscard]] std::uint64_t floor_with(std::uint64_t lead) const noexcept {
        return lead == none ? 0 : monotonic() + lead;
    }

    [[no_unique_address]] Environment environment_{};
    mutable word lead_{none};
    [[no_unique_address]] mutable std::conditional_t<Declares, word, nothing> declared_{};
};

/// One reading of a clock for an operation that judges many rows: taken when the first row with an
/// expiry is met, so it lies within the operation. What it calls past is declared past to the
/// clock. For one thread and one operation.
template <class Clock>
class clock_reading {
  public:
    explicit clock_reading(const Clock& clock) noexcept : clock_{clock} {}

    [[nodiscard]] bool is_past(std::uint64_t expiry) noexcept {
        if (now_ == 0) now_ = static_cast<std::uint64_t>(clock_.now());
        if (expiry > now_) [[likely]]
            return false;
        if (expiry > declared_) clock_.raise(declared_ = expiry);
        return true;
    }

  private:
    const Clock& clock_;
    std::uint64_t now_ = 0; ///< 0 before the reading: a clock at 1970 is read for each row
    std::uint64_t declared_ = 0;
};

/// Whether a row is still there, by a clock (which learns from the answer) or at a fixed moment.
/// Always inlined, for it is asked of each row that is read.
template <class Row, class Clock>
[[nodiscard, gnu::always_inline]] inline bool is_live(bytes_view row, Clock&& clock) noexcept {
    if (!Row::fits(row)) return true; // damage is for the reader to find
    const std::uint64_t expiry = Row::expiry(row);
    return expiry == expires_never || !clock.is_past(expiry);
}

/// A clock that stands still.
struct fixed_moment {
    std::uint64_t time = 0;
    [[nodiscard]] bool is_past(std::uint64_t expiry) const noexcept { return expiry <= time; }
};

} // namespace ashlar::inline v0_1
