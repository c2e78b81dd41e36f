// SPDX-License-Identifier: BSL-1.0
/// @file Defines arrays of buckets that grow without moving one, for a table or for many.
#pragma once

#include <ashlar/backend/hash/bucket.hpp>
#include <ashlar/slab/regions.hpp>

namespace ashlar::inline v0_1::hash {

using slab::page_advice;

inline constexpr std::uint32_t max_buckets = std::uint32_t{1} << 30; ///< of one table
inline constexpr std::uint32_t max_segments = 29;

/// Owns the buckets of several tables ("stripes"), side by side: behind bucket i of one stands
/// bucket i of the next. They grow in step, for keys are spread evenly; so even tables that are
/// small for themselves rest together in large pages, and one short list leads to all of them.
///
/// Segments hold 4, 4, 8, 16, ... buckets of each stripe: one more is one allocation, none of whose
/// pages is touched (so that even a large one costs microseconds), and every address stays as it
/// was. Nothing is given back before destruction: readers without a lock may still look.
/// With Threads any thread may add segments, and use those that were published to it.
template <bool Threads>
class bucket_array {
    using words = word<Threads>;

  public:
    constexpr bucket_array() noexcept = default;
    /// Allocates nothing. Buckets are `bytes` long.
    constexpr bucket_array(std::size_t bytes, std::uint32_t stripes, page_advice advise) noexcept
        : row_{bytes * stripes}, advise_{advise} {}
    bucket_array(bucket_array&& other) noexcept { swap(other); }
    bucket_array& operator=(bucket_array&& other) noexcept {
        bucket_array taken{std::move(other)};
        swap(taken);
        return *this;
    }
    bucket_array(const bucket_array&) = delete;
    bucket_array& operator=(const bucket_array&) = delete;
    ~bucket_array() {
        for (std::uint32_t k = 0; k < max_segments; ++k)
            if (origin_[k] != 0)
                ::operator delete(reinterpret_cast<void*>(origin_[k] + before(k) * row_),
                                  alignment(k));
    }

    /// From one bucket of a stripe to its next.
    [[nodiscard]] std::size_t row() const noexcept { return row_; }
    /// Where the first stripe's bucket 0 would stand, were the segment an array from there on.
    [[nodiscard]] std::uintptr_t origin(std::uint32_t segment) const noexcept {
        return words::load(origin_[segment]);
    }
    [[nodiscard]] std::size_t memory_used() const noexcept {
        std::size_t sum = 0;
        for (std::uint32_t k = 0; k < max_segments; ++k)
            if (origin(k) != 0) sum += count(k) * row_;
        return sum;
    }

    /// Makes sure that a segment is there, of uninitialised buckets; false without memory.
    [[nodiscard]] bool provide(std::uint32_t segment) noexcept {
        if (segment >= max_segments) return false;
        if (origin(segment) != 0) return true;
        if (count(segment) > static_cast<std::size_t>(-1) / 4 / row_) return false;
        const std::size_t size = count(segment) * row_;
        void* memory = ::operator new(size, alignment(segment), std::nothrow);
        if (memory == nullptr) return false;
        const std::uintptr_t made =
            reinterpret_cast<std::uintptr_t>(memory) - before(segment) * row_;
        // 0 says that there is none; the one address in 2^64 that is no use counts as no memory.
        if (made == 0 || !publish(segment, made)) {
            ::operator delete(memory, alignment(segment));
            return made != 0;
        }
        if (is_large(segment)) advise_(memory, size);
        return true;
    }

  private:
    static constexpr std::align_val_t lines{128}; // a cache line and the one fetched beside it
    static constexpr std::align_val_t large_page{std::size_t{1} << 21};

