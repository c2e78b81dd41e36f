// SPDX-License-Identifier: BSL-1.0
/// @file Defines how records are told apart at granules of 16 and 32 bytes: torn ones are voided.
#pragma once

#include <ashlar/backend/flash/ring.hpp>

namespace ashlar::inline v0_1::flash {

/// Records without a mark, which would be a whole granule. Only the last one of a sector can be
/// torn; before anything follows it, a *void* does: a header that says how many granules before it
/// mean nothing. A record that is not whole and has no void behind it is damaged. Format 2;
/// decision 0130 has the design.
template <flash_device Device, tuning Tuning>
class voided_records : public ring<Device, Tuning> {
    using sectors = ring<Device, Tuning>;

  public:
    using sectors::granule, sectors::sector_size;

    /// Bytes of flash that a record takes: header, key, value, checksum, padding.
    [[nodiscard]] static constexpr std::uint32_t record_size(std::uint32_t key,
                                                             std::uint32_t value) noexcept {
        return sectors::rounded(record_header_size + key + value + checksum_size);
    }

  protected:
    using sectors::sectors, sectors::read;
    static constexpr std::uint32_t key_offset = record_header_size;
    /// Records end here in their sector: the last granule is kept for a void.
    static constexpr std::uint32_t records_end = sector_size - granule;

    enum class content : std::uint8_t {
        erased,
        unreadable, ///< torn, damaged, or no header: the inner part of a record
        header,     ///< of a record or a void
    };

    /// Steps to the next record that is not void. False at the end, where `next` is then, if the
    /// cursor isn't searching: the next record can be written there. A `trusted` record is known to
    /// be whole, or is to be judged. Complexity: one to three reads per record.
    [[nodiscard]] bool step(record_cursor& c, bool trusted = false) const noexcept {
        for (;;) {
            c.at = c.next;
            if (c.at + granule > c.end) {
                if (c.searching && !ends_torn(c)) c.damaged = true;
                return false;
            }
            const content found = look(c, c.at);
            if (found == content::erased && !c.searching) return false;
            c.next = c.at + granule;
            if (found != content::header || (!is_void(c) && next_of(c, c.at) > c.end)) {
                if (!c.searching) c.from = c.at;
                c.searching = true;
                continue;
            }
            if (c.searching) {
                if (!voids(c, c.at, c.from)) c.damaged = true;
                c.searching = false;
                c.wanted = 0; // it may have been of the same batch
            }
            if (!is_void(c)) {
                c.next = next_of(c, c.at);
                if (trusted || !is_torn(c)) return true;
            }
            c.wanted = 0; // its batch will not be ended
        }
    }

