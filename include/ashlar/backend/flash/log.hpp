// SPDX-License-Identifier: BSL-1.0
/// @file Defines the log: records appended to a flash ring, and the oldest sector collected.
#pragma once

#include <ashlar/backend/flash/records.hpp>
#include <ashlar/backend/flash/retention.hpp>

namespace ashlar::inline v0_1::flash {

/// One of several that happen together.
struct change {
    bytes_view key;
    bytes_view value;
    bool erase;
};

/// Keys and values of any bytes on a flash device, without typed face, heap or exceptions. Decision
/// 0050 has the design, docs/formats.md the bytes. Not thread-safe. Every verb that answers
/// errc::ok has survived power loss by then; any other answer of a write means that nothing
/// happened. Keys are at most MaxKey bytes: so much stack does a collection need.
template <flash_device Device, std::uint32_t MaxKey = 32, class Retention = retain_all>
class log : public records<Device> {
    using base = records<Device>;
    static_assert(MaxKey <= 255, "ashlar: keys on flash are at most 255 bytes long");

  public:
    using base::first_record, base::granule, base::record_size, base::sector_size;
    using base::sector_count, base::sectors_in_use;

    /// Kept back from puts, so that a full device can still erase a key.
    static constexpr std::uint32_t reserve = record_size(MaxKey, 0);
    /// The longest record; with a key of k bytes a value may have max_value_size(k).
    static constexpr std::uint32_t max_record_size = sector_size - first_record - reserve;
    static_assert(sector_size >= first_record + 2 * reserve,
                  "ashlar: a sector is too small for its header and two keys; give the device "
                  "larger sectors (several erase units may be one) or the store shorter keys");
    [[nodiscard]] static constexpr std::uint32_t max_value_size(std::uint32_t key) noexcept {
        const std::uint32_t size =
            max_record_size - granule - record_header_size - key - checksum_size;
        return size < 0xFFFF ? size : 0xFFFF;
    }

    constexpr log() noexcept = default;
    constexpr explicit log(const Device& device) noexcept : base{device} {}

    /// Finds what is there; blank flash is an empty log. Writes nothing. Errors: foreign (not a log, or one of another
    /// geometry or fingerprint), unsupported_version, corrupt, io.
    /// Complexity: one read per sector, and per record of the newest one.
    [[nodiscard]] errc mount(std::uint32_t fingerprint = 0) noexcept {
        this->fingerprint_ = fingerprint;
        const errc bad = this->find_sectors();
        if (bad != errc::ok || sectors_in_use() == 0) return bad;
        if (sectors_in_use() == sector_count) {
            // Only a collection uses all sectors, and the newest holds nothing but its copies. The
            // one before is taken for full, so that the next write opens that sector anew.
            this->head_base_ = this->base_of(head_ - 1);
            --head_;
            write_ = this->head_base_ + sector_size;
            return bad;
        }
        record_cursor c;
        write_ = base::nowhere;
        this->start(c, head_);
        while (this->step(c)) {
        }
        write_ = c.at;
        return bad;
    }

    /// Erases everything, whatever it is; the log is empty then. Errors: io.
    [[nodiscard]] errc format(std::uint32_t fingerprint = 0) noexcept {
        for (std::uint32_t at = 0; at != this->flash_size; at += sector_size)
            if (const errc bad = this->device_.erase(at); bad != errc::ok) return bad;
        return mount(fingerprint);
    }

    /// Copies the value to `out`; `size` is its length, of which `capacity` bytes are copied at
    /// most. Errors: not_found; corrupt, when it was damaged or something newer that may have been
    /// it: then `size` and `out` are those of previous().
    [[nodiscard]] errc get(bytes_view key, std::byte* out, std::uint32_t capacity,
                           std::uint32_t& size) const noexcept {
        record_cursor c;
        const errc done = look_up(key, c, out, capacity);
        size = c.at != 0 ? c.value_size : 0;
        return done;
    }
    /// The last whole value of a key for which get answers corrupt: older, perhaps by much.
    /// Errors: not_found.
    [[nodiscard]] errc previous(bytes_view key, std::byte* out, std::uint32_t capacity,
                                std::uint32_t& size) const noexcept {
        record_cursor c;
        const errc done = look_up(key, c, out, capacity);
        size = c.value_size;
        return c.at != 0 && (c.head & tombstone) == 0 ? errc::ok : done;
    }

