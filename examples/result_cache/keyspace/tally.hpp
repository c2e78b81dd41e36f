// SPDX-License-Identifier: BSL-1.0
/// @file Defines tally, a count that many threads add to.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cache {

/// Each thread adds to a cache line of its own, as long as there are enough; who reads adds them
/// up. Thread-safe.
class tally {
  public:
    void operator++() noexcept { *this += 1; }
    void operator+=(std::uint64_t count) noexcept {
        if (count != 0) cells_[mine()].count.fetch_add(count, relaxed);
    }
    [[nodiscard]] std::uint64_t load() const noexcept {
        std::uint64_t sum = 0;
        for (const cell& one : cells_) sum += one.count.load(relaxed);
        return sum;
    }
    /// What is added meanwhile may be lost or kept.
    void reset() noexcept {
        for (cell& one : cells_) one.count.store(0, relaxed);
    }

  private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    struct alignas(64) cell {
        std::atomic<std::uint64_t> count{0};
    };
    static constexpr std::size_t size = 16;

    [[nodiscard]] static std::size_t mine() noexcept {
        static std::atomic<std::size_t> threads{0};
        thread_local const std::size_t place = threads.fetch_add(1) % size;
        return place;
    }

    std::array<cell, size> cells_;
};

} // namespace cache
