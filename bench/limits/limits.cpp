// SPDX-License-Identifier: BSL-1.0
// The physical limits of this machine.
#include "../run/measure/rounds.hpp"
#include "memory.hpp"

namespace {

using namespace bench;

void tell(const std::string& name, double value, const char* unit) {
    print_value({"limits", name}, "this machine", value, unit);
}

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

void memory(bool quick) {
    const std::size_t large = (quick ? 256 : 1024) * mib;
    pin(0);
    for (const std::size_t size : {32 * kib, mib, 64 * mib, large}) {
        const arena at{size};
        lay_cycle(at);
        const std::string where =
            size < mib ? std::to_string(size / kib) + " KiB" : std::to_string(size / mib) + " MiB";
        tell("dependent load in " + where, dependent_load(at, quick ? 1U << 20 : 1U << 22), "ns");
    }
    {
        const arena at{large, true};
        lay_cycle(at);
        tell("dependent load with pages of 2 MiB", dependent_load(at, 1U << 20), "ns");
        for (const unsigned threads : {1U, 2U}) {
            const std::string on = " on " + std::to_string(threads) + " threads";
            tell("independent loads with pages of 2 MiB" + on,
                 independent_loads(at, 1U << 23, threads) / 1e6, "M lines/s");
            tell("copy" + on, copied_bytes(at, threads) / 1e9, "GB/s");
            tell("stream" + on, streamed_bytes(at, threads) / 1e9, "GB/s");
            tell("atomic addition" + on, atomic_addition(threads, 1U << 22), "ns");
        }
    }
    const arena small_pages{large};
    for (const unsigned threads : {1U, 2U})
        tell("independent loads on " + std::to_string(threads) + " threads",
             independent_loads(small_pages, 1U << 23, threads) / 1e6, "M lines/s");
    tell("clock reading", clock_reading(1U << 20), "ns");
}

} // namespace

int main(int argc, char** argv) {
    return bench::program(argc, argv, [](const setting& how) { memory(how.quick); });
}
