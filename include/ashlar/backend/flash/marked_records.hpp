// SPDX-License-Identifier: BSL-1.0
/// @file Defines how records are told apart at granules of 1 to 8 bytes: each has its mark.
#pragma once

#include <ashlar/backend/flash/ring.hpp>

namespace ashlar::inline v0_1::flash {

/// Records that count from when their mark, a granule before them, is programmed. Format 1.
template <flash_device Device, tuning Tuning>
class marked_records : public ring<Device, Tuning> {
    using sectors = ring<Device, Tuning>;

  public:
    using sectors::granule, sectors::sector_size;

    /// Bytes of flash that a record takes: mark, header, key, value, checksum, padding.
    [[nodiscard]] static constexpr std::uint32_t record_size(std::uint32_t key,
                                                             std::uint32_t value) noexcept {
        return granule + sectors::rounded(record_header_size + key + value + checksum_size);
    }

  protected:
    using sectors::sectors, sectors::read, sectors::mark_read;
    /// Behind the mark and the header.
    static constexpr std::uint32_t key_offset = granule + record_header_size;
    /// Records end here in their sector.
    static constexpr std::uint32_t records_end = sector_size;

    /// Steps to the next marked record with a whole header, or to the next one at all. False at the
    /// end, where `next` is then: the next record can be written there. Reader and writer agree on
    /// where a record begins because both ask this. Complexity: one read per record.
    [[nodiscard, gnu::noinline]] bool step(record_cursor& c, bool unmarked = false) const noexcept {
        for (;;) {
            alignas(4) std::byte raw[4 + record_header_size + 1];
            std::byte* const header = raw + 4;
            c.at = c.next;
            const std::uint32_t behind_mark = c.at + granule;
            if (behind_mark + record_header_size > c.end) return false;
            bool marked = true;
            if (read(behind_mark - mark_read, header - mark_read, mark_read + record_header_size) ==
                errc::ok) {
                marked = sectors::is_marked(header - mark_read);
                // Erased bytes may belong to a record that can't be read.
                if (!marked && !c.searching &&
                    (load_little<std::uint32_t>(header) & load_little<std::uint32_t>(header + 4)) ==
                        0xFFFFFFFF)
                    return false;
                const bool whole = repair(header, c.sector);
                c.head = load_little<std::uint32_t>(header);
                c.value_size = load_little<std::uint16_t>(header + 3);
                const std::uint32_t next = c.at + record_size(c.key_size(), c.value_size);
                if (whole && next <= c.end) {
                    c.next = next;
                    c.searching = false;
                    if (marked || unmarked) return true;
                    continue;
                }
            }
            c.next = behind_mark;
            if (marked || c.searching) {
                c.searching = c.damaged = true;
                c.wanted = 0; // it may have been of the same batch
            } else {
                // Granules are programmed in order: behind a torn header nothing stands.
                c.next += sectors::rounded(record_header_size);
            }
        }
    }

    /// Holds a record to its checksum, compares its key and copies its value as the search says.
    /// Errors: not_found for another key, corrupt.
    [[nodiscard, gnu::noinline]] errc check(const search& c) const noexcept {
        std::byte piece[Tuning.piece];
        std::uint32_t sum = 0;
        std::uint32_t address = c.at + key_offset;
        std::uint32_t left = c.key_size() + c.value_size + checksum_size;
        // Of the value's bytes, and below 0 of the key's that are compared.
        std::uint32_t at = c.key != nullptr ? 0 - c.key_size() : 0;
        const std::byte* key = c.key;
        errc found = errc::ok;
        while (left != 0) {
            const std::uint32_t n = left < sizeof piece ? left : std::uint32_t{sizeof piece};
            if (read(address, piece, n) != errc::ok) return errc::corrupt;
            sum = sum_of(piece, n, sum);
            for (std::uint32_t i = 0; i < n; ++i, ++at) {
                if (at < c.capacity) c.out[at] = piece[i];
                else if (at > 0xFFFF'FF00 && *key++ != piece[i]) found = errc::not_found;
            }
            address += n;
            left -= n;
        }
        return sum == checksum_residue ? found : errc::corrupt;
    }
    /// A record's key as it stands there. Errors: io.
    [[nodiscard]] errc read_key(const record_cursor& c, std::byte* key) const noexcept {
        return read(c.at + key_offset, key, c.key_size());
    }
};

} // namespace ashlar::inline v0_1::flash
