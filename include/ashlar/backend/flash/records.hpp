// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the records of a flash ring are read: one after the other, and by key.
#pragma once

#include <ashlar/backend/flash/ring.hpp>

namespace ashlar::inline v0_1::flash {

/// A place in the log: a sector by its sequence, which grows, and an address in it.
struct place {
    std::uint32_t sector;
    std::uint32_t at;
};

/// A reader's position in one sector, and the record there.
struct record_cursor {
    std::uint32_t sector;
    std::uint32_t at;    ///< address of the record; 0 is none, a header stands there
    std::uint32_t next;  ///< where the record behind it begins
    std::uint32_t limit; ///< records that begin here or later are not looked at
    std::uint32_t end;   ///< of the sector
    std::uint32_t head;  ///< the header's first word: tag, flags and 8 bits of the value's size
    std::uint32_t value_size;
    std::uint32_t wanted; ///< where the record looked for is, if its batch was begun
    bool searching;       ///< behind an unreadable header, for the next whole one
    bool damaged;         ///< an unreadable record in effect was passed

    [[nodiscard]] std::uint32_t tag() const noexcept { return head & tag_bits; }
    [[nodiscard]] std::uint32_t key_size() const noexcept { return head & 0xFF; }
};

/// What is looked up. Without `bytes`, any whole record with that tag will do.
struct tagged_key {
    const std::byte* bytes;
    std::uint32_t tag;
    [[nodiscard]] std::uint32_t size() const noexcept { return tag & 0xFF; }
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
    /// Behind the mark and the header.
    static constexpr std::uint32_t key_offset = granule + record_header_size;

    enum class seen : std::uint32_t { end, torn, unmarked, record, unreadable };
    enum class body : std::uint32_t { broken, other, same };

    /// Behind the newest record.
    [[nodiscard]] place log_end() const noexcept { return {head_, write_}; }
    /// Puts a cursor before the first record of a sector in use.
    [[gnu::noinline]] void start(record_cursor& c, std::uint32_t sector) const noexcept {
        const std::uint32_t base = base_of(sector);
        c.sector = sector;
        c.next = base + first_record;
        c.end = base + sector_size;
        c.limit = sector == head_ ? write_ : c.end;
        c.wanted = 0;
        c.searching = c.damaged = false;
    }

    /// Looks at what stands at `next`. Reader and writer agree on where the record behind it begins
    /// because both ask this. Complexity: one read.
    [[nodiscard, gnu::noinline]] seen look(record_cursor& c) const noexcept {
        alignas(4) std::byte raw[4 + record_header_size + 1];
        std::byte* const header = raw + 4;
        c.at = c.next;
        c.next += granule;
        if (read(c.next - mark_read, header - mark_read, mark_read + record_header_size) !=
            errc::ok)
            return seen::unreadable;
        const bool marked = sectors::is_marked(header - mark_read);
        if (!marked && (load_little<std::uint32_t>(header) &
                        load_little<std::uint32_t>(header + 4)) == 0xFFFFFFFF)
            return seen::end;
        const bool whole = repair(header, c.sector);
        c.head = load_little<std::uint32_t>(header);
        c.value_size = c.head >> 24 | static_cast<std::uint32_t>(header[4]) << 8;
        const std::uint32_t next = c.at + record_size(c.key_size(), c.value_size);
        if (whole && next <= c.end) {
            c.next = next;
            c.searching = false;
            return marked ? seen::record : seen::unmarked;
        }
        if (marked || c.searching) return seen::unreadable;
        // Granules are programmed in order: behind a torn header nothing stands.
        c.next += sectors::rounded(record_header_size);
        return seen::torn;
    }

    /// Steps to the next marked record with a whole header. False at the end, where `at` is then:
    /// the next record can be written there.
    [[nodiscard, gnu::noinline]] bool step(record_cursor& c) const noexcept {
        for (;;) {
            c.at = c.next;
            if (c.next + key_offset > c.end || c.next >= c.limit) return false;
            const seen what = look(c);
            if (what == seen::record) return true;
            if (what == seen::unreadable) {
                c.searching = c.damaged = true;
                c.wanted = 0; // it may have been of the same batch
            }
            // Erased bytes may belong to a record that can't be read.
            if (what == seen::end && !c.searching) return false;
        }
    }

    /// Holds a record to its checksum, compares its key with `key` unless null, and copies as much
    /// of its value as fits `capacity` to `out`.
    [[nodiscard, gnu::noinline]] body check(const record_cursor& c, const std::byte* key,
                                            std::byte* out = nullptr,
                                            std::uint32_t capacity = 0) const noexcept {
        std::byte piece[32];
        std::uint32_t sum = 0;
        std::uint32_t address = c.at + key_offset;
        std::uint32_t left = c.key_size() + c.value_size + checksum_size;
        std::uint32_t at = 0 - c.key_size(); // of the value's bytes; of the key's, below 0
        body found = body::same;
        if (capacity > c.value_size) capacity = c.value_size;
        while (left != 0) {
            const std::uint32_t n = left < sizeof piece ? left : std::uint32_t{sizeof piece};
            if (read(address, piece, n) != errc::ok) return body::broken;
            sum = sum_of(piece, n, sum);
            for (std::uint32_t i = 0; i < n; ++i, ++at) {
                if (at < capacity) out[at] = piece[i];
                else if (at > 0xFFFF'FF00 && key != nullptr && *key++ != piece[i])
                    found = body::other;
            }
            address += n;
            left -= n;
        }
        return sum == checksum_residue ? found : body::broken;
    }

    /// The last record of a key in effect before `limit`, and its value in `out`. `c.at` is 0
    /// when there is none. Errors: not_found; corrupt when something newer than the record (or than
    /// everything) is damaged and may have been of this key. Complexity: one read per record from
    /// the newest sector to the one it is in.
    [[nodiscard, gnu::noinline]] errc find(const tagged_key& key, place limit, record_cursor& c,
                                           std::byte* out = nullptr,
                                           std::uint32_t capacity = 0) const noexcept {
        errc doubt = errc::ok;
        for (;;) {
            c.at = 0;
            if (limit.sector < tail_) return doubt != errc::ok ? doubt : errc::not_found;
            start(c, limit.sector);
            const std::uint32_t before = limit.at;
            limit.at = 0;
            while (step(c)) {
                if ((c.head & continued) == 0) c.wanted = 0;
                if (c.tag() == key.tag && c.at < before) c.wanted = c.at;
                if ((c.head & more) != 0 || c.wanted == 0) continue;
                limit.at = c.wanted;
                c.damaged = false; // what was passed is older
            }
            if (c.damaged) doubt = errc::corrupt;
            if (limit.at == 0) {
                --limit.sector;
                limit.at = sectors::nowhere;
                continue;
            }
            c.next = limit.at;
            static_cast<void>(look(c));
            const body found = check(c, key.bytes, out, capacity);
            if (found == body::broken) doubt = errc::corrupt;
            if (found == body::same) break;
        }
        if ((c.head & suspect) != 0) return errc::corrupt;
        if ((c.head & tombstone) != 0 && doubt == errc::ok) return errc::not_found;
        return doubt;
    }
};

} // namespace ashlar::inline v0_1::flash
