// SPDX-License-Identifier: BSL-1.0
// The physical limits of this machine.
#include "../run/measure/rounds.hpp"
#include "checksum.hpp"
#include "disk.hpp"
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
    for (const bool huge : {true, false}) {
        const first_touches took = touch_new_memory(large, huge);
        const std::string size = huge ? "2 MiB" : "4 KiB";
        tell("first touch of new memory by pages of " + size, took.bytes_per_second / 1e9, "GB/s");
        tell("longest first touch of a page of " + size, took.longest * 1e3, "ms");
    }
    tell("clock reading", clock_reading(1U << 20), "ns");
}

void checksum() {
    const arena at{64 * mib, true};
    for (const std::size_t size : {kib, mib, 64 * mib})
        for (const bool wide : {true, false})
            if (const double rate = folded_bytes(at, size, wide) / 1e9; rate > 0) // 0: it can't
                tell("fold of " + std::to_string(size / kib) + " KiB by " + (wide ? "512" : "128") +
                         " bits",
                     rate, "GB/s");
}

void disk(const setting& how) {
    const std::size_t size = (how.quick ? 16 : 256) * mib;
    const std::size_t few = how.quick ? 20 : 500;
    {
        const disk_file file{how.directory, size, 0};
        tell("write 4 KiB and fdatasync", file.operations(true, false, 4 * kib, 1, few, true),
             "operations/s");
        tell("write 64 KiB and fdatasync", file.operations(true, false, 64 * kib, 1, few, true),
             "operations/s");
    }
    {
        const disk_file file{how.directory, size, O_DIRECT | O_DSYNC};
        for (const unsigned streams : {1U, 4U, 16U, 32U})
            tell("durable writes of 4 KiB on " + std::to_string(streams) + " streams",
                 file.operations(true, true, 4 * kib, streams, few), "operations/s");
        tell("durable writes of 64 KiB on 32 streams",
             file.operations(true, true, 64 * kib, 32, few / 4) * 64 * kib / 1e9, "GB/s");
    }
    const disk_file file{how.directory, size, O_DIRECT};
    tell("sequential direct write", file.operations(true, false, mib, 1, size / mib) * mib / 1e9,
         "GB/s");
    tell("sequential direct read", file.operations(false, false, mib, 1, size / mib) * mib / 1e9,
         "GB/s");
    for (const unsigned streams : {1U, 16U, 32U})
        tell("random direct reads of 4 KiB on " + std::to_string(streams) + " streams",
             file.operations(false, true, 4 * kib, streams, 4 * few), "operations/s");
}

} // namespace

int main(int argc, char** argv) {
    return bench::program(argc, argv, [](const setting& how) {
        memory(how.quick);
        checksum();
        disk(how);
    });
}
