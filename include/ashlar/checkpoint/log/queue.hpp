// SPDX-License-Identifier: BSL-1.0
/// @file Defines log_queue: records that wait to be written.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/bytes.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/fault_point.hpp>
#include <ashlar/result.hpp>

#include <cstring>
#include <utility>

namespace ashlar::inline v0_1::log_parts {

/// Two buffers of one size: one is filled while the other is written, at once or part by part.
/// Room is reserved without a lock; what has been reserved never makes a buffer grow. The rest is
/// guarded by the log's mutex, but for what is being written, which is the writer's.
template <concurrency_policy Concurrency>
class log_queue {
  public:
    /// False when there is no room, or the queue is shut.
    [[nodiscard]] bool try_reserve(std::size_t size) noexcept {
        std::uint64_t used = used_.load_relaxed();
        while (used + size <= limit_.load_relaxed())
            if (used_.compare_exchange_strong(used, used + size)) return true;
        return false;
    }
    void release(std::size_t size) noexcept {
        if (size != 0) used_.fetch_sub(size);
    }
    /// REQUIRES: so much was reserved.
    [[nodiscard]] std::byte* extend(std::size_t size) noexcept { return filling_.extend(size); }
    [[nodiscard]] std::size_t size() const noexcept { return filling_.size(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    /// Whether who does not wait for a sync should write a part when so many bytes are unwritten.
    [[nodiscard]] bool is_long(std::uint64_t unwritten) const noexcept {
        return unwritten > (capacity_ / 2 < without_pause ? capacity_ / 2 : without_pause);
    }

    /// A queue is shut from the beginning.
    void open() noexcept { limit_.store(capacity_); }
    void shut() noexcept { limit_.store(0); }

    /// What is in the queue becomes what is being written; `tail` zeros stand behind it.
    void swap() noexcept {
        std::swap(filling_, writing_);
        end_with_zeros();
        release(writing_.size());
    }
    /// What is left of it.
    [[nodiscard]] bytes_view writing() const noexcept { return writing_.view().skip(done_); }
    /// As much of that as is written without a pause that shows. (A client that wrote 4 MiB was
    /// away for 1 to 6 ms.)
    [[nodiscard]] bytes_view part() const noexcept {
        const bytes_view left = writing();
        return left.size() > without_pause ? left.first(without_pause) : left;
    }
    void written(std::size_t size) noexcept {
        done_ += size;
        if (done_ == writing_.size()) written();
    }
    void written() noexcept { writing_.clear(), done_ = 0; }
    /// Zeros where it stood, for the writer, until written() is called again.
    [[nodiscard]] bytes_view blank() noexcept {
        const std::size_t size = capacity_ < most_blank ? capacity_ : most_blank;
        writing_.clear();
        std::memset(writing_.extend(size), 0, size);
        return writing_.view();
    }

    /// Room for `size` bytes in both, whatever is in them. REQUIRES: nothing is being written.
    template <class Environment>
    [[nodiscard]] result<void> enlarge(const Environment& environment, std::size_t size) noexcept {
        if (size <= capacity_) return {};
        if (const auto on = reach<fault_point::queue_memory>(environment); !on) return on;
        for (byte_buffer* half : {&filling_, &writing_}) {
            if (half->capacity() >= size + tail) continue;
            const std::size_t held = half->size();
            if (half->extend(size + tail - held) == nullptr) return errc::out_of_memory;
            half->truncate(held);
        }
        end_with_zeros();
        capacity_ = size;
        if (limit_.load() != 0) open();
        return {};
    }

  private:
    using counter = typename Concurrency::template atomic<std::uint64_t>;
    static constexpr std::size_t without_pause = std::size_t{512} << 10;
    static constexpr std::size_t tail = 4096; // a page
    static constexpr std::size_t most_blank = std::size_t{64} << 10;

    void end_with_zeros() noexcept {
        if (writing_.data() != nullptr) std::memset(writing_.data() + writing_.size(), 0, tail);
    }

    byte_buffer filling_;
    byte_buffer writing_;
    std::size_t done_ = 0;     ///< so much of writing_ was written
    std::size_t capacity_ = 0; ///< of each
    counter used_{0};          ///< what is in filling_ and what is reserved
    counter limit_{0};         ///< the capacity, or 0
};

} // namespace ashlar::inline v0_1::log_parts
