// SPDX-License-Identifier: BSL-1.0
/// @file Defines an array of buckets that grows without moving one.
#pragma once

#include <ashlar/backend/hash/bucket.hpp>

namespace ashlar::inline v0_1::hash {

/// Owns buckets in segments of 4, 4, 8, 16, ...: growing allocates one more segment, touches none
/// of its pages (so that even a large one costs microseconds), and leaves every address as it was.
/// Nothing is given back before destruction: readers without a lock may still look.
/// Not thread-safe but for at(i) of a bucket whose existence was published to the reader.
class bucket_array {
  public:
    static constexpr std::uint32_t max_size = std::uint32_t{1} << 30;

    constexpr bucket_array() noexcept = default;
    bucket_array(bucket_array&& other) noexcept { swap(other); }
    bucket_array& operator=(bucket_array&& other) noexcept {
        bucket_array taken{std::move(other)};
        swap(taken);
        return *this;
    }
    bucket_array(const bucket_array&) = delete;
    bucket_array& operator=(const bucket_array&) = delete;
    ~bucket_array() {
        for (std::uint32_t i = 0; i < segments_; ++i) ::operator delete(segment_[i], alignment);
    }

    /// REQUIRES: i < size(), and the same `bytes` (of one bucket) in all calls.
    [[nodiscard]] bucket* at(std::uint32_t i, std::size_t bytes) const noexcept {
        // Indices 0 to 3 stand in the first segment in the order 2 3 0 1: no branch for them.
        const std::uint32_t top = 31U - static_cast<std::uint32_t>(__builtin_clz(i | 3U));
        const std::size_t offset = i ^ (std::uint32_t{1} << top);
        return reinterpret_cast<bucket*>(segment_[top - 1] + offset * bytes);
    }

    [[nodiscard]] std::uint32_t size() const noexcept {
        return segments_ == 0 ? 0 : std::uint32_t{2} << segments_;
    }

    /// Makes room for one more segment of uninitialised buckets; false when there is none.
    [[nodiscard]] bool grow(std::size_t bytes) noexcept {
        if (segments_ == max_segments) return false;
        const std::size_t count = segments_ == 0 ? 4 : size(); // doubles the array
        if (count > static_cast<std::size_t>(-1) / 2 / bytes) return false;
        void* memory = ::operator new(count * bytes, alignment, std::nothrow);
        if (memory == nullptr) return false;
        segment_[segments_] = static_cast<std::byte*>(memory);
        ++segments_;
        return true;
    }

  private:
    static constexpr std::uint32_t max_segments = 29;
    static constexpr std::align_val_t alignment{64}; // a cache line

    void swap(bucket_array& other) noexcept {
        for (std::uint32_t i = 0; i < max_segments; ++i) std::swap(segment_[i], other.segment_[i]);
        std::swap(segments_, other.segments_);
    }

    std::byte* segment_[max_segments]{};
    std::uint32_t segments_ = 0;
};

} // namespace ashlar::inline v0_1::hash