    /// Errors: key_too_long, value_too_long, full, io.
    [[nodiscard]] errc put(bytes_view key, bytes_view value) noexcept {
        if (key.size() > MaxKey) return errc::key_too_long;
        if (value.size() > max_value_size(static_cast<std::uint32_t>(key.size())))
            return errc::value_too_long;
        return append(item_of(key, value, 0), 1);
    }

    /// `there`: whether the key was there, or may have been. Errors: full, io.
    [[nodiscard]] errc erase(bytes_view key, bool& there) noexcept {
        record_cursor c;
        const errc found = look_up(key, c);
        there = found != errc::not_found;
        return there ? append(item_of(key, {}, tombstone), 1) : errc::ok;
    }

    /// All of `changes` or none: as_change(item) answers a change for each item of the list, in
    /// order; the last one on a key wins. Errors: key_too_long, value_too_long, full (also for more
    /// than one sector holds), io.
    template <class List, class AsChange>
    [[nodiscard]] errc apply(const List& changes, AsChange as_change) noexcept {
        std::uint32_t size = 0, count = 0;
        for (const auto& one : changes) {
            const change c = as_change(one);
            if (c.key.size() > MaxKey) return errc::key_too_long;
            const auto key_size = static_cast<std::uint32_t>(c.key.size());
            if (c.value.size() > max_value_size(key_size)) return errc::value_too_long;
            size += record_size(key_size, static_cast<std::uint32_t>(c.value.size()));
            if (size > max_record_size) return errc::full;
            ++count;
        }
        errc bad = errc::io;
        for (std::uint32_t turn = 0; turn < 3 && bad == errc::io; ++turn) {
            bad = make_room(size + reserve);
            std::uint32_t index = 0;
            for (const auto& one : changes) {
                const change c = as_change(one);
                std::uint32_t flags = c.erase ? std::uint32_t{tombstone} : 0U;
                if (index != 0) flags |= continued;
                if (++index != count) flags |= more;
                if (bad == errc::ok) bad = write(item_of(c.key, c.value, flags));
            }
        }
        return bad;
    }

    /// Makes room for `size` bytes of records in the newest sector, and leaves `spare` sectors
    /// free; only a collection leaves none. Errors: full, io.
    /// Complexity: at most sector_count + 1 collections.
    [[nodiscard]] errc make_room(std::uint32_t size, std::uint32_t spare = 1) noexcept {
        for (std::uint32_t turn = 0;;) {
            const std::uint32_t used = sectors_in_use() + spare;
            errc bad = errc::full;
            if (used <= sector_count && size <= room_left()) return errc::ok;
            if (used < sector_count) bad = this->open_sector();
            else if (spare != 0 && turn++ <= sector_count) bad = collect();
            if (bad != errc::ok) return bad;
        }
    }

    /// Idle time's share of collecting: collects up to `budget` of the oldest sectors while less
    /// than a free sector is left beside the one kept back. Answers through `again` whether more
    /// would help: not when a collection gained nothing. Errors: io.
    [[nodiscard]] errc reclaim_step(std::uint32_t budget, bool& again) noexcept {
        again = sectors_in_use() + 2 > sector_count && sectors_in_use() > 1;
        errc bad = errc::ok;
        for (; again && budget != 0 && bad == errc::ok; --budget) {
            const std::uint32_t before = bytes_left();
            bad = collect();
            again = bytes_left() > before && sectors_in_use() + 2 > sector_count;
        }
        return bad;
    }
    /// How much of the log is written, in percent: at 100 the next put has to collect first.
    [[nodiscard]] std::uint32_t reclaim_pressure() const noexcept {
        constexpr std::uint32_t all = (sector_count - 1) * (sector_size - first_record);
        return 100 - bytes_left() / (all / 100 + 1);
    }

