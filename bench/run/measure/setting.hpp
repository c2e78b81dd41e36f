// SPDX-License-Identifier: BSL-1.0
/// @file Defines what the command line of a workload says, and the lines that it prints.
#pragma once

#include <malloc.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

struct setting {
    bool quick = false;
    std::size_t rounds = 11;
    double scale = 1; ///< multiplies how many entries a workload has
    std::uint64_t seed = 20261121;
    std::string directory = "."; ///< for what rests on disk; emptied by run.sh

    setting() = default;
    setting(int argc, char** argv) {
        for (int i = 1; i < argc; ++i) {
            const std::string_view word = argv[i];
            const auto next = [&] { return i + 1 < argc ? argv[++i] : ""; };
            if (word == "--quick") quick = true;
            else if (word == "--rounds") rounds = std::strtoull(next(), nullptr, 10);
            else if (word == "--scale") scale = std::strtod(next(), nullptr);
            else if (word == "--seed") seed = std::strtoull(next(), nullptr, 10);
            else if (word == "--directory") directory = next();
            else throw std::invalid_argument{"bench: unknown argument " + std::string{word}};
        }
        if (quick && rounds > 3) rounds = 3;
        if (rounds == 0 || scale <= 0) throw std::invalid_argument{"bench: rounds, scale: above 0"};
    }
    /// How many entries: all, or fewer in a quick run.
    [[nodiscard]] std::size_t entries(std::size_t all, std::size_t few) const noexcept {
        return static_cast<std::size_t>(static_cast<double>(quick ? few : all) * scale);
    }
    /// As many as wanted, or halved until `bytes` for each fit into 60 % of the memory that is
    /// available now: a program that the kernel ends has measured nothing.
    [[nodiscard]] static std::size_t fitting(std::size_t wanted, std::size_t bytes);
};

/// What is measured in one table: rows of one part are comparable with one another.
struct part {
    std::string workload; ///< as docs name it: M8, ORD, ...
    std::string what;
    unsigned threads = 1;
    std::size_t operations = 0; ///< of one turn
};

/// One line: kind,workload,what,threads,subject,round,operations,value,unit. The kinds: `time`
/// (seconds of a round), `limit` (the same of what nothing can beat), `value` (any other number),
/// `version` (of a peer, in the place of the unit).
inline void print_row(const char* kind, const part& of, const std::string& subject,
                      std::size_t round, double value, const std::string& unit) {
    std::printf("%s,%s,%s,%u,%s,%zu,%zu,%.9g,%s\n", kind, of.workload.c_str(), of.what.c_str(),
                of.threads, subject.c_str(), round, of.operations, value, unit.c_str());
    std::fflush(stdout);
}
inline void print_value(const part& of, const std::string& subject, double value,
                        const std::string& unit, std::size_t round = 0) {
    print_row("value", of, subject, round, value, unit);
}
inline void print_version(const std::string& what, const std::string& version) {
    print_row("version", {}, what, 0, 0, version);
}

/// Bytes that could be had now without swapping.
[[nodiscard]] inline std::size_t available_bytes() {
    std::FILE* const file = std::fopen("/proc/meminfo", "r");
    if (file == nullptr) throw std::runtime_error{"bench: /proc/meminfo can't be read"};
    char line[128];
    std::size_t kilobytes = 0;
    while (std::fgets(line, sizeof line, file) != nullptr)
        if (std::sscanf(line, "MemAvailable: %zu kB", &kilobytes) == 1) break;
    std::fclose(file);
    if (kilobytes == 0) throw std::runtime_error{"bench: /proc/meminfo has no MemAvailable"};
    return kilobytes * 1024;
}
inline std::size_t setting::fitting(std::size_t wanted, std::size_t bytes) {
    const std::size_t room = available_bytes() / 10 * 6;
    while (wanted > 1 && wanted > room / bytes) wanted /= 2;
    return wanted;
}

/// Bytes of memory that the process has now; what was freed is given back first.
[[nodiscard]] inline std::size_t resident_bytes() {
    malloc_trim(0);
    std::FILE* const file = std::fopen("/proc/self/statm", "r");
    std::size_t all = 0;
    std::size_t resident = 0;
    if (file == nullptr || std::fscanf(file, "%zu %zu", &all, &resident) != 2)
        throw std::runtime_error{"bench: /proc/self/statm can't be read"};
    std::fclose(file);
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace bench
