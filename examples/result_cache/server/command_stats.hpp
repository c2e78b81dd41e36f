// SPDX-License-Identifier: BSL-1.0
/// @file Defines command_stats: how often each command ran, how long it took, how it ended.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace cache {

/// Counts by command, the place in the table being its number. Each thread writes to cells of its
/// own, without a locked instruction; who reads adds them up. Thread-safe.
class command_stats {
  public:
    static constexpr std::size_t most_commands = 256;
    /// Calls that took less than 2^i microseconds, each counted once; the last takes the rest.
    static constexpr std::size_t buckets = 24;
    using histogram = std::array<std::uint64_t, buckets>;

    struct totals {
        std::uint64_t calls = 0;
        std::uint64_t nanoseconds = 0;
        std::uint64_t failed = 0;   ///< ran, and answered an error
        std::uint64_t rejected = 0; ///< did not run
        totals& operator+=(const totals& other) noexcept {
            calls += other.calls;
            nanoseconds += other.nanoseconds;
            failed += other.failed;
            rejected += other.rejected;
            return *this;
        }
    };

    /// `calls` times, each of which took so long; `failed` of them answered an error.
    void ran(std::size_t command, std::uint64_t nanoseconds, std::uint64_t calls,
             std::uint64_t failed) {
        block& own = mine();
        cell& c = own.cells[command];
        add(c.calls, calls);
        add(c.nanoseconds, nanoseconds * calls);
        if (failed != 0) add(c.failed, failed);
        const auto bucket = static_cast<std::size_t>(std::bit_width(nanoseconds / 1000));
        add(own.times[bucket < buckets ? bucket : buckets - 1], calls);
    }
    void rejected(std::size_t command) { add(mine().cells[command].rejected, 1); }

    /// Since the beginning.
    [[nodiscard]] totals of(std::size_t command) const {
        const std::lock_guard lock{mutex_};
        return sum(command);
    }
    /// Since the last reset.
    [[nodiscard]] totals recent(std::size_t command) const {
        const std::lock_guard lock{mutex_};
        totals t = sum(command);
        const totals& b = base_[command];
        return {t.calls - b.calls, t.nanoseconds - b.nanoseconds, t.failed - b.failed,
                t.rejected - b.rejected};
    }
    [[nodiscard]] histogram times() const {
        const std::lock_guard lock{mutex_};
        histogram all{};
        for (const auto& one : blocks_)
            for (std::size_t i = 0; i < buckets; ++i) all[i] += one->times[i].load(relaxed);
        return all;
    }
    void reset() {
        const std::lock_guard lock{mutex_};
        for (std::size_t i = 0; i < most_commands; ++i) base_[i] = sum(i);
    }

  private:
    static constexpr auto relaxed = std::memory_order_relaxed;
    using number = std::atomic<std::uint64_t>;
    struct cell {
        number calls{0}, nanoseconds{0}, failed{0}, rejected{0};
    };
    struct block {
        std::array<cell, most_commands> cells;
        std::array<number, buckets> times{};
    };

    /// Only the cell's own thread writes, so a load and a store are enough.
    static void add(number& to, std::uint64_t count) noexcept {
        to.store(to.load(relaxed) + count, relaxed);
    }
    [[nodiscard]] block& mine() {
        thread_local block* own = nullptr;
        thread_local const command_stats* of = nullptr;
        if (of != this) {
            const std::lock_guard lock{mutex_};
            own = blocks_.emplace_back(std::make_unique<block>()).get();
            of = this;
        }
        return *own;
    }
    [[nodiscard]] totals sum(std::size_t command) const {
        totals all;
        for (const auto& one : blocks_) {
            const cell& c = one->cells[command];
            all += {c.calls.load(relaxed), c.nanoseconds.load(relaxed), c.failed.load(relaxed),
                    c.rejected.load(relaxed)};
        }
        return all;
    }

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<block>> blocks_;
    std::array<totals, most_commands> base_{};
};

} // namespace cache