    /// The next live row at or behind `from`, in the order of the log, with its key (MaxKey bytes)
    /// and value. `end` is log_end() when the iteration began, so that rows written meanwhile do
    /// not prolong it; a row that was rewritten behind it is shown as it is now. `there` is false
    /// at the end. Errors: corrupt for a damaged row; the next call goes on behind it.
    [[nodiscard]] errc next_row(place& from, place& end, std::byte* key, std::uint32_t& key_size,
                                std::byte* out, std::uint32_t capacity, std::uint32_t& size,
                                bool& there) const noexcept {
        record_cursor c;
        there = false;
        if (from.sector < tail_) { // collected meanwhile: what was in it is at the end now
            from = {tail_, 0};
            end = log_end();
        }
        for (; from.sector <= end.sector; from = {from.sector + 1, 0}) {
            this->start(c, from.sector);
            if (from.at != 0) c.next = from.at;
            if (from.sector == end.sector && end.at < c.limit) c.limit = end.at;
            while (this->step(c)) {
                key_size = c.key_size();
                if (key_size > MaxKey) continue;
                if (this->read(c.at + key_offset, key, key_size) != errc::ok) continue;
                const tagged_key wanted{key, c.tag()};
                record_cursor newest;
                errc found = this->find(wanted, end, newest);
                if (newest.at != c.at) continue;
                if (found != errc::corrupt)
                    found = this->find(wanted, log_end(), newest, out, capacity);
                if (found == errc::not_found) continue;
                from.at = c.next;
                size = newest.value_size;
                there = found == errc::ok;
                return found;
            }
        }
        return errc::ok;
    }
    using base::log_end;

    /// Collects the oldest sector: for idle time, so that puts need not. Errors: io.
    [[nodiscard]] errc collect() noexcept {
        errc bad = errc::ok;
        if (tail_ == head_ || room_left() == 0) bad = this->open_sector();
        record_cursor c;
        this->start(c, tail_);
        while (bad == errc::ok && this->step(c)) bad = carry_forward(c);
        if (bad == errc::ok) bad = this->give_up(tail_);
        if (bad == errc::ok) ++tail_;
        return bad;
    }

  protected:
    using base::head_, base::tail_, base::write_, base::key_offset;
    using seen = typename base::seen;

    /// A record under construction: what is put into it is programmed in pieces of 32 bytes.
    struct writer {
        std::uint32_t address;
        std::uint32_t fill;
        std::byte piece[32];
    };

    /// A record to be written.
    struct item {
        tagged_key key;
        const std::byte* value;
        std::uint32_t
            from; ///< where a whole record's key begins in flash, instead of key and value
        std::uint32_t size;
        std::uint32_t flags;
    };
    [[nodiscard]] static item item_of(bytes_view key, bytes_view value,
                                      std::uint32_t flags) noexcept {
        return {tagged(key), value.data(), 0, static_cast<std::uint32_t>(value.size()), flags};
    }
    [[nodiscard]] static tagged_key tagged(bytes_view key) noexcept {
        return {key.data(), key_tag(key.data(), static_cast<std::uint32_t>(key.size()))};
    }
    [[nodiscard]] errc look_up(bytes_view key, record_cursor& c, std::byte* out = nullptr,
                               std::uint32_t capacity = 0) const noexcept {
        c.at = 0;
        if (key.size() > MaxKey) return errc::not_found;
        return this->find(tagged(key), this->log_end(), c, out, capacity);
    }