    /// The index of a segment's first bucket, and how many it has of each stripe.
    [[nodiscard]] static std::size_t before(std::uint32_t segment) noexcept {
        return segment == 0 ? 0 : std::size_t{2} << segment;
    }
    [[nodiscard]] static std::size_t count(std::uint32_t segment) noexcept {
        return segment == 0 ? 4 : std::size_t{2} << segment;
    }
    [[nodiscard]] bool is_large(std::uint32_t segment) const noexcept {
        return advise_ != nullptr && count(segment) * row_ >= static_cast<std::size_t>(large_page);
    }
    [[nodiscard]] std::align_val_t alignment(std::uint32_t segment) const noexcept {
        return is_large(segment) ? large_page : lines;
    }
    /// False when another thread was first.
    [[nodiscard]] bool publish(std::uint32_t segment, std::uintptr_t made) noexcept {
        if constexpr (Threads) {
            std::uintptr_t none = 0;
            return __atomic_compare_exchange_n(&origin_[segment], &none, made, false,
                                               __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        } else {
            origin_[segment] = made;
            return true;
        }
    }
    void swap(bucket_array& other) noexcept {
        for (std::uint32_t i = 0; i < max_segments; ++i) std::swap(origin_[i], other.origin_[i]);
        std::swap(row_, other.row_);
        std::swap(advise_, other.advise_);
    }

    std::uintptr_t origin_[max_segments]{};
    std::size_t row_ = 0;
    page_advice advise_ = nullptr;
};

/// The buckets of one table: a stripe of an array that tables share, or with one thread an array of
/// its own. Addressed by their number. Not thread-safe but for at(i) of a bucket whose existence
/// was published to the reader.
template <bool Threads>
class bucket_stripe {
    using array = bucket_array<Threads>;

  public:
    constexpr bucket_stripe() noexcept = default;
    /// An array of its own, of buckets of `bytes`.
    constexpr bucket_stripe(std::size_t bytes, page_advice advise) noexcept
        requires(!Threads)
        : in_{bytes, 1, advise} {}
    /// Stripe `number` of an array that outlives it, of buckets of `bytes`.
    bucket_stripe(array& in, std::uint32_t number, std::size_t bytes) noexcept
        requires Threads
        : in_{&in}, row_{in.row()}, offset_{number * bytes} {}

    [[nodiscard, gnu::always_inline]] bucket* at(std::uint32_t i) const noexcept {
        const std::uint32_t top = static_cast<std::uint32_t>(__builtin_clz(i | 3U)) ^ 31U;
        if constexpr (Threads)
            return reinterpret_cast<bucket*>(in_->origin(top - 1) + offset_ + i * row_);
        else return reinterpret_cast<bucket*>(in_.origin(top - 1) + i * in_.row());
    }
    [[nodiscard]] std::uint32_t size() const noexcept {
        return segments_ == 0 ? 0 : std::uint32_t{2} << segments_;
    }
    /// Makes room for one more segment of uninitialised buckets; false when there is none.
    [[nodiscard]] bool grow() noexcept {
        bool there = false;
        if constexpr (Threads) there = in_->provide(segments_);
        else there = in_.provide(segments_);
        if (there) ++segments_;
        return there;
    }
    /// Of an array of its own; one that is shared is counted by who owns it.
    [[nodiscard]] std::size_t memory_used() const noexcept {
        if constexpr (Threads) return 0;
        else return in_.memory_used();
    }
    void swap(bucket_stripe& other) noexcept {
        std::swap(in_, other.in_);
        if constexpr (Threads) {
            std::swap(row_, other.row_);
            std::swap(offset_, other.offset_);
        }
        std::swap(segments_, other.segments_);
    }

  private:
    struct nothing {};
    std::conditional_t<Threads, array*, array> in_{};
    [[no_unique_address]] std::conditional_t<Threads, std::size_t, nothing> row_{};
    [[no_unique_address]] std::conditional_t<Threads, std::size_t, nothing> offset_{};
    std::uint32_t segments_ = 0;
};

/// The buckets of many tables: those that hashes are routed to, and those chained to them.
struct bucket_arena {
    bucket_array<true> home, chains;

    /// Allocates nothing.
    void shape(std::size_t bytes, std::uint32_t stripes, page_advice advise) noexcept {
        home = {bytes, stripes, advise};
        chains = {bytes, stripes, advise};
    }
    [[nodiscard]] std::size_t memory_used() const noexcept {
        return home.memory_used() + chains.memory_used();
    }
};

/// Where a table's buckets come from, when tables share an arena.
struct arena_share {
    bucket_arena* of = nullptr;
    std::uint32_t number = 0; ///< of the stripe
};

} // namespace ashlar::inline v0_1::hash
