// SPDX-License-Identifier: BSL-1.0
/// @file Defines what counted counts, the cells that threads count in, and
/// counts_of, which asks a store.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/concurrency/thread_hint.hpp>
#include <ashlar/error.hpp>

namespace ashlar::inline v0_1 {

/// What is done with a store, in the order of the numbers in operation_counts.
enum class store_verb : std::uint8_t { read, put, erase, update, apply, scan, walk, sync };
inline constexpr std::size_t store_verbs = 8;
/// How it ended: `missing` is a key that was not there, `conflict` a check that failed, `refused` a
/// quota, `corrupt` bytes that are not what was written, `failed` any other error.
enum class verb_result : std::uint8_t { ok, missing, conflict, refused, corrupt, failed };
inline constexpr std::size_t verb_results = 6;

/// The bounds of the buckets of durations, in nanoseconds: each holds what took up to so long; one
/// more bucket takes what took longer. 1 us to 10 s, by half decades.
inline constexpr std::uint64_t duration_bounds[] = {
    1'000,       3'000,       10'000,        30'000,        100'000,
    300'000,     1'000'000,   3'000'000,     10'000'000,    30'000'000,
    100'000'000, 300'000'000, 1'000'000'000, 3'000'000'000, 10'000'000'000};
inline constexpr std::size_t duration_buckets =
    sizeof duration_bounds / sizeof duration_bounds[0] + 1;

/// Since the store was opened. Every number only grows.
struct operation_counts {
    std::uint64_t calls[store_verbs][verb_results]{};
    std::uint64_t bytes_read = 0;    ///< of rows that were shown
    std::uint64_t bytes_written = 0; ///< of keys and rows in writes that succeeded
    /// Of each verb's calls, one in so many is timed: see counted. Nothing without a clock.
    std::uint64_t durations[store_verbs][duration_buckets]{};
    std::uint64_t nanoseconds[store_verbs]{}; ///< the sum of the timed calls

    [[nodiscard]] std::uint64_t of(store_verb verb, verb_result result) const noexcept {
        return calls[static_cast<std::size_t>(verb)][static_cast<std::size_t>(result)];
    }
    [[nodiscard]] std::uint64_t of(store_verb verb) const noexcept {
        std::uint64_t all = 0;
        for (const std::uint64_t n : calls[static_cast<std::size_t>(verb)]) all += n;
        return all;
    }
};

namespace metrics_parts {

[[nodiscard]] constexpr verb_result result_of(errc code) noexcept {
    switch (code) {
    case errc::not_found: return verb_result::missing;
    case errc::conflict: return verb_result::conflict;
    case errc::quota_exhausted: return verb_result::refused;
    case errc::corrupt: return verb_result::corrupt;
    default: return verb_result::failed;
    }
}

/// Counts in one of several cells, chosen by thread_hint, so that threads seldom meet; a count is
/// one relaxed addition. Thread-safe. Not movable.
template <class Concurrency>
class tally {
    using number = typename Concurrency::template atomic<std::uint64_t>;
    static constexpr std::size_t cells = Concurrency::threads ? 16 : 1;

  public:
    class cell {
      public:
        void call(store_verb verb, verb_result result, std::uint64_t times = 1) noexcept {
            calls_[index(verb)][static_cast<std::size_t>(result)].fetch_add_relaxed(times);
        }
        void read(std::size_t bytes) noexcept { read_.fetch_add_relaxed(bytes); }
        void written(std::size_t bytes) noexcept { written_.fetch_add_relaxed(bytes); }
        void took(store_verb verb, std::uint64_t nanoseconds) noexcept {
            std::size_t bucket = 0;
            while (bucket + 1 < duration_buckets && nanoseconds > duration_bounds[bucket]) ++bucket;
            durations_[index(verb)][bucket].fetch_add_relaxed(1);
            nanoseconds_[index(verb)].fetch_add_relaxed(nanoseconds);
        }
        /// True once in `every` calls.
        [[nodiscard]] bool is_turn(std::uint64_t every) noexcept {
            return turns_.fetch_add_relaxed(1) % every == 0;
        }
        void add_to(operation_counts& all) const noexcept {
            for (std::size_t v = 0; v < store_verbs; ++v) {
                for (std::size_t r = 0; r < verb_results; ++r)
                    all.calls[v][r] += calls_[v][r].load_relaxed();
                for (std::size_t b = 0; b < duration_buckets; ++b)
                    all.durations[v][b] += durations_[v][b].load_relaxed();
                all.nanoseconds[v] += nanoseconds_[v].load_relaxed();
            }
            all.bytes_read += read_.load_relaxed();
            all.bytes_written += written_.load_relaxed();
        }

      private:
        [[nodiscard]] static std::size_t index(store_verb verb) noexcept {
            return static_cast<std::size_t>(verb);
        }
        number calls_[store_verbs][verb_results]{};
        number durations_[store_verbs][duration_buckets]{};
        number nanoseconds_[store_verbs]{};
        number read_{0}, written_{0}, turns_{0};
    };

    /// The caller's cell, which it probably has for itself.
    [[nodiscard]] cell& mine() noexcept { return cells_[thread_hint<Concurrency>(cells)].counts; }
    [[nodiscard]] operation_counts sum() const noexcept {
        operation_counts all;
        for (const auto& one : cells_) one.counts.add_to(all);
        return all;
    }

  private:
    struct alignas(Concurrency::threads ? 64 : alignof(cell)) place {
        cell counts;
    };
    place cells_[cells];
};

template <class Stack>
[[nodiscard]] const auto& counting_in(const Stack& stack) noexcept {
    if constexpr (requires { stack.counts(); }) return stack;
    else return counting_in(stack.below());
}

} // namespace metrics_parts

/// What was done with a store that is counted. Thread-safe.
template <class Store>
[[nodiscard]] operation_counts counts_of(const Store& store) noexcept {
    return metrics_parts::counting_in(store.stack()).counts();
}

} // namespace ashlar::inline v0_1
