// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "fault/crash_campaign.hpp"
#include "unit/backend/tight_tiers.hpp"

// G1, G2 for K-23: rows that rest below when the power fails come back from the log and snapshots.
TEST_CASE("crash: a store whose rows are all spilled loses nothing that was acknowledged") {
    using namespace ashlar_fault;
    using backend = ashlar_tiers::tight_tiers<sorted_map<>, ashlar_tiers::cold_in_weather>;
    ashlar_tiers::weather = {};
    tally all;
    for (std::uint64_t seed = 1; seed < 3 && all.good(); ++seed)
        all += campaign<backend, sync::group>{seed}.crash(4, 400);
    all += campaign<backend, sync::group>{50}.faults();
    all.print("tiered");
    CHECK(all.failure == "");
    CHECK(all.images > 9'000);
    CHECK(all.faults > 2'500);
    CHECK(ashlar_tiers::weather.puts > 50'000);
}
