// SPDX-License-Identifier: BSL-1.0
/// @file Defines what memory can do at best: the loads, copies and atomic additions that bound all
/// stores. The kernels are so plain that nothing else is left to blame.
#pragma once

#include "../run/measure/team.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace bench {

/// Keeps a value from being optimised away.
template <class T>
void use(const T& value) noexcept {
    asm volatile("" : : "r,m"(value) : "memory");
}

/// Memory of its own, written once so that every page is there. `huge` asks for pages of 2 MiB.
class arena {
  public:
    explicit arena(std::size_t size, bool huge = false) : size_{size} {
        void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) throw std::bad_alloc{};
        static_cast<void>(madvise(at, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
        std::memset(at, 1, size);
        words_ = static_cast<std::uint64_t*>(at);
    }
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    ~arena() { munmap(words_, size_); }
    [[nodiscard]] std::uint64_t* words() const noexcept { return words_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t lines() const noexcept { return size_ / 64; }

  private:
    std::uint64_t* words_ = nullptr;
    std::size_t size_;
};

/// Lays one cycle through all cache lines in random order (Sattolo), for dependent_loads.
inline void lay_cycle(const arena& memory) {
    std::uint64_t* const words = memory.words();
    const std::size_t n = memory.lines();
    for (std::size_t i = 0; i < n; ++i) words[i * 8] = i;
    uniform_state random{n};
    for (std::size_t i = n - 1; i > 0; --i) {
        const std::size_t j = random.below(i);
        const std::uint64_t other = words[j * 8];
        words[j * 8] = words[i * 8];
        words[i * 8] = other;
    }
}

/// Nanoseconds of a load whose address is what the load before it brought: a lookup's miss.
[[nodiscard]] inline double dependent_load(const arena& memory, std::size_t loads) {
    const std::uint64_t* const words = memory.words();
    std::uint64_t at = 0;
    const auto start = clock::now();
    for (std::size_t i = 0; i < loads; ++i) at = words[at * 8];
    const double seconds = seconds_since(start);
    use(at);
    return seconds * 1e9 / static_cast<double>(loads);
}

/// Cache lines a second that a thread can read at random when no load waits for another: the limit
/// of batched lookups that touch one line each.
[[nodiscard]] inline double independent_loads(const arena& memory, std::size_t loads,
                                              unsigned threads) {
    std::uint64_t sum = 0;
    const double seconds = together(threads, sum, [&](unsigned thread) {
        const std::uint64_t* const words = memory.words();
        uniform_state random{thread + 1};
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < loads; ++i) total += words[random.below(memory.lines()) * 8];
        return total;
    });
    use(sum);
    return static_cast<double>(loads * threads) / seconds;
}

/// Bytes a second of memcpy between two arenas' halves; each thread copies a part of its own.
[[nodiscard]] inline double copied_bytes(const arena& memory, unsigned threads) {
    std::uint64_t sum = 0;
    const std::size_t part = memory.size() / 2 / threads;
    char* const bytes = reinterpret_cast<char*>(memory.words());
    const double seconds = together(threads, sum, [&](unsigned thread) {
        char* const from = bytes + 2 * part * thread;
        std::memcpy(from + part, from, part);
        use(from);
        return std::uint64_t{0};
    });
    return static_cast<double>(part * threads) / seconds;
}

/// Bytes a second of reading memory from its start to its end.
[[nodiscard]] inline double streamed_bytes(const arena& memory, unsigned threads) {
    std::uint64_t sum = 0;
    const std::size_t part = memory.size() / 8 / threads / 8 * 8;
    const double seconds = together(threads, sum, [&](unsigned thread) {
        const std::uint64_t* const from = memory.words() + part * thread;
        std::uint64_t total[8] = {};
        for (std::size_t i = 0; i < part; i += 8)
            for (std::size_t lane = 0; lane < 8; ++lane) total[lane] += from[i + lane];
        std::uint64_t all = 0;
        for (const std::uint64_t lane : total) all += lane;
        return all;
    });
    use(sum);
    return static_cast<double>(part * 8 * threads) / seconds;
}

/// Nanoseconds of an atomic addition to one word by so many threads at once, per addition of one.
[[nodiscard]] inline double atomic_addition(unsigned threads, std::size_t additions) {
    alignas(64) std::uint64_t word = 0;
    std::uint64_t sum = 0;
    const double seconds = together(threads, sum, [&](unsigned) {
        for (std::size_t i = 0; i < additions; ++i) __atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
        return std::uint64_t{1};
    });
    use(word);
    return seconds * 1e9 / static_cast<double>(additions);
}

/// What the first touch of each page of new memory took: what growth waits for, whoever grows. The
/// kernel clears the page; beneath a hypervisor, it may have to be found first.
struct first_touches {
    double bytes_per_second = 0;
    double longest = 0; ///< seconds
};
[[nodiscard]] inline first_touches touch_new_memory(std::size_t size, bool huge) {
    constexpr std::size_t large_page = std::size_t{1} << 21;
    const std::size_t step = huge ? large_page : std::size_t{1} << 12;
    void* const at = mmap(nullptr, size + large_page, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc{};
    static_cast<void>(madvise(at, size + large_page, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
    auto* const bytes = static_cast<volatile char*>(at) +
                        (large_page - reinterpret_cast<std::uintptr_t>(at) % large_page);
    first_touches took;
    const auto start = clock::now();
    auto last = start;
    for (std::size_t i = 0; i < size; i += step) {
        bytes[i] = 1;
        const auto now = clock::now();
        took.longest = std::max(took.longest, std::chrono::duration<double>(now - last).count());
        last = now;
    }
    took.bytes_per_second = static_cast<double>(size) / seconds_since(start);
    munmap(at, size + large_page);
    return took;
}

/// Nanoseconds of asking what time it is.
[[nodiscard]] inline double clock_reading(std::size_t readings) {
    const auto start = clock::now();
    for (std::size_t i = 0; i < readings; ++i) use(clock::now().time_since_epoch().count());
    return seconds_since(start) * 1e9 / static_cast<double>(readings);
}

} // namespace bench
