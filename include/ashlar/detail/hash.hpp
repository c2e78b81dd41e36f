// SPDX-License-Identifier: BSL-1.0
/// @file Defines the seeded hash that places keys in memory. Never persisted, free to change.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::detail {

/// The high and low halves of the 128-bit product, folded into one word: every bit of the result
/// depends on every bit of both factors.
[[nodiscard]] constexpr std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) noexcept {
#ifdef __SIZEOF_INT128__
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
    const std::uint64_t low = 0xFFFF'FFFFU;
    const std::uint64_t ll = (a & low) * (b & low);
    const std::uint64_t hl = (a >> 32) * (b & low);
    const std::uint64_t lh = (a & low) * (b >> 32);
    const std::uint64_t middle = (ll >> 32) + (hl & low) + lh;
    const std::uint64_t high = (a >> 32) * (b >> 32) + (hl >> 32) + (middle >> 32);
    return high ^ ((middle << 32) | (ll & low));
#endif
}

/// What makes one engine's hash differ from another's: who does not know it can't choose keys that
/// collide. `b` is odd, so that multiplying by it loses nothing.
struct hash_seed {
    std::uint64_t a = 0x9E37'79B9'7F4A'7C15U; // the golden ratio's fraction: a stand-in without
    std::uint64_t b = 0xD1B5'4A32'D192'ED03U; // random bits, and one more without a pattern

    /// Spreads one random word over both halves.
    [[nodiscard]] static constexpr hash_seed from(std::uint64_t random) noexcept {
        const hash_seed plain;
        const std::uint64_t a = fold_product(random ^ plain.a, plain.b);
        return {a, fold_product(a + plain.a, random ^ plain.b) | 1U};
    }
};

/// One multiplication. Its quality is what test/unit/backend/hash_map.cpp measures: buckets stay
/// balanced for sequential keys and for keys that share their low or high bits.
[[nodiscard]] constexpr std::uint64_t hash_word(std::uint64_t word, hash_seed seed) noexcept {
    return fold_product(word ^ seed.a, seed.b);
}

/// Complexity: one multiplication per 16 bytes and two at the end.
[[nodiscard]] inline std::uint64_t hash_bytes(bytes_view bytes, hash_seed seed) noexcept {
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t state = seed.a;
    for (; left > 16; at += 16, left -= 16)
        state = fold_product(load_little<std::uint64_t>(at) ^ seed.b,
                             load_little<std::uint64_t>(at + 8) ^ state);
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (left >= 8) { // the two loads overlap when fewer than 16 are left
        first = load_little<std::uint64_t>(at);
        last = load_little<std::uint64_t>(at + left - 8);
    } else if (left >= 4) {
        first = load_little<std::uint32_t>(at);
        last = load_little<std::uint32_t>(at + left - 4);
    } else if (left > 0) {
        first = (std::to_integer<std::uint64_t>(at[0]) << 16) |
                (std::to_integer<std::uint64_t>(at[left / 2]) << 8) |
                std::to_integer<std::uint64_t>(at[left - 1]);
    }
    state = fold_product(first ^ seed.b, last ^ state);
    return fold_product(state ^ seed.a, seed.b ^ bytes.size());
}

} // namespace ashlar::inline v0_1::detail
