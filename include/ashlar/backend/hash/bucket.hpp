// SPDX-License-Identifier: BSL-1.0
/// @file Defines the bucket of the hash tables: a few slots behind a head of sixteen bytes.
#pragma once

#include <ashlar/concurrency/seqlock_word.hpp>

namespace ashlar::inline v0_1::hash {

/// How slots, tags and links are read and written.
template <bool Threads>
using word = seqlock_word<Threads>;

inline constexpr std::uint64_t lowest_bits = 0x0101'0101'0101'0101U;

/// A set of slots: bit 8i+7 stands for slot i.
struct slot_set {
    std::uint64_t bits;

    [[nodiscard]] constexpr bool empty() const noexcept { return bits == 0; }
    [[nodiscard]] std::uint32_t first() const noexcept {
        return static_cast<std::uint32_t>(__builtin_ctzll(bits)) / 8;
    }
    /// first() * 8, which is less to compute. REQUIRES: !empty().
    [[nodiscard]] std::size_t first_by_eight() const noexcept {
        return static_cast<std::uint32_t>(__builtin_ctzll(bits)) & 0x38U;
    }
    constexpr void drop_first() noexcept { bits &= bits - 1; }
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>((bits >> 7) * lowest_bits >> 56); // not all have popcnt
    }
};

/// What a bucket begins with; its slots follow, each a key and a row in whole words. How many there
/// are, seven or fewer, the kind of keys says.
struct bucket {
    std::uint64_t tags;    ///< byte i belongs to slot i: 0 for an empty one, else part of the hash
    std::uint32_t version; ///< odd while a writer is at this bucket or at one chained to it
    std::uint32_t next;    ///< 1 + index of the overflow bucket chained to it, 0 for none

    [[nodiscard]] std::uint64_t* slot(std::uint32_t i, std::uint32_t stride) noexcept {
        return reinterpret_cast<std::uint64_t*>(this + 1) + std::size_t{i} * stride;
    }
    [[nodiscard]] const std::uint64_t* slot(std::uint32_t i, std::uint32_t stride) const noexcept {
        return reinterpret_cast<const std::uint64_t*>(this + 1) + std::size_t{i} * stride;
    }
    /// That of the first of some. REQUIRES: !some.empty().
    [[nodiscard]] const std::uint64_t* slot(slot_set some, std::uint32_t stride) const noexcept {
        const auto* slots = reinterpret_cast<const std::byte*>(this + 1);
        return reinterpret_cast<const std::uint64_t*>(slots + some.first_by_eight() * stride);
    }
    /// Whole cache lines where that costs at most a fifteenth.
    [[nodiscard]] static constexpr std::size_t size(std::uint32_t slots,
                                                    std::uint32_t stride) noexcept {
        const std::size_t bytes = sizeof(bucket) + std::size_t{slots} * stride * 8;
        const std::size_t lines = (bytes + 63) / 64 * 64;
        return lines - bytes <= bytes / 15 ? lines : bytes;
    }
};
static_assert(sizeof(bucket) == 16);

inline constexpr std::uint64_t top_bits = 0x8080'8080'8080'8080U;

/// The tag of a hash in all bytes of a word: seven bits that neither the shard (the uppermost
/// bits) nor the bucket (the lowest) is chosen by, and the top bit, for a slot in use is never 0.
[[nodiscard]] constexpr std::uint64_t tag_word(std::uint64_t hash) noexcept {
    return (((hash >> 44) & 0xFFU) | 0x80U) * lowest_bits;
}
[[nodiscard]] constexpr slot_set used_slots(std::uint64_t tags) noexcept {
    return {tags & top_bits};
}
template <std::uint32_t Slots>
[[nodiscard]] constexpr slot_set empty_slots(std::uint64_t tags) noexcept {
    static_assert(Slots >= 1 && Slots <= 7);
    return {~tags & (top_bits >> (64 - 8 * Slots))};
}
/// The slots with that tag; no empty one. As a vector of bytes: few instructions, for all that wait
/// for a bucket take a place that the reads behind them need.
[[nodiscard]] inline slot_set tagged_slots(std::uint64_t tags, std::uint64_t tag) noexcept {
    using bytes = std::uint8_t __attribute__((vector_size(8)));
    const auto same = __builtin_bit_cast(bytes, tags) == __builtin_bit_cast(bytes, tag);
    return {__builtin_bit_cast(std::uint64_t, same) & top_bits};
}
[[nodiscard]] constexpr std::uint64_t with_tag(std::uint64_t tags, std::uint32_t slot,
                                               std::uint64_t tag) noexcept {
    const std::uint64_t byte = std::uint64_t{0xFF} << (8 * slot);
    return (tags & ~byte) | (tag & byte);
}

} // namespace ashlar::inline v0_1::hash
