// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the records of a flash ring are read: one after the other, and by key.
#pragma once

#include <ashlar/backend/flash/cache.hpp>
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
    std::uint32_t at;   ///< address of the record; 0 is none, a header stands there
    std::uint32_t next; ///< where the record behind it begins
    std::uint32_t end;  ///< records end here at the latest
    std::uint32_t head; ///< the header's first word: tag, flags and 8 bits of the value's size
    std::uint32_t value_size;
    std::uint32_t wanted; ///< where the record looked for is, if its batch was begun
    bool searching;       ///< behind an unreadable header, for the next whole one
    bool damaged;         ///< an unreadable record in effect was passed

    [[nodiscard]] std::uint32_t tag() const noexcept { return head & tag_bits; }
    [[nodiscard]] std::uint32_t key_size() const noexcept { return head & 0xFF; }
};

/// A cursor that looks for a key from `sector` back, among the records before the address
/// `before`; or a record to be written.
struct search : record_cursor {
    const std::byte* key; ///< null: any whole record with the tag will do
    std::uint32_t wanted_tag;
    std::byte* out;         ///< as much of the value as fits `capacity` is copied here
    std::uint32_t capacity; ///< without a key to look for, a copy begins with the record's key
    std::uint32_t before;
    const std::byte* value; ///< of a record to be written
};

/// The reading half of the log.
template <flash_device Device, tuning Tuning>
class records : public ring<Device, Tuning> {
    using sectors = ring<Device, Tuning>;

  public:
    using sectors::first_record, sectors::granule, sectors::sector_size;

    /// Bytes of flash that a record takes: mark, header, key, value, checksum, padding.
    [[nodiscard]] static constexpr std::uint32_t record_size(std::uint32_t key,
                                                             std::uint32_t value) noexcept {
        return granule + sectors::rounded(record_header_size + key + value + checksum_size);
    }

  protected:
    using sectors::sectors, sectors::read, sectors::mark_read, sectors::base_of, sectors::head_,
        sectors::head_base_, sectors::tail_, sectors::write_;
    /// Behind the mark and the header.
    static constexpr std::uint32_t key_offset = granule + record_header_size;

    /// Behind the newest record.
    [[nodiscard]] place log_end() const noexcept { return {head_, write_}; }
    /// Puts a cursor before the first record of its sector.
    [[gnu::noinline]] void start(record_cursor& c) const noexcept {
        const std::uint32_t base = base_of(c.sector);
        c.next = base + first_record;
        c.end = c.sector == head_ ? write_ : base + sector_size;
        c.wanted = 0;
        c.searching = c.damaged = false;
        if constexpr (sectors::passes_over)
            if (sectors::was_passed_over(base)) c.next = c.end;
    }

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

    /// The last record in effect of what is searched; `at` is 0 when there is none. Errors:
    /// not_found; corrupt when something newer than the record (or than everything) is damaged and
    /// may have been of this key. Complexity: one read per record from the newest sector to the one
    /// it is in.
    [[nodiscard]] errc find(search& c) const noexcept {
        errc doubt = errc::not_found;
        for (;;) {
            c.at = 0;
            if (c.sector < tail_) return doubt;
            start(c);
            std::uint32_t best = 0;
            while (step(c)) {
                if ((c.head & continued) == 0) c.wanted = 0;
                if (c.tag() == c.wanted_tag && c.at < c.before) c.wanted = c.at;
                if ((c.head & more) != 0 || c.wanted == 0) continue;
                best = c.wanted;
                c.damaged = false; // what was passed is older
            }
            if (c.damaged) doubt = errc::corrupt;
            c.next = c.before = best;
            if (best == 0) {
                --c.sector;
                --c.before; // all of it
                continue;
            }
            static_cast<void>(step(c));
            const errc found = check(c);
            if (found == errc::ok) break;
            if (found != errc::not_found) doubt = found;
        }
        return doubt != errc::not_found ? doubt : verdict(c);
    }
    /// The same in the whole log.
    [[nodiscard, gnu::noinline]] errc find_newest(search& c) const noexcept {
        if constexpr (address_cache<Tuning.cached>::enabled)
            if (find_cached(c)) return verdict(c);
        c.sector = head_;
        c.before = sectors::nowhere;
        const errc found = find(c);
        if (c.at != 0 && found == verdict(c)) cache_.set(c.wanted_tag, c.at);
        return found;
    }

    /// What a whole record says that nothing newer casts doubt on.
    [[nodiscard]] static errc verdict(const search& c) noexcept {
        if ((c.head & suspect) != 0) return errc::corrupt;
        return (c.head & tombstone) != 0 ? errc::not_found : errc::ok;
    }

    /// A record that the cache points to is the newest of its key: every later one would have
    /// taken the slot. What it points to may be gone, or of another key. Complexity: two reads.
    [[nodiscard]] bool find_cached(search& c) const noexcept {
        c.next = cache_[c.wanted_tag];
        const std::uint32_t base = c.next - c.next % sector_size;
        const std::uint32_t behind =
            head_base_ >= base ? head_base_ - base : head_base_ + sectors::flash_size - base;
        c.sector = head_ - behind / sector_size;
        if (c.next == 0 || c.sector < tail_) return false;
        c.end = base + sector_size;
        c.searching = false;
        const std::uint32_t at = c.next;
        return step(c) && c.at == at && c.tag() == c.wanted_tag && check(c) == errc::ok;
    }

    [[no_unique_address]] mutable address_cache<Tuning.cached> cache_;
};

} // namespace ashlar::inline v0_1::flash