    /// Begins a record at write_. REQUIRES: room for it.
    void begin(writer& w, const item& what) noexcept {
        store_little(w.piece, what.key.tag | what.flags | what.size << 24);
        w.piece[4] = static_cast<std::byte>(what.size >> 8);
        seal(w.piece, head_);
        w.fill = record_header_size;
        w.address = write_ + granule;
    }
    /// Puts in `n` bytes from memory, or from flash when `from` is null.
    [[gnu::noinline]] void feed(writer& w, const std::byte* from, std::uint32_t n,
                                std::uint32_t address = 0) noexcept {
        while (n != 0) {
            std::uint32_t part = sizeof w.piece - w.fill;
            if (part > n) part = n;
            if (from == nullptr) {
                static_cast<void>(this->read(address, w.piece + w.fill, part));
                address += part;
            } else {
                std::memcpy(w.piece + w.fill, from, part);
                from += part;
            }
            n -= part;
            w.fill += part;
            if (w.fill == sizeof w.piece) program(w);
        }
    }
    /// What is reported isn't asked for: finish reads back what stands there.
    [[gnu::noinline]] void program(writer& w) noexcept {
        while (w.fill % granule != 0) w.piece[w.fill++] = std::byte{0xFF};
        if (w.fill == 0) return;
        static_cast<void>(this->device_.program(w.address, w.piece, w.fill));
        w.address += w.fill;
        w.fill = 0;
    }
    /// Ends the record, reads it back, and marks it: from then on it counts. After errc::io it
    /// does not, and the next record goes behind it.
    [[nodiscard]] errc finish(writer& w) noexcept {
        program(w);
        record_cursor c;
        this->start(c, head_);
        c.next = write_;
        bool whole =
            this->look(c) == seen::unmarked && this->check(c, nullptr) != base::body::broken;
        if (whole) {
            static_cast<void>(this->program_mark(write_));
            c.next = write_;
            whole = this->look(c) == seen::record;
        }
        write_ = c.next;
        return whole ? errc::ok : errc::io;
    }
    /// One record at write_. REQUIRES: room for it.
    [[nodiscard, gnu::noinline]] errc write(const item& what) noexcept {
        writer w;
        begin(w, what);
        const std::uint32_t key_size = what.key.size();
        if (what.from != 0) {
            // With its old checksum: should it read differently now, the copy is not whole.
            feed(w, nullptr, key_size + what.size + checksum_size, what.from);
        } else {
            std::byte sum[checksum_size];
            store_little(sum, sum_of(what.value, what.size, sum_of(what.key.bytes, key_size, 0)));
            feed(w, what.key.bytes, key_size);
            feed(w, what.value, what.size);
            feed(w, sum, sizeof sum);
        }
        return finish(w);
    }

    /// Makes room and writes; what doesn't read back is tried again further on.
    [[nodiscard, gnu::noinline]] errc append(const item& what, std::uint32_t spare) noexcept {
        std::uint32_t size = record_size(what.key.size(), what.size);
        if (spare != 0 && (what.flags & tombstone) == 0) size += reserve;
        errc bad = errc::io;
        for (std::uint32_t turn = 0; turn < 3 && bad == errc::io; ++turn) {
            bad = make_room(size, spare);
            if (bad == errc::ok) bad = write(what);
        }
        return bad;
    }

    /// Copies a record of the oldest sector to the end if it is still needed.
    [[nodiscard]] errc carry_forward(const record_cursor& c) noexcept {
        std::byte key[MaxKey];
        if (c.key_size() > MaxKey) return errc::key_too_long; // of a build with longer keys
        item what{{key, c.tag()}, nullptr, c.at + key_offset, c.value_size, c.head & lost};
        if (const errc bad = this->read(what.from, key, c.key_size()); bad != errc::ok) return bad;
        const bool whole = this->check(c, nullptr) != base::body::broken;
        const bool named = whole && what.flags != lost; // otherwise the key can't be trusted
        record_cursor newest;
        const errc found =
            this->find({named ? key : nullptr, what.key.tag}, this->log_end(), newest);
        if (whole) {
            // Superseded, not in effect, or a tombstone: nothing older is left for it to hide.
            if (newest.at != c.at || found == errc::not_found) return errc::ok;
            if (named && !Retention::keeps({key, c.key_size()})) return errc::ok;
            if (found == errc::corrupt) what.flags |= suspect;
        } else {
            if (newest.at != 0) return errc::ok;
            what.flags = lost;
            what.size = what.from = 0;
        }
        return append(what, 0);
    }
    /// Bytes of records that can be written before a collection.
    [[nodiscard]] std::uint32_t bytes_left() const noexcept {
        const std::uint32_t free = sector_count - 1 - sectors_in_use();
        return room_left() + (free < sector_count ? free : 0) * (sector_size - first_record);
    }
    [[nodiscard]] std::uint32_t room_left() const noexcept {
        if (sectors_in_use() == 0) return 0;
        return this->head_base_ + sector_size - write_;
    }
};

} // namespace ashlar::inline v0_1::flash
