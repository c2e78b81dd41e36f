// SPDX-License-Identifier: BSL-1.0
/// @file Defines clocks, pinned threads that start together, and cheap random numbers.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;
[[nodiscard]] inline double seconds_since(clock::time_point start) noexcept {
    return std::chrono::duration<double>(clock::now() - start).count();
}

/// A bijection of 64 bits (the finaliser of splitmix64, Vigna): distinct numbers make distinct keys
/// in no order.
[[nodiscard]] inline std::uint64_t scatter(std::uint64_t i) noexcept {
    std::uint64_t z = i + 0x9E37'79B9'7F4A'7C15U;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9U;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBU;
    return z ^ (z >> 31);
}

/// Random numbers below a limit, each as likely as the other (Lemire's multiplication, whose bias
/// is below 2^-20 for limits below 2^44).
struct uniform_state {
    std::uint64_t state;
    [[nodiscard]] std::uint64_t below(std::uint64_t limit) noexcept {
        __extension__ using wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<wide>(scatter(state++)) * limit) >> 64);
    }
};

inline void pin(unsigned cpu) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu % (std::max)(1U, std::thread::hardware_concurrency()), &set);
    static_cast<void>(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
}

/// Runs f(thread) on so many pinned threads at once, the caller being the first; answers seconds
/// from their common start to the end of the last, and adds up in `sum` what they answer.
template <class F>
double together(unsigned threads, std::uint64_t& sum, F f) {
    std::atomic<unsigned> ready{0};
    std::atomic<std::uint64_t> total{0};
    const auto member = [&](unsigned thread) {
        pin(thread);
        ready.fetch_add(1);
        while (ready.load() != threads) sched_yield();
        total.fetch_add(f(thread));
    };
    std::vector<std::thread> others;
    for (unsigned thread = 1; thread < threads; ++thread) others.emplace_back(member, thread);
    while (ready.load() + 1 != threads) sched_yield();
    const auto start = clock::now();
    member(0);
    for (auto& other : others) other.join();
    sum = total.load();
    return seconds_since(start);
}

} // namespace bench
