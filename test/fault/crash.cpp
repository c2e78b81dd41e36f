// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads optimizer
#include "catch.hpp"
#include "fault/crash_campaign.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>

namespace {

using namespace ashlar_fault;

template <class Backend, class Sync, class Campaign>
tally over_seeds(std::uint64_t first, std::uint64_t count, Campaign run) {
    tally all;
    for (std::uint64_t seed = first; seed < first + count && all.good(); ++seed)
        all += run(campaign<Backend, Sync>{seed});
    return all;
}

} // namespace

// G1, G2, G3: after every loss of power the rows are those of a prefix of the batches, and all that
// were acknowledged are in it. A million images, where the compiler was not told to watch, too.
#if defined(__OPTIMIZE__) && !defined(ASHLAR_TEST_SANITIZED)
constexpr std::uint64_t crash_seeds = 95;
#else
constexpr std::uint64_t crash_seeds = 3;
#endif
TEST_CASE("crash: the power fails at every change of the disk, and again during recovery") {
    const auto crash = [](auto&& c) { return c.crash(4, 400); };
    tally all = over_seeds<sorted_map<>, sync::group>(1, crash_seeds, crash);
    all += over_seeds<hash_map<>, sync::each>(1'000, crash_seeds, crash);
    all += over_seeds<hash_map<>, sync::interval<1>>(2'000, crash_seeds, crash);
    all += over_seeds<sorted_map<>, sync::none>(3'000, crash_seeds, crash);
    all.print("crash");
    CHECK(all.failure == "");
    CHECK(all.images > crash_seeds * 10'527);
    CHECK(all.distinct > crash_seeds * 1'500);
    CHECK(all.nested > crash_seeds * 500);
}

// G4
TEST_CASE("crash: every call fails once or for ever, in the run and in the recovery") {
    tally all = over_seeds<sorted_map<>, sync::group>(1, 3, [](auto&& c) { return c.faults(); });
    all += over_seeds<hash_map<>, sync::none>(50, 1, [](auto&& c) { return c.faults(); });
    all += over_seeds<sorted_map<>, sync::group>(7, 1,
                                                 [](auto&& c) { return c.faults_before_cuts(7); });
    all += over_seeds<hash_map<>, sync::group>(1, 50, [](auto&& c) { return c.hiccups(); });
    all.print("faults");
    CHECK(all.failure == "");
    CHECK(all.faults > 3'000);
}

// G5
TEST_CASE("crash: no altered file of a closed store goes unnoticed") {
    tally all = over_seeds<sorted_map<>, sync::group>(
        1, 1, [](auto&& c) { return c.rot(ashlar_test::stride); });
    all += over_seeds<hash_map<>, sync::group>(2, 2, [](auto&& c) { return c.rot(13); });
    all.print("rot");
    CHECK(all.failure == "");
    CHECK(all.refused > ashlar_test::effort(8'000));
}

// B12: what is read before all is loaded is what loading finds, after any of the above.
TEST_CASE("crash: a store that is read early never shows what is not there") {
    using early = campaign<hash_map<>, sync::group, simulated, log_start::early>;
    tally all;
    for (std::uint64_t seed = 1; seed <= 3 && all.good(); ++seed) {
        early run{seed};
        all += run.crash(4, 400);
        if (seed == 1) all += run.faults();
        if (seed == 2) all += run.rot(29);
    }
    all.print("early");
    CHECK(all.failure == "");
    CHECK(all.images > 10'000);
    CHECK(all.early > 1'000);
}