    /// Holds a record to its checksum, compares its key and copies its value as the search says,
    /// with a flipped bit put right. Errors: not_found for another key, corrupt.
    [[nodiscard]] errc check(search& c) const noexcept {
        const std::uint32_t size = c.key_size() + c.value_size + checksum_size;
        c.flipped = no_bit;
        for (;;) {
            std::byte piece[Tuning.piece];
            std::uint32_t sum = 0;
            errc found = errc::ok;
            // Of the value's bytes, and below 0 of the key's that are compared.
            std::uint32_t at = c.key != nullptr ? 0 - c.key_size() : 0;
            const std::byte* key = c.key;
            for (std::uint32_t done = 0, n = 0; done != size; done += n) {
                n = size - done < sizeof piece ? size - done : std::uint32_t{sizeof piece};
                if (read_mended(c, done, piece, n) != errc::ok) return errc::corrupt;
                sum = sum_of(piece, n, sum);
                for (std::uint32_t i = 0; i < n; ++i, ++at) {
                    if (at < c.capacity) c.out[at] = piece[i];
                    else if (at > 0xFFFF'FF00 && *key++ != piece[i]) found = errc::not_found;
                }
            }
            if (sum == checksum_residue) return found;
            c.flipped = c.flipped == no_bit ? flipped_bit(sum, 8 * size) : no_bit;
            if (c.flipped == no_bit) return errc::corrupt;
        }
    }

    /// Reads `n` bytes of key, value and checksum, the first of which is at `offset`, and puts
    /// right the bit that check found.
    [[nodiscard]] errc read_mended(const search& c, std::uint32_t offset, std::byte* to,
                                   std::uint32_t n) const noexcept {
        const errc bad = read(c.at + key_offset + offset, to, n);
        const std::uint32_t at = c.flipped / 8 - offset;
        if (at < n) to[at] ^= static_cast<std::byte>(1U << c.flipped % 8);
        return bad;
    }

    /// A record's key, with a flipped bit put right; else as it stands there. Errors: io.
    [[nodiscard]] errc read_key(const record_cursor& c, std::byte* key) const noexcept {
        search s{};
        static_cast<record_cursor&>(s) = c;
        s.out = key;
        s.capacity = c.key_size();
        return check(s) == errc::ok ? errc::ok : read(c.at + key_offset, key, c.key_size());
    }

    enum class state : std::uint8_t { broken, mended, exact };
    /// Whether a record with a whole header fits its checksum, and whether a bit was put right.
    [[nodiscard]] state judge(const record_cursor& c) const noexcept {
        search s{};
        static_cast<record_cursor&>(s) = c;
        if (check(s) != errc::ok) return state::broken;
        std::byte raw[record_header_size]{};
        static_cast<void>(read(c.at, raw, sizeof raw));
        const auto stands = load_little<std::uint64_t>(raw);
        seal(raw, c.sector);
        return s.flipped == no_bit && load_little<std::uint64_t>(raw) == stands ? state::exact
                                                                                : state::mended;
    }

    /// What stands in a granule; a header is put into `c`.
    [[nodiscard]] content look(record_cursor& c, std::uint32_t at) const noexcept {
        std::byte raw[granule];
        if (read(at, raw, granule) != errc::ok) return content::unreadable;
        std::uint32_t ones = 0xFFFFFFFF;
        for (std::uint32_t i = 0; i < granule; i += 4) ones &= load_little<std::uint32_t>(raw + i);
        if (ones == 0xFFFFFFFF) return content::erased;
        if (!repair(raw, c.sector)) return content::unreadable;
        c.head = load_little<std::uint32_t>(raw);
        c.value_size = load_little<std::uint16_t>(raw + 3);
        // What was torn may look like a header, but hardly like one of a record that fits.
        return is_void(c) || next_of(c, at % sector_size) <= records_end ? content::header
                                                                         : content::unreadable;
    }
    /// Behind the record whose header is in `c` and stands at `at`.
    [[nodiscard]] static std::uint32_t next_of(const record_cursor& c, std::uint32_t at) noexcept {
        return at + record_size(c.key_size(), c.value_size);
    }

    [[nodiscard]] static bool is_void(const record_cursor& c) noexcept {
        return (c.head & ~tag_bits) == void_flags && c.value_size == 0;
    }
    /// Whether the header in `c`, which stands at `at`, voids what begins at `from`.
    [[nodiscard]] static bool voids(const record_cursor& c, std::uint32_t at,
                                    std::uint32_t from) noexcept {
        return is_void(c) && at - from <= c.tag() * granule;
    }

    /// Behind the last granule of a sector from `from` on that is not erased.
    [[nodiscard]] std::uint32_t behind_programmed(std::uint32_t from,
                                                  std::uint32_t end) const noexcept {
        record_cursor c{};
        while (end != from && look(c, end - granule) == content::erased) end -= granule;
        return end;
    }

  private:
    /// Whether a record with a whole header was voided, or is one that could not be.
    [[nodiscard]] bool is_torn(record_cursor& c) const noexcept {
        record_cursor behind{};
        behind.sector = c.sector;
        const std::uint32_t second = c.at + granule;
        if (c.next != second && second + granule <= c.end && may_be_void(second) &&
            look(behind, second) == content::header && is_void(behind) && behind.tag() == 1 &&
            judge(c) == state::broken) { // else a value that looks like one
            c.next = second;             // its header was not whole when it was voided
            return true;
        }
        for (std::uint32_t at = c.next; at + granule <= c.end; at += granule) {
            const content found = look(behind, at);
            if (found == content::erased) return false;
            if (found == content::header) return voids(behind, at, c.at);
            // A void that was torn itself has another one behind it, unless the sector ends.
        }
        return c.next != c.end && c.end % sector_size == 0 && judge(c) == state::broken;
    }

    /// Whether one flip at most tells a granule from a void of the granule before it. Spares what
    /// stands in the middle of a record the search for a flip.
    [[nodiscard]] bool may_be_void(std::uint32_t at) const noexcept {
        std::byte raw[4];
        if (read(at, raw, sizeof raw) != errc::ok) return false;
        const std::uint32_t flips = load_little<std::uint32_t>(raw) ^ (void_flags | 1);
        return (flips & (flips - 1)) == 0;
    }

    /// Whether what could not be read up to the end of its sector was torn: then the sector's last
    /// granule shows that a void was tried. A single bit is none: what is erased may flip, too.
    [[nodiscard]] bool ends_torn(const record_cursor& c) const noexcept {
        std::byte raw[granule];
        std::uint32_t zeros = 0, last = 0;
        for (std::uint32_t at = c.from; at + granule <= c.end; at += granule) {
            last = read(at, raw, granule) == errc::ok ? zeros_in(raw) : 8 * granule;
            zeros += last;
        }
        return zeros <= 1 || (last != 0 && c.end % sector_size == 0);
    }

    [[nodiscard]] static std::uint32_t zeros_in(const std::byte* raw) noexcept {
        std::uint32_t zeros = 0;
        for (std::uint32_t i = 0; i < granule; i += 4)
            for (std::uint32_t left = ~load_little<std::uint32_t>(raw + i); left != 0;
                 left &= left - 1)
                ++zeros;
        return zeros;
    }
};

} // namespace ashlar::inline v0_1::flash
