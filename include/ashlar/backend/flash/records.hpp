// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the records of a flash ring are read: one after the other, and by key.
#pragma once

#include <ashlar/backend/flash/ring.hpp>

namespace ashlar::inline v0_1::flash {

/// A place in the log. Sequences grow, so places are ordered.
struct place {
    std::uint32_t sector = 0;
    std::uint32_t at = 0; ///< offset in the sector; 0 is no place, a header stands there
    [[nodiscard]] friend bool operator==(const place&, const place&) noexcept = default;
    [[nodiscard]] friend bool operator<(const place& a, const place& b) noexcept {
        return a.sector != b.sector ? a.sector < b.sector : a.at < b.at;
    }
};

/// A reader's position in one sector, and the record there.
struct record_cursor {
    place here;
    std::uint32_t next = 0;  ///< where the next record begins
    std::uint32_t limit = 0; ///< records that begin here or later are not looked at
    std::uint32_t base = 0;  ///< address of the sector
    std::uint32_t sum = 0;   ///< of the record's header
    std::uint16_t value_size = 0;
    std::uint16_t key_hash = 0;
    std::uint8_t key_size = 0;
    std::uint8_t flags = 0;
    bool repaired = false;  ///< the header had a flipped bit
    bool searching = false; ///< behind an unreadable header, for the next whole one
    bool damaged = false;   ///< an unreadable record in effect was passed
};

/// What is looked up. Without `key`, any whole record of that size and hash will do.
struct wanted_key {
    const std::byte* key;
    std::uint8_t size;
    std::uint16_t hash;
};

/// The reading half of the log.
template <flash_device Device>
class records : public ring<Device> {
    using sectors = ring<Device>;

  public:
    using sectors::first_record, sectors::granule, sectors::sector_size;

    /// Bytes of flash that a record takes: mark, header, key, value, checksum, padding.
    [[nodiscard]] static constexpr std::uint32_t record_size(std::uint32_t key,
                                                             std::uint32_t value) noexcept {
        return granule + sectors::rounded(record_header_size + key + value + checksum_size);
    }

  protected:
    using sectors::sectors, sectors::read, sectors::mark_read, sectors::base_of, sectors::head_,
        sectors::tail_, sectors::write_;
    /// Behind the mark, up to where the key begins.
    static constexpr std::uint32_t key_offset = granule + record_header_size;

    enum class seen : std::uint8_t { end, torn, record, unreadable };

    /// Behind the newest record.
    [[nodiscard]] place log_end() const noexcept { return {head_, write_}; }
    /// A cursor before the first record of a sector in use.
    [[nodiscard]] record_cursor begin_of(std::uint32_t sector) const noexcept {
        record_cursor c;
        start(c, sector);
        return c;
    }
    void start(record_cursor& c, std::uint32_t sector) const noexcept {
        c.here = {sector, 0};
        c.base = base_of(sector);
        c.next = first_record;
        c.limit = sector == head_ ? write_ : sector_size;
        c.searching = c.damaged = false;
    }

    /// Looks at what stands at `here`. Reader and writer agree on where the next record begins
    /// because both ask this. Complexity: one read.
    [[nodiscard, gnu::noinline]] seen look(record_cursor& c) const noexcept {
        std::byte raw[mark_read + record_header_size];
        // What can't be read is taken for zeros: marked, and broken.
        if (read(c.base + c.here.at + granule - mark_read, raw, sizeof raw) != errc::ok)
            std::memset(raw, 0, sizeof raw);
        std::byte* const header = raw + mark_read;
        const bool marked = is_marked(raw, mark_read);
        c.next = c.here.at;
        if (!marked && (load_little<std::uint32_t>(header) &
                        load_little<std::uint32_t>(header + 4)) == 0xFFFFFFFF)
            return seen::end;
        const soundness state = repair(header, record_header_size, c.here.sector, c.sum);
        c.repaired = state == soundness::repaired;
        c.value_size = load_little<std::uint16_t>(header);
        c.key_size = static_cast<std::uint8_t>(header[2]);
        const auto hash_and_flags = load_little<std::uint16_t>(header + 3);
        c.key_hash = hash_and_flags & 0xFFF;
        c.flags = static_cast<std::uint8_t>(hash_and_flags >> 12);
        c.next += record_size(c.key_size, c.value_size);
        if (state != soundness::broken && c.flags != no_flags && c.next <= sector_size) {
            c.searching = false;
            return marked ? seen::record : seen::torn;
        }
        // Granules are programmed in order: behind a torn header nothing stands.
        c.next = c.here.at + granule;
        if (marked || c.searching) return seen::unreadable;
        c.next += sectors::rounded(record_header_size);
        return seen::torn;
    }

