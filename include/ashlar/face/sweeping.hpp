// SPDX-License-Identifier: BSL-1.0
/// @file Defines where a store's housekeeping stands: between calls, and between threads.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/face/encoded.hpp>

namespace ashlar::inline v0_1::face {

/// The place of the sweep that goes round the store, and the time of the next one.
template <class Position, class Concurrency>
class sweep_state {
  public:
    constexpr sweep_state() noexcept = default;
    sweep_state(sweep_state&& other) noexcept : at_{std::move(other.at_)} {}
    sweep_state& operator=(sweep_state&& other) noexcept {
        at_ = std::move(other.at_);
        return *this;
    }

    /// f(Position&) unless another thread is in it; answers `otherwise` then.
    template <class F, class Answer>
    Answer unless_busy(F&& f, Answer otherwise) {
        if (!mutex_.try_lock()) return otherwise;
        Answer done = f(at_);
        mutex_.unlock();
        return done;
    }
    /// Whether it is time; then it is the caller's turn, and nobody else's for `interval`.
    [[nodiscard]] bool is_due(std::uint64_t now, std::uint64_t interval) noexcept {
        std::uint64_t next = next_.load_relaxed();
        return now >= next && next_.compare_exchange_strong(next, now + interval);
    }
    void due_at(std::uint64_t time) noexcept { next_.store_relaxed(time); }

  private:
    typename Concurrency::mutex mutex_;
    Position at_{};
    typename Concurrency::template atomic<std::uint64_t> next_{0};
};

struct no_sweep_state {};

/// Submits a batch of (absent, erase) pairs at the top of a stack; a row that came back meanwhile
/// is left out and the rest tried again. Answers how many rows it erased.
template <class Stack>
[[nodiscard]] result<std::size_t> submit_sweep(Stack& stack, write_batch& batch) {
    for (int attempt = 0; attempt < 4; ++attempt) {
        const std::size_t count = batch.operation_count();
        if (count == 0) return std::size_t{0};
        const auto done = stack.apply(batch);
        if (done) return count;
        if (done.error() != errc::conflict) return done.error();
        write_batch rest;
        for (const operation op : batch.operations()) {
            const auto there = stack.read(op.key, [](bytes_view) noexcept {});
            if (!there) return there.error();
            if (!*there) rest.absent(op.key).erase(op.key);
        }
        if (!rest.status()) return rest.status().error();
        batch = std::move(rest);
    }
    return std::size_t{0}; // rows come back as fast as they go: left to the next round
}

} // namespace ashlar::inline v0_1::face
