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

/// A key, and what a header tells of it.
struct tagged_key {
    const std::byte* bytes;
    std::uint32_t tag;
    [[nodiscard]] std::uint32_t size() const noexcept { return tag & 0xFF; }
};

/// A cursor that looks for a key from `sector` back, among the records before the address
/// `before`. Without `key.bytes`, any whole record with that tag will do. As much of the value as
/// fits `capacity` goes to `out`.
struct search : record_cursor {
    tagged_key key;
    std::byte* out;
    std::uint32_t capacity;
    std::uint32_t before;
};

/// The reading half of the log.
template <flash_device Device, std::uint32_t Cached>
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
        sectors::head_base_, sectors::tail_, sectors::write_;
    /// Behind the mark and the header.
    static constexpr std::uint32_t key_offset = granule + record_header_size;

    enum class seen : std::uint32_t { end, torn, unmarked, record, unreadable };
    enum class body : std::uint32_t { broken, other, same };

    /// Behind the newest record.
    [[nodiscard]] place log_end() const noexcept { return {head_, write_}; }
    /// Puts a cursor before the first record of its sector.
    [[gnu::noinline]] void start(record_cursor& c) const noexcept {
        const std::uint32_t base = base_of(c.sector);
        c.next = base + first_record;
        c.end = base + sector_size;
        c.limit = c.sector == head_ ? write_ : c.end;
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

    /// Holds a record to its checksum, compares its key and copies its value as the search says.
    [[nodiscard, gnu::noinline]] body check(const search& c) const noexcept {
        std::byte piece[32];
        std::uint32_t sum = 0;
        std::uint32_t address = c.at + key_offset;
        std::uint32_t left = c.key_size() + c.value_size + checksum_size;
        std::uint32_t at = 0 - c.key_size(); // of the value's bytes; of the key's, below 0
        const std::byte* key = c.key.bytes;
        const std::uint32_t copied = c.capacity < c.value_size ? c.capacity : c.value_size;
        body found = body::same;
        while (left != 0) {
            const std::uint32_t n = left < sizeof piece ? left : std::uint32_t{sizeof piece};
            if (read(address, piece, n) != errc::ok) return body::broken;
            sum = sum_of(piece, n, sum);
            for (std::uint32_t i = 0; i < n; ++i, ++at) {
                if (at < copied) c.out[at] = piece[i];
                else if (at > 0xFFFF'FF00 && key != nullptr && *key++ != piece[i])
                    found = body::other;
            }
            address += n;
            left -= n;
        }
        return sum == checksum_residue ? found : body::broken;
    }

    /// The last record in effect of what is searched; `at` is 0 when there is none. Errors:
    /// not_found; corrupt when something newer than the record (or than everything) is damaged and
    /// may have been of this key. Complexity: one read per record from the newest sector to the one
    /// it is in.
    [[nodiscard, gnu::noinline]] errc find(search& c) const noexcept {
        errc doubt = errc::ok;
        for (;;) {
            c.at = 0;
            if (c.sector < tail_) return doubt != errc::ok ? doubt : errc::not_found;
            start(c);
            std::uint32_t best = 0;
            while (step(c)) {
                if ((c.head & continued) == 0) c.wanted = 0;
                if (c.tag() == c.key.tag && c.at < c.before) c.wanted = c.at;
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
            static_cast<void>(look(c));
            const body found = check(c);
            if (found == body::broken) doubt = errc::corrupt;
            if (found == body::same) break;
        }
        return doubt != errc::ok ? doubt : verdict(c);
    }
    /// The same in the whole log.
    [[nodiscard]] errc find_newest(search& c, const tagged_key& key, std::byte* out = nullptr,
                                   std::uint32_t capacity = 0) const noexcept {
        c.key = key;
        c.out = out;
        c.capacity = capacity;
        if constexpr (address_cache<Cached>::enabled)
            if (find_cached(c)) return verdict(c);
        c.sector = head_;
        c.before = sectors::nowhere;
        const errc found = find(c);
        if (c.at != 0 && found == verdict(c)) cache_.set(c.key.tag, c.at);
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
        c.next = cache_[c.key.tag];
        const std::uint32_t base = c.next - c.next % sector_size;
        const std::uint32_t behind =
            head_base_ >= base ? head_base_ - base : head_base_ + sectors::flash_size - base;
        c.sector = head_ - behind / sector_size;
        if (c.next == 0 || c.sector < tail_) return false;
        c.end = base + sector_size;
        return look(c) == seen::record && c.tag() == c.key.tag && check(c) == body::same;
    }

    [[no_unique_address]] mutable address_cache<Cached> cache_;
};

} // namespace ashlar::inline v0_1::flash
