// SPDX-License-Identifier: BSL-1.0
/// @file Defines time_to_live: how long a row is to stay, in any unit of <chrono>.
#pragma once

#include <ashlar/environment/concept.hpp>
#include <ashlar/row.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by std::chrono::duration and its like; <chrono> is the caller's to include.
template <class D>
concept duration_like = requires(const D& d) {
    { d.count() } -> std::convertible_to<typename D::rep>;
    { D::period::num } -> std::convertible_to<std::intmax_t>;
    { D::period::den } -> std::convertible_to<std::intmax_t>;
};

/// A length of time in nanoseconds, rounded up: what is to stay a while is not gone at once.
/// Lengths below zero count as zero, those above 584 years as these.
class time_to_live {
  public:
    template <duration_like D>
    constexpr time_to_live(const D& length) noexcept // NOLINT: a length of time is what is meant
        : nanoseconds_{convert(length)} {}
    [[nodiscard]] static constexpr time_to_live of_nanoseconds(std::uint64_t n) noexcept {
        time_to_live made;
        made.nanoseconds_ = n;
        return made;
    }

    [[nodiscard]] constexpr std::uint64_t nanoseconds() const noexcept { return nanoseconds_; }
    /// The end of that time; the far end of time when it can't be reckoned.
    [[nodiscard]] constexpr wall_time from(wall_time now) const noexcept {
        std::uint64_t end = 0;
        if (__builtin_add_overflow(static_cast<std::uint64_t>(now), nanoseconds_, &end))
            return static_cast<wall_time>(keeps_expiry - 1);
        return static_cast<wall_time>(end);
    }

  private:
    constexpr time_to_live() noexcept = default;

    template <class D>
    [[nodiscard]] static constexpr std::uint64_t convert(const D& length) noexcept {
        constexpr std::uint64_t longest = ~std::uint64_t{};
        constexpr auto num = static_cast<std::uint64_t>(D::period::num);
        constexpr auto den = static_cast<std::uint64_t>(D::period::den);
        const auto count = length.count();
        if (!(count > 0)) return 0;
        if constexpr (std::is_floating_point_v<typename D::rep>) {
            const auto exact = static_cast<long double>(count) * num / den * 1'000'000'000.0L;
            if (!(exact < 18'446'744'073'709'551'615.0L)) return longest;
            const auto whole = static_cast<std::uint64_t>(exact);
            return whole + (static_cast<long double>(whole) < exact ? 1U : 0U);
        } else {
            // Seconds and what is left of one, so that no unit overflows where its value fits.
            std::uint64_t parts = 0, seconds = 0, rest = 0, sum = 0;
            if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), num, &parts))
                return longest;
            if (__builtin_mul_overflow(parts / den, 1'000'000'000U, &seconds)) return longest;
            if (__builtin_mul_overflow(parts % den, 1'000'000'000U, &rest)) return longest;
            rest = rest / den + (rest % den != 0 ? 1U : 0U);
            return __builtin_add_overflow(seconds, rest, &sum) ? longest : sum;
        }
    }

    std::uint64_t nanoseconds_ = 0;
};

/// A moment as a row's header has it: neither of the two values that are no time.
[[nodiscard]] constexpr std::uint64_t expiry_field(wall_time at) noexcept {
    const auto time = static_cast<std::uint64_t>(at);
    if (time == expires_never) return 1;
    return time == keeps_expiry ? keeps_expiry - 1 : time;
}

} // namespace ashlar::inline v0_1
