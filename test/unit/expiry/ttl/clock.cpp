// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/ttl/clock.hpp>

namespace {

using namespace ashlar;

/// Two clocks that the test sets, and counts how often the better one is read.
struct two_clocks {
    static inline std::uint64_t wall = 0, behind = 0, ran = 5, readings = 0;
    using bounded_clock = two_clocks;
    static constexpr std::uint64_t wall_lag = 100;

    [[nodiscard]] static wall_time wall_now() noexcept { return ++readings, wall_time{wall}; }
    [[nodiscard]] static wall_time wall_at_least() noexcept {
        return wall_time{behind < wall ? wall - behind : 0};
    }
    [[nodiscard]] static monotonic_time monotonic_now() noexcept { return monotonic_time{ran}; }
};
static_assert(bounded_clock_source<two_clocks> && bounded_clock_source<posix>);

struct own_clock : two_clocks {
    [[nodiscard]] static wall_time wall_now() noexcept { return wall_time{7}; }
};
static_assert(clock_source<own_clock> && !bounded_clock_source<own_clock>);

} // namespace

TEST_CASE("a clock that only has a bound of the time decides as one that has read it (G16)") {
    for (const std::uint64_t now : {0U, 1U, 50U, 100U, 101U, 5000U})
        for (const std::uint64_t behind : {0U, 1U, 99U, 100U})
            for (std::uint64_t time = now < 210 ? 0 : now - 210; time <= now + 210; ++time) {
                const ttl_clock<two_clocks, single> clock;
                two_clocks::wall = now;
                two_clocks::behind = behind;
                REQUIRE(clock.is_past(time) == (time <= now));
            }
    two_clocks::wall = ~std::uint64_t{};
    CHECK(ttl_clock<two_clocks, single>{}.is_past(~std::uint64_t{}));
}

TEST_CASE("a row with long to live costs no reading of the clock") {
    const ttl_clock<two_clocks, single> clock;
    two_clocks::wall = 1000;
    two_clocks::behind = 60;
    two_clocks::readings = 0;
    CHECK_FALSE(clock.is_past(1041));
    CHECK(two_clocks::readings == 0);
    CHECK_FALSE(clock.is_past(1040));
    CHECK(two_clocks::readings == 1);
}

TEST_CASE("what was declared past stays so, though the bound says that it is long to come") {
    const ttl_clock<two_clocks, single> clock;
    two_clocks::wall = 10'000;
    two_clocks::behind = 0;
    REQUIRE(clock.is_past(9'000));
    two_clocks::wall = 1'000;
    two_clocks::ran += 10;
    CHECK(clock.is_past(9'010));
    CHECK_FALSE(clock.is_past(9'011));
}
