// SPDX-License-Identifier: BSL-1.0
/// @file Defines what flash_log writes: headers of sectors and records, and how a bit is repaired.
#pragma once

#include <ashlar/format/crc32c.hpp>

namespace ashlar::inline v0_1::flash {

// docs/formats.md has these as byte tables; never change them within a version of the format.
/// Granules of so many bytes and more have format 2, whose records have voids instead of marks.
inline constexpr std::uint32_t wide_granule = 16;
[[nodiscard]] constexpr std::uint8_t format_version(std::uint32_t granule) noexcept {
    return granule < wide_granule ? 1 : 2;
}
inline constexpr std::uint32_t format_size = 16; ///< of what a sector header says of the format
inline constexpr std::uint32_t sector_header_size = 24;
inline constexpr std::uint32_t record_header_size = 8;
inline constexpr std::uint32_t checksum_size = 4;

/// What the CRC-32C of any bytes and of their CRC-32C behind them is (RFC 3720 appendix B.4,
/// complemented).
inline constexpr std::uint32_t checksum_residue = 0x48674BC7;

/// Bits 20 to 23 of a record header's first word.
enum record_flags : std::uint32_t {
    continued = 1U << 20, ///< not the first record of its batch
    more = 2U << 20,      ///< not the last record of its batch
    tombstone = 4U << 20, ///< the key is erased; there is no value
    suspect = 8U << 20,   ///< something newer was damaged

    /// All of them, on no record: a void. Its tag is how many granules before it mean nothing.
    void_flags = 15U << 20,
};

/// CRC-32C as format/crc32c.hpp has it; bit by bit where there is no instruction for it, because
/// flash is slow and a table is a fifth of the code.
[[nodiscard, gnu::noinline]] inline std::uint32_t sum_of(const std::byte* bytes, std::uint32_t n,
                                                         std::uint32_t before) noexcept {
#if defined(__x86_64__)
    return crc32c({bytes, n}, before);
#else
    std::uint32_t crc = ~before;
    for (; n != 0; --n) {
        crc ^= static_cast<std::uint32_t>(*bytes++);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((0U - (crc & 1)) & 0x82F63B78);
    }
    return ~crc;
#endif
}

/// Which one of the `bits` bits of a checksummed text was flipped, when what should be
/// checksum_residue is `sum`; no_bit when it can't have been a single one. Takes a step of the CRC
/// per bit: what a flip changes, shifted on from the end. Two flips are never taken for one up to
/// 2^31 bits (Koopman 2002: CRC-32C has a Hamming distance of 4 there).
inline constexpr std::uint32_t no_bit = 0xFFFFFFFF;
[[nodiscard]] inline std::uint32_t flipped_bit(std::uint32_t sum, std::uint32_t bits) noexcept {
    std::uint32_t change = 0x82F63B78;
    while (bits-- != 0) {
        if (change == (sum ^ checksum_residue)) return bits;
        change = change >> 1 ^ ((0U - (change & 1)) & 0x82F63B78);
    }
    return no_bit;
}

/// What a record's header tells of its key, in 20 bits: the size in 8, then 12 of a hash.
inline constexpr std::uint32_t tag_bits = 0xFFFFF;
[[nodiscard, gnu::noinline]] inline std::uint32_t key_tag(const std::byte* key,
                                                          std::uint32_t size) noexcept {
    return size | (sum_of(key, size, 0) & 0xFFF) << 8;
}

/// Writes the 24 bits of checksum behind the first 5 bytes of a header.
[[gnu::noinline]] inline void seal(std::byte* header, std::uint32_t seed) noexcept {
    const std::uint32_t sum = sum_of(header, 5, seed);
    header[5] = static_cast<std::byte>(sum >> 8);
    store_little(header + 6, static_cast<std::uint16_t>(sum >> 16));
}

/// Holds a header to the 24 bits of checksum at its end and puts right one flipped bit, which it
/// finds by trying each; false when it is broken beyond that. REQUIRES: 9 bytes, of which the
/// last has no meaning.
[[nodiscard, gnu::noinline]] inline bool repair(std::byte* header, std::uint32_t seed) noexcept {
    int bit = 8 * record_header_size; // behind the header: flips nothing of it
    for (; bit >= 0; --bit) {
        std::byte& at = header[bit / 8];
        const auto flip = static_cast<std::byte>(1 << bit % 8);
        at ^= flip;
        const std::uint32_t sum = sum_of(header, 5, seed);
        if ((sum ^ load_little<std::uint32_t>(header + 4)) < 256) break;
        at ^= flip;
    }
    return bit >= 0;
}

} // namespace ashlar::inline v0_1::flash
