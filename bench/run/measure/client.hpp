// SPDX-License-Identifier: BSL-1.0
/// @file Defines clients whose waits are taken one by one, and told by their causes.
#pragma once

#include "setting.hpp"
#include "team.hpp"

#include <fcntl.h>
#include <time.h>

#include <cstring>

namespace bench {

/// What clients have noticed.
struct report {
    std::uint64_t operations = 0;
    double seconds = 0;        ///< of the longest client
    double own = 0;            ///< the same, but for when others had the processor
    double running = 0;        ///< on the processor, all clients together
    std::vector<float> waits;  ///< microseconds of 64 operations, from when they were due
    double longest = 0;        ///< seconds of 64 operations, but for when others had the processor
    std::uint64_t blocked = 0; ///< such times above 1 ms, spent asleep: for a lock or the disk
    std::uint64_t worked = 0;  ///< the same, spent on the processor
    std::uint64_t delayed = 0; ///< times above 1 ms because others had the processor

    [[nodiscard]] double rate() const { return static_cast<double>(operations) / seconds; }
    [[nodiscard]] double own_rate() const { return static_cast<double>(operations) / own; }
    [[nodiscard]] double wait_at(double share) {
        const auto place =
            static_cast<std::ptrdiff_t>(static_cast<double>(waits.size() - 1) * share);
        std::nth_element(waits.begin(), waits.begin() + place, waits.end());
        return static_cast<double>(waits[static_cast<std::size_t>(place)]);
    }
    void add(const report& other) {
        operations += other.operations;
        seconds = (std::max)(seconds, other.seconds);
        own = (std::max)(own, other.own);
        running += other.running;
        waits.insert(waits.end(), other.waits.begin(), other.waits.end());
        longest = (std::max)(longest, other.longest);
        blocked += other.blocked;
        worked += other.worked;
        delayed += other.delayed;
    }
};

/// What the system knows of a thread: seconds on the processor, and seconds that it could have run
/// but another one did.
class own_time {
  public:
    struct spent {
        double running = 0, waiting = 0;
    };
    own_time() : file_{::open("/proc/thread-self/schedstat", O_RDONLY)} {
        if (file_ < 0) throw std::runtime_error{"bench: /proc/thread-self/schedstat is missing"};
    }
    own_time(const own_time&) = delete;
    own_time& operator=(const own_time&) = delete;
    ~own_time() { ::close(file_); }
    [[nodiscard]] spent now() const {
        struct ::timespec running{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &running);
        char text[80]{};
        static_cast<void>(!::pread(file_, text, sizeof text - 1, 0));
        const char* second = std::strchr(text, ' ');
        return {static_cast<double>(running.tv_sec) + 1e-9 * static_cast<double>(running.tv_nsec),
                second == nullptr ? 0 : 1e-9 * std::strtod(second, nullptr)};
    }

  private:
    int file_;
};

/// Operations one after another while `phase` is `now`, 64 of them at a time, due at `rate` a
/// second; 0 is as soon as the last are done. Waits for the phase to come.
template <class F>
void serve(report& told, double rate, const std::atomic<int>& phase, int now, F operation) {
    constexpr std::uint64_t together = 64;
    while (phase < now) sched_yield();
    const own_time of_this;
    const auto first = of_this.now();
    const auto start = clock::now();
    const auto elapsed = [&] { return seconds_since(start); };
    while (phase == now) {
        double begin = elapsed();
        const double due = rate == 0 ? begin : static_cast<double>(told.operations) / rate;
        for (; begin < due; begin = elapsed()) sched_yield();
        const auto before = of_this.now();
        for (std::uint64_t i = 0; i < together; ++i) operation();
        const double end = elapsed();
        told.operations += together;
        told.waits.push_back(static_cast<float>(1e6 * (end - due)));
        if (end - begin <= (std::min)(told.longest, 1e-3)) continue;
        const auto after = of_this.now();
        const double delayed = after.waiting - before.waiting;
        const double took = end - begin - delayed;
        const double ran = after.running - before.running;
        told.longest = (std::max)(told.longest, took);
        if (took > 1e-3) ++(took - ran > ran ? told.blocked : told.worked);
        else if (end - begin > 1e-3) ++told.delayed;
    }
    told.seconds = elapsed();
    const auto last = of_this.now();
    told.own = told.seconds - (last.waiting - first.waiting);
    told.running = last.running - first.running;
}

} // namespace bench
