// SPDX-License-Identifier: BSL-1.0
/// @file Defines how clients name moments, and how a key gets one to end at.
#pragma once

#include "commands/command.hpp"

namespace cache {

/// EX, PX, EXAT, PXAT.
struct time_unit {
    bool absolute = false;
    bool seconds = false;

    [[nodiscard]] static std::optional<time_unit> named(string_view word) noexcept {
        if (is(word, "ex")) return time_unit{false, true};
        if (is(word, "px")) return time_unit{false, false};
        if (is(word, "exat")) return time_unit{true, true};
        if (is(word, "pxat")) return time_unit{true, false};
        return std::nullopt;
    }
};
struct expiry_word {
    time_unit in;
    string_view number;
};

inline constexpr std::uint64_t nanoseconds_per_ms = 1'000'000;

/// The moment in nanoseconds since 1970, never 0; an error is replied. What the clock can't show
/// (behind the year 2500) is as invalid as what overflows Redis's milliseconds. A moment before
/// now is one: what ends there has ended.
[[nodiscard]] inline std::optional<std::uint64_t> moment(call& c, const expiry_word& word,
                                                         bool must_be_positive) {
    const auto number = c.integer(word.number);
    if (!number) return std::nullopt;
    constexpr std::int64_t latest_ms = 16'700'000'000'000; // in the year 2499
    std::int64_t ms = *number;
    const bool fine =
        !(must_be_positive && ms <= 0) &&
        (!word.in.seconds || !__builtin_mul_overflow(ms, std::int64_t{1000}, &ms)) &&
        (word.in.absolute ||
         !__builtin_add_overflow(ms, static_cast<std::int64_t>(c.work.now() / nanoseconds_per_ms),
                                 &ms)) &&
        ms <= latest_ms;
    if (!fine) {
        std::string name{c[0]};
        for (char& ch : name) ch = lower(ch);
        c.out.error("ERR invalid expire time in '" + name + "' command");
        return std::nullopt;
    }
    return ms <= 0 ? 1 : static_cast<std::uint64_t>(ms) * nanoseconds_per_ms;
}

/// Gives a key an end, or none (0). Elements of a collection go a minute or more after their head,
/// so that no command meets a collection half gone; while the minute is not much more they are left
/// as they are, so that prolonging costs one row. REQUIRES: the key is there.
void set_expiry(call& c, string_view key, std::uint64_t at);

} // namespace cache
