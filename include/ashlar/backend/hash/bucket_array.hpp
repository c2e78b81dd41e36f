// SPDX-License-Identifier: BSL-1.0
/// @file Defines an array of buckets that grows without moving one.
#pragma once

#include <ashlar/backend/hash/bucket.hpp>

namespace ashlar::inline v0_1::hash {

/// How an environment is told that large pages would serve; null for one that has none.
using page_advice = void (*)(void* at, std::size_t size) noexcept;

/// Owns buckets in segments of 4, 4, 8, 16, ...: growing allocates one more segment, touches none
/// of its pages (so that even a large one costs microseconds), and leaves every address as it was.
/// Nothing is given back before destruction: readers without a lock may still look.
/// Not thread-safe but for at(i) of a bucket whose existence was published to the reader.
class bucket_array {
  public:
    static constexpr std::uint32_t max_size = std::uint32_t{1} << 30;

    constexpr bucket_array() noexcept = default;
    constexpr explicit bucket_array(page_advice advise) noexcept : advise_{advise} {}
    bucket_array(bucket_array&& other) noexcept { swap(other); }
    bucket_array& operator=(bucket_array&& other) noexcept {
        bucket_array taken{std::move(other)};
        swap(taken);
        return *this;
    }
    bucket_array(const bucket_array&) = delete;
    bucket_array& operator=(const bucket_array&) = delete;
    ~bucket_array() {
        for (std::uint32_t i = 0; i < segments_; ++i)
            ::operator delete(reinterpret_cast<void*>(origin_[i] + before(i) * bytes_),
                              i < first_large_ ? lines : large_page);
    }

    /// REQUIRES: i < size(), and the same `bytes` (of one bucket) in all calls.
    [[nodiscard]] bucket* at(std::uint32_t i, std::size_t bytes) const noexcept {
        const std::uint32_t top = 31U - static_cast<std::uint32_t>(__builtin_clz(i | 3U));
        return reinterpret_cast<bucket*>(origin_[top - 1] + i * bytes);
    }
    [[nodiscard]] std::uint32_t size() const noexcept {
        return segments_ == 0 ? 0 : std::uint32_t{2} << segments_;
    }

    /// Makes room for one more segment of uninitialised buckets; false when there is none.
    [[nodiscard]] bool grow(std::size_t bytes) noexcept {
        if (segments_ == max_segments) return false;
        const std::size_t count = segments_ == 0 ? 4 : size(); // doubles the array
        if (count > static_cast<std::size_t>(-1) / 2 / bytes) return false;
        const std::size_t size = count * bytes;
        const bool large = advise_ != nullptr && size >= static_cast<std::size_t>(large_page);
        void* memory = ::operator new(size, large ? large_page : lines, std::nothrow);
        if (memory == nullptr) return false;
        if (large) advise_(memory, size);
        if (large && first_large_ > segments_) first_large_ = segments_; // later ones are longer
        bytes_ = bytes;
        origin_[segments_] = reinterpret_cast<std::uintptr_t>(memory) - before(segments_) * bytes;
        ++segments_;
        return true;
    }

  private:
    static constexpr std::uint32_t max_segments = 29;
    static constexpr std::align_val_t lines{128}; // a cache line and the one fetched beside it
    static constexpr std::align_val_t large_page{std::size_t{1} << 21};

    /// The index of a segment's first bucket.
    [[nodiscard]] static std::size_t before(std::uint32_t segment) noexcept {
        return segment == 0 ? 0 : std::size_t{2} << segment;
    }
    void swap(bucket_array& other) noexcept {
        for (std::uint32_t i = 0; i < max_segments; ++i) {
            std::swap(origin_[i], other.origin_[i]);
        }
        std::swap(bytes_, other.bytes_);
        std::swap(segments_, other.segments_);
        std::swap(first_large_, other.first_large_);
        std::swap(advise_, other.advise_);
    }

    std::uintptr_t origin_[max_segments]{}; ///< of each segment: where bucket 0 would stand
    std::size_t bytes_ = 0;
    std::uint32_t segments_ = 0;
    std::uint32_t first_large_ = max_segments;
    page_advice advise_ = nullptr;
};

} // namespace ashlar::inline v0_1::hash
