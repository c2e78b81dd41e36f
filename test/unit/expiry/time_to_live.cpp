// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/expiry/time_to_live.hpp>

#include <chrono>

using ashlar::time_to_live;
using ashlar::wall_time;
using namespace std::chrono_literals;

TEST_CASE("time_to_live: any unit, without loss") {
    CHECK(time_to_live{0s}.nanoseconds() == 0);
    CHECK(time_to_live{1ns}.nanoseconds() == 1);
    CHECK(time_to_live{3ms}.nanoseconds() == 3'000'000);
    CHECK(time_to_live{2h}.nanoseconds() == 7'200'000'000'000U);
    CHECK(time_to_live{0.5s}.nanoseconds() == 500'000'000);
    CHECK(time_to_live{std::chrono::nanoseconds::max()}.nanoseconds() == 0x7FFF'FFFF'FFFF'FFFFU);
    CHECK(time_to_live{std::chrono::microseconds{9'000'000'000'000'001}}.nanoseconds() ==
          9'000'000'000'000'001'000U);
    CHECK(time_to_live::of_nanoseconds(7).nanoseconds() == 7);
}

TEST_CASE("time_to_live: rounded up, so that what is to stay a while is not gone at once") {
    using picoseconds = std::chrono::duration<std::int64_t, std::pico>;
    CHECK(time_to_live{picoseconds{1}}.nanoseconds() == 1);
    CHECK(time_to_live{picoseconds{1000}}.nanoseconds() == 1);
    CHECK(time_to_live{picoseconds{1001}}.nanoseconds() == 2);
    using thirds = std::chrono::duration<int, std::ratio<1, 3>>;
    CHECK(time_to_live{thirds{1}}.nanoseconds() == 333'333'334);
    CHECK(time_to_live{std::chrono::duration<double>{1e-12}}.nanoseconds() == 1);
}

TEST_CASE("time_to_live: negative is nothing, too long is the longest") {
    constexpr std::uint64_t longest = ~std::uint64_t{};
    CHECK(time_to_live{-1s}.nanoseconds() == 0);
    CHECK(time_to_live{std::chrono::duration<double>{-1.0}}.nanoseconds() == 0);
    CHECK(time_to_live{std::chrono::hours::max()}.nanoseconds() == longest);
    CHECK(time_to_live{std::chrono::seconds::max()}.nanoseconds() == longest);
    CHECK(time_to_live{std::chrono::duration<double>{1e30}}.nanoseconds() == longest);
    const auto not_a_number = std::numeric_limits<double>::quiet_NaN();
    CHECK(time_to_live{std::chrono::duration<double>{not_a_number}}.nanoseconds() == 0);
}

TEST_CASE("time_to_live: its end, and what a row's header can say of it") {
    CHECK(time_to_live{5ns}.from(wall_time{10}) == wall_time{15});
    const auto far = time_to_live{std::chrono::hours::max()}.from(wall_time{10});
    CHECK(ashlar::expiry_field(far) == ashlar::keeps_expiry - 1);
    CHECK(ashlar::expiry_field(wall_time{0}) == 1); // 0 is never
    CHECK(ashlar::expiry_field(wall_time{1}) == 1);
    CHECK(ashlar::expiry_field(wall_time{ashlar::keeps_expiry}) == ashlar::keeps_expiry - 1);
}
