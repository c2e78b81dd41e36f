// SPDX-License-Identifier: BSL-1.0
/// @file Defines the bucket of the hash tables: seven slots behind a head of sixteen bytes.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::hash {

/// How table words are read and written. With threads a reader may look while a writer writes: it
/// checks the bucket's version afterwards and throws away what it saw. Acquiring every word keeps
/// the second look at the version behind the words, releasing every word keeps them behind the
/// first change of the version; so no fence is needed (the thread sanitizer knows none), and on
/// x86 these are plain moves. Without threads they are plain variables.
template <bool Threads>
struct word {
    template <class T>
    [[nodiscard]] static T load(const T& from) noexcept {
        if constexpr (Threads) return __atomic_load_n(&from, __ATOMIC_ACQUIRE);
        else return from;
    }
    template <class T>
    static void store(T& to, T value) noexcept {
        if constexpr (Threads) __atomic_store_n(&to, value, __ATOMIC_RELEASE);
        else to = value;
    }

    /// Writes bytes over whole words; what is left of the last one becomes zero with threads and
    /// stays as it was without.
    static void store_bytes(std::uint64_t* to, bytes_view bytes) noexcept {
        if constexpr (Threads) {
            for (; bytes.size() >= 8; bytes = bytes.skip(8), ++to) store(*to, part(bytes.first(8)));
            if (!bytes.empty()) store(*to, part(bytes));
        } else {
            copy_bytes(reinterpret_cast<std::byte*>(to), bytes);
        }
    }
    static void load_words(std::uint64_t* to, const std::uint64_t* from, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; ++i) to[i] = load(from[i]);
    }

  private:
    [[nodiscard]] static std::uint64_t part(bytes_view bytes) noexcept {
        std::uint64_t value = 0;
        copy_bytes(reinterpret_cast<std::byte*>(&value), bytes);
        return value;
    }
};

/// What a bucket begins with; its slots follow, each a key and a row in whole words.
struct bucket {
    static constexpr std::uint32_t slots = 7;

    std::uint64_t tags;    ///< byte i belongs to slot i: 0 for an empty one, else part of the hash
    std::uint32_t version; ///< odd while a writer is at this bucket or at one chained to it
    std::uint32_t next;    ///< 1 + index of the overflow bucket chained to it, 0 for none

    [[nodiscard]] std::uint64_t* slot(std::uint32_t i, std::uint32_t stride) noexcept {
        return reinterpret_cast<std::uint64_t*>(this + 1) + std::size_t{i} * stride;
    }
    [[nodiscard]] const std::uint64_t* slot(std::uint32_t i, std::uint32_t stride) const noexcept {
        return reinterpret_cast<const std::uint64_t*>(this + 1) + std::size_t{i} * stride;
    }
    [[nodiscard]] static constexpr std::size_t size(std::uint32_t stride) noexcept {
        return sizeof(bucket) + std::size_t{slots} * stride * 8;
    }
};
static_assert(sizeof(bucket) == 16);

/// A set of slots: bit 8i+7 stands for slot i.
struct slot_set {
    std::uint64_t bits;

    [[nodiscard]] constexpr bool empty() const noexcept { return bits == 0; }
    [[nodiscard]] std::uint32_t first() const noexcept {
        return static_cast<std::uint32_t>(__builtin_ctzll(bits)) / 8;
    }
    constexpr void drop_first() noexcept { bits &= bits - 1; }
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(__builtin_popcountll(bits));
    }
};

inline constexpr std::uint64_t lowest_bits = 0x0101'0101'0101'0101U;
inline constexpr std::uint64_t top_bits = 0x8080'8080'8080'8080U;
inline constexpr std::uint64_t seven_tops = top_bits >> 8; // there is no eighth slot

/// The tag of a hash in all bytes of a word: seven bits that neither the shard (the uppermost
/// bits) nor the bucket (the lowest) is chosen by, and the top bit, for a slot in use is never 0.
[[nodiscard]] constexpr std::uint64_t tag_word(std::uint64_t hash) noexcept {
    return (((hash >> 44) & 0xFFU) | 0x80U) * lowest_bits;
}
[[nodiscard]] constexpr slot_set used_slots(std::uint64_t tags) noexcept {
    return {tags & top_bits};
}
[[nodiscard]] constexpr slot_set empty_slots(std::uint64_t tags) noexcept {
    return {~tags & seven_tops};
}
/// The slots with that tag. Rarely one more, behind one that has it and whose own tag differs in
/// the lowest bit alone, so it is in use too: its key will not match. Never an empty slot, whose
/// stale key might.
[[nodiscard]] constexpr slot_set tagged_slots(std::uint64_t tags, std::uint64_t tag) noexcept {
    const std::uint64_t differs = tags ^ tag;
    return {(differs - lowest_bits) & ~differs & top_bits};
}
[[nodiscard]] constexpr std::uint64_t with_tag(std::uint64_t tags, std::uint32_t slot,
                                               std::uint64_t tag) noexcept {
    const std::uint64_t byte = std::uint64_t{0xFF} << (8 * slot);
    return (tags & ~byte) | (tag & byte);
}

} // namespace ashlar::inline v0_1::hash
