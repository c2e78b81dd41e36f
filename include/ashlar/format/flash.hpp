// SPDX-License-Identifier: BSL-1.0
/// @file Defines what flash_log writes: headers of sectors and records, and how a bit is repaired.
#pragma once

#include <ashlar/format/crc32c.hpp>

namespace ashlar::inline v0_1::flash {

// docs/formats.md has these as byte tables; never change them within format version 1.
inline constexpr std::uint8_t format_version = 1;
inline constexpr std::uint32_t sector_header_size = 24;
inline constexpr std::uint32_t record_header_size = 8;
inline constexpr std::uint32_t checksum_size = 4;

/// What checksum_size bytes of CRC-32C behind the bytes that they sum up do to the sum: a constant
/// (RFC 3720 appendix B.4, complemented), whatever the bytes are.
inline constexpr std::uint32_t checksum_residue = 0x48674BC7;

/// The high half of a record header's byte 4.
enum record_flags : std::uint8_t {
    continued = 1, ///< not the first record of its batch
    more = 2,      ///< not the last record of its batch
    tombstone = 4, ///< the key is erased; there is no value
    suspect = 8,   ///< something newer was damaged; with tombstone: no older value is known
};
/// Erased flash reads so; no record has it.
inline constexpr std::uint8_t no_flags = 15;
inline constexpr std::uint8_t lost = tombstone | suspect;

/// The part of a key's checksum that stands in the header.
[[nodiscard]] inline std::uint32_t key_hash(bytes_view key) noexcept { return crc32c(key) & 0xFFF; }

/// Headers end in the upper 24 bits of the sum of what stands before.
[[nodiscard]] inline std::uint32_t header_sum(const std::byte* header, std::uint32_t size,
                                              std::uint32_t seed) noexcept {
    return crc32c({header, size - 3}, seed);
}
inline void store_sum(std::byte* header, std::uint32_t size, std::uint32_t sum) noexcept {
    header[size - 3] = static_cast<std::byte>(sum >> 8);
    header[size - 2] = static_cast<std::byte>(sum >> 16);
    header[size - 1] = static_cast<std::byte>(sum >> 24);
}

enum class soundness : std::uint8_t { broken, repaired, sound };

/// Holds a header to its sum and puts right one flipped bit, which it finds by trying each.
/// `sum` is that of the sound header: where the record's checksum goes on.
[[nodiscard, gnu::noinline]] inline soundness
repair(std::byte* header, std::uint32_t size, std::uint32_t seed, std::uint32_t& sum) noexcept {
    for (std::uint32_t turn = 0; turn <= 8 * size; ++turn) {
        // Turn 0 leaves the header as it is; turn n flips bit n - 1.
        std::byte& at = header[turn == 0 ? 0 : (turn - 1) / 8];
        const auto flip = static_cast<std::byte>(turn == 0 ? 0U : 1U << (turn - 1) % 8);
        at ^= flip;
        sum = header_sum(header, size, seed);
        if (sum >> 8 == load_little<std::uint32_t>(header + size - 4) >> 8)
            return turn == 0 ? soundness::sound : soundness::repaired;
        at ^= flip;
    }
    return soundness::broken;
}

/// Whether a mark is programmed: all zeros then, all ones before; one flip changes neither.
[[nodiscard, gnu::noinline]] inline bool is_marked(const std::byte* mark,
                                                   std::uint32_t size) noexcept {
    std::uint32_t zeros = 0;
    for (std::uint32_t bit = 0; bit < 8 * size; ++bit)
        zeros += (static_cast<std::uint32_t>(mark[bit / 8]) >> bit % 8 & 1U) ^ 1U;
    return zeros > 4 * size;
}

} // namespace ashlar::inline v0_1::flash
