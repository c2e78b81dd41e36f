// SPDX-License-Identifier: BSL-1.0
#include "fault/crash_campaign.hpp"
#include "fault/flash_bench.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>

// The crash campaigns of test/fault/crash.cpp and flash.cpp for as long as is asked for, seed
// after seed. The next seed is kept in a file, so that a soak that was stopped goes on where it
// was.
namespace {

using namespace ashlar_fault;

template <class Backend, class Sync>
void add(tally& all, std::uint64_t seed) {
    const campaign<Backend, Sync> one{seed};
    auto run = one;
    if (all.good()) all += run.crash(8, 200);
    if (all.good() && seed % 4 == 0) all += run.faults();
    if (all.good() && seed % 4 == 1) all += run.hiccups();
    if (all.good() && seed % 16 == 2) all += run.faults_before_cuts(10);
    if (all.good() && seed % 16 == 3) all += run.rot(5);
}

/// Power cuts and flipped bits on flash, in one geometry after the other; answers whether all held.
bool flash_holds(std::uint64_t seed) {
    const auto& all = flash_bench::campaigns();
    const auto& [shape, steps] = all[seed % all.size()];
    flash_bench::bench cuts{shape, seed}, flips{shape, seed};
    if (shape.sector_count == flash_bench::worn_sectors) cuts.chip.worn = 1ULL << seed % 6;
    cuts.cut_everywhere(2 * steps);
    flips.fill(60 + seed % 60);
    static_cast<void>(flips.flip_everywhere(60, 7));
    for (const auto* const one : {&cuts, &flips}) {
        if (one->violations == 0 && one->chip.mistakes == 0) continue;
        std::printf("flash %s: %s\n", flash_bench::name_of(shape).c_str(), one->first.c_str());
        return false;
    }
    return true;
}

void one_seed(tally& all, std::uint64_t seed) {
    switch (seed % 4) {
    case 0: return add<sorted_map<>, sync::group>(all, seed / 4);
    case 1: return add<hash_map<>, sync::each>(all, seed / 4);
    case 2: return add<hash_map<>, sync::interval<1>>(all, seed / 4);
    default: return add<sorted_map<>, sync::none>(all, seed / 4);
    }
}

} // namespace

int main(int count, char** arguments) {
    double hours = 1;
    std::uint64_t seed = 0;
    const char* state = "soak.seed";
    bool only = false;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string name = arguments[i];
        if (name == "--hours") hours = std::atof(arguments[i + 1]);
        else if (name == "--seed") seed = std::strtoull(arguments[i + 1], nullptr, 10);
        else if (name == "--only") seed = std::strtoull(arguments[i + 1], nullptr, 10), only = true;
        else if (name == "--state") state = arguments[i + 1];
        else return std::fprintf(stderr, "soak: there is no option %s\n", arguments[i]), 2;
    }
    if (seed == 0 && !only) std::ifstream{state} >> seed;
    const auto begin = std::chrono::steady_clock::now();
    const auto passed = [&] {
        return std::chrono::duration<double, std::ratio<3600>>(std::chrono::steady_clock::now() -
                                                               begin)
            .count();
    };
    tally all;
    for (std::uint64_t done = 0; only ? done == 0 : passed() < hours; ++done, ++seed) {
        one_seed(all, seed);
        if (!all.good() || !flash_holds(seed)) {
            all.print("soak");
            std::printf("replay: ./dev soak --only %llu\n", static_cast<unsigned long long>(seed));
            return 1;
        }
        std::ofstream{state} << seed + 1 << "\n";
        if (done % 64 == 63) all.print(("soak to seed " + std::to_string(seed)).c_str());
    }
    all.print("soak");
    return 0;
}