    /// Steps to the next marked record with a whole header; false at the end.
    [[nodiscard, gnu::noinline]] bool step(record_cursor& c) const noexcept {
        for (;;) {
            c.here.at = c.next;
            if (c.next + key_offset > sector_size || c.next >= c.limit) return false;
            const seen what = look(c);
            if (what == seen::record) return true;
            if (what == seen::end) {
                if (!c.searching) return false;
                c.next += granule; // erased bytes may belong to the record that can't be read
            }
            if (what == seen::unreadable) c.searching = c.damaged = true;
        }
    }

    /// Whether the record's checksum holds. Compares its key with `key` and copies as much of its
    /// value as fits `capacity` to `out`, both unless null.
    [[nodiscard, gnu::noinline]] bool intact(const record_cursor& c, const std::byte* key,
                                             bool& same, std::byte* out,
                                             std::uint32_t capacity) const noexcept {
        std::byte piece[32];
        std::uint32_t sum = c.sum;
        const std::uint32_t value_end = std::uint32_t{c.key_size} + c.value_size;
        same = true;
        for (std::uint32_t done = 0, n; done < value_end + checksum_size; done += n) {
            n = value_end + checksum_size - done;
            if (n > sizeof piece) n = sizeof piece;
            if (read(c.base + c.here.at + key_offset + done, piece, n) != errc::ok) return false;
            sum = crc32c({piece, n}, sum);
            for (std::uint32_t i = 0; i < n; ++i) {
                const std::uint32_t at = done + i;
                if (at < c.key_size) {
                    if (key != nullptr && key[at] != piece[i]) same = false;
                } else if (at < value_end && at - c.key_size < capacity) {
                    out[at - c.key_size] = piece[i];
                }
            }
        }
        return sum == checksum_residue;
    }

    /// The last record of a key in effect before `limit`, and its value in `out`. `c.here.at` is 0
    /// when there is none. Errors: not_found; corrupt when something newer than the record (or than
    /// everything) is damaged and may have been of this key. Complexity: one read per record from
    /// the newest sector to the one it is in.
    [[nodiscard, gnu::noinline]] errc find(const wanted_key& wanted, place limit, record_cursor& c,
                                           std::byte* out = nullptr,
                                           std::uint32_t capacity = 0) const noexcept {
        bool damaged = false;
        for (;;) {
            c.here.at = 0;
            if (limit.sector < tail_) return damaged ? errc::corrupt : errc::not_found;
            start(c, limit.sector);
            if (limit.at < c.limit) c.limit = limit.at;
            std::uint32_t begun = 0, best = 0;
            bool unreadable = false;
            while (step(c)) {
                if ((c.flags & continued) == 0 || c.damaged) begun = 0;
                unreadable = unreadable || c.damaged;
                c.damaged = false;
                if (c.key_size == wanted.size && c.key_hash == wanted.hash) begun = c.here.at;
                if ((c.flags & more) != 0 || begun == 0) continue;
                best = begun;
                begun = 0;
                unreadable = false;
            }
            damaged = damaged || unreadable || c.damaged;
            if (best == 0) {
                limit = {limit.sector - 1, sector_size};
                continue;
            }
            c.next = limit.at = best;
            static_cast<void>(step(c));
            bool same = false;
            if (!intact(c, wanted.key, same, out, capacity)) damaged = true;
            else if (same) break;
        }
        if (damaged || (c.flags & suspect) != 0) return errc::corrupt;
        return (c.flags & tombstone) != 0 ? errc::not_found : errc::ok;
    }
};

} // namespace ashlar::inline v0_1::flash
