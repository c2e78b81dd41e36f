// SPDX-License-Identifier: BSL-1.0
/// @file Defines the writing half of a flash log: records appended, the oldest sector collected.
#pragma once

#include <ashlar/backend/flash/records.hpp>
#include <ashlar/backend/flash/retention.hpp>

#include <cstring>

namespace ashlar::inline v0_1::flash {

/// Appends records and makes room for them. Keys are at most MaxKey bytes: so much stack does a
/// collection need.
template <flash_device Device, std::uint32_t MaxKey, retention Retention, tuning Tuning>
class appender : public records<Device, Tuning> {
    using base = records<Device, Tuning>;
    static_assert(MaxKey <= 255, "ashlar: keys on flash are at most 255 bytes long; lower max_key");

  public:
    using base::first_record, base::granule, base::record_size, base::sector_size;
    using base::sector_count, base::sectors_in_use;

    static constexpr std::uint32_t room_in_sector = base::records_end - first_record;
    /// Kept back from puts, so that a full device can still erase a key.
    static constexpr std::uint32_t reserve = record_size(MaxKey, 0);
    /// The longest record; with a key of k bytes a value may have max_value_size(k).
    static constexpr std::uint32_t max_record_size = base::records_end - first_record - reserve;
    static_assert(base::records_end >= first_record + 2 * reserve,
                  "ashlar: a sector is too small for its header and two keys; give the device "
                  "larger sectors (several erase units may be one) or the store shorter keys");
    [[nodiscard]] static constexpr std::uint32_t max_value_size(std::uint32_t key) noexcept {
        const std::uint32_t size = max_record_size - base::key_offset - key - checksum_size;
        return size < 0xFFFF ? size : 0xFFFF;
    }

    /// The most that one put may cost: as many erasures, and as many calls of program. A put that
    /// collects turns the ring once around at most, and copies at most all records there are.
    static constexpr std::uint32_t worst_erases = Tuning.spare * (sector_count + 2);
    [[nodiscard]] static constexpr std::uint32_t worst_programs(std::uint32_t key,
                                                                std::uint32_t value) noexcept {
        // A record is 32 bytes a time and a mark, or perhaps a void before it; a sector has a
        // header and a dead mark.
        const std::uint32_t own = (record_size(key, value) + 31) / 32 + 1;
        const std::uint32_t records = (sector_size - first_record) / record_size(0, 0);
        const std::uint32_t sector = 2 + sector_size / 32 + 2 * records;
        return own + worst_erases * sector;
    }

    /// A record under construction: what is put into it is programmed in pieces of 32 bytes.
    struct writer {
        std::uint32_t address;
        std::uint32_t fill;
        std::uint32_t sum; ///< of key and value so far
        std::byte piece[32];
    };

    /// Collects the oldest sector: for idle time, so that puts need not. Errors: io, also when too
    /// many sectors are worn.
    [[nodiscard]] errc collect() noexcept {
        errc bad = errc::ok;
        // With all in use, the next one would be the oldest itself.
        if (sectors_in_use() != sector_count && (tail_ == head_ || room_left() == 0))
            bad = this->open_sector();
        if constexpr (base::passes_over) bad = errc::ok; // the next one is tried then
        std::byte key[MaxKey];
        search c;
        c.sector = tail_;
        c.key = nullptr;
        c.out = key;
        c.capacity = MaxKey;
        this->start(c);
        while (bad == errc::ok && this->step(c)) bad = carry_forward(c);
        if (bad == errc::ok) bad = this->give_up(tail_);
        if (bad == errc::ok) ++tail_;
        if constexpr (base::passes_over)
            if (bad == errc::full) bad = errc::io; // what one sector held fits sound ones
        return bad;
    }

    /// Idle time's share of collecting: collects up to `budget` of the oldest sectors while less
    /// than a free sector is left beside the one kept back. Answers through `again` whether more
    /// would help: not when a collection gained nothing. Errors: io.
    [[nodiscard]] errc reclaim_step(std::uint32_t budget, bool& again) noexcept {
        again = sectors_in_use() + Tuning.spare >= sector_count && sectors_in_use() > 1;
        errc bad = errc::ok;
        for (; again && budget != 0 && bad == errc::ok; --budget) {
            const std::uint32_t before = bytes_left();
            bad = collect();
            again = bytes_left() > before && sectors_in_use() + Tuning.spare >= sector_count;
        }
        return bad;
    }
    /// How much of the log is written, in percent: at 100 the next put has to collect first.
    [[nodiscard]] std::uint32_t reclaim_pressure() const noexcept {
        constexpr std::uint32_t all = (sector_count - Tuning.spare) * room_in_sector;
        return 100 - bytes_left() / (all / 100 + 1);
    }

  protected:
    constexpr appender() noexcept = default;
    constexpr explicit appender(const Device& device) noexcept : base{device} {}

    using base::head_, base::tail_, base::write_, base::key_offset, base::log_end;

    /// Says which key is looked for or written.
    static void name(search& c, bytes_view key) noexcept {
        c.key = key.data();
        c.wanted_tag = key_tag(key.data(), static_cast<std::uint32_t>(key.size()));
    }
    /// Makes a record of a named key to be written.
    static void fill(search& c, bytes_view value, std::uint32_t flags) noexcept {
        c.at = 0;
        c.value = value.data();
        c.value_size = static_cast<std::uint32_t>(value.size());
        c.head = c.wanted_tag | flags | c.value_size << 24;
    }
    /// Makes room for `size` bytes of records in the newest sector, and leaves `spare` sectors
    /// free; only a collection leaves none. Errors: full, io.
    /// Complexity: at most sector_count + 1 collections.
    [[nodiscard]] errc make_room(std::uint32_t size, std::uint32_t spare = Tuning.spare) noexcept {
        if constexpr (base::wide) void_stream();
        for (std::uint32_t turn = 0;;) {
            const std::uint32_t used = sectors_in_use() + spare;
            errc bad = errc::full;
            if (used <= sector_count && size <= room_left()) return errc::ok;
            if (used < sector_count) bad = this->open_sector();
            else if (spare != 0 && turn++ <= sector_count) bad = collect();
            if (bad != errc::ok) return bad;
        }
    }

    /// Begins a record at write_. REQUIRES: room for it.
    void begin(writer& w, const search& what) noexcept {
        store_little(w.piece, what.head);
        w.piece[4] = static_cast<std::byte>(what.value_size >> 8);
        seal(w.piece, head_);
        w.fill = record_header_size;
        w.address = write_ + (base::key_offset - record_header_size);
        w.sum = 0;
    }
    /// Puts in `n` bytes.
    [[gnu::noinline]] void feed(writer& w, const std::byte* from, std::uint32_t n) noexcept {
        w.sum = sum_of(from, n, w.sum);
        for (; n != 0; --n) {
            w.piece[w.fill++] = *from++;
            if (w.fill == sizeof w.piece) program(w);
        }
    }
    void feed_checksum(writer& w) noexcept {
        std::byte sum[checksum_size];
        store_little(sum, w.sum);
        feed(w, sum, sizeof sum);
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
    [[nodiscard]] errc finish(writer& w, errc expected = errc::ok) noexcept {
        program(w);
        search c;
        c.sector = head_;
        c.key = nullptr;
        c.capacity = 0;
        c.searching = false;
        c.end = this->head_base_ + sector_size;
        c.next = write_;
        bool whole = this->step(c, true) && this->check(c) == expected;
        if constexpr (base::wide) {
            const bool header = !c.searching && c.at == write_ && c.next != write_;
            // Bits that don't take what is written are no base for bits that flip.
            whole = whole && header && (expected != errc::ok || c.flipped == no_bit);
            const std::uint32_t to = header ? c.next : this->behind_programmed(write_, c.end);
            if (!whole && to != write_) void_tail(write_, to);
        } else if (whole) {
            static_cast<void>(this->program_mark(write_));
            c.next = write_;
            whole = this->step(c);
        }
        if (whole || !base::wide) write_ = c.next;
        if constexpr (base::passes_over)
            if (!whole) write_ = c.end; // the sector may refuse the rest, too
        if (!whole) return errc::io;
        this->cache_.set(c.tag(), c.at);
        return errc::ok;
    }
    /// One record at write_, from memory or, when it has a place, from there. REQUIRES: room.
    [[nodiscard, gnu::noinline]] errc write(search& what) noexcept {
        writer w;
        errc expected = errc::ok;
        begin(w, what);
        if (what.at != 0) {
            // With its old checksum: should it read differently now, the copy is refused.
            expected = this->check(what);
            std::uint32_t from = what.at + key_offset;
            for (std::uint32_t left = what.key_size() + what.value_size + checksum_size;
                 left != 0;) {
                std::uint32_t n = sizeof w.piece - w.fill;
                if (n > left) n = left;
                if constexpr (base::wide)
                    static_cast<void>(this->read_mended(what, from - what.at - base::key_offset,
                                                        w.piece + w.fill, n));
                else static_cast<void>(this->read(from, w.piece + w.fill, n));
                w.fill += n;
                from += n;
                left -= n;
                program(w);
            }
        } else {
            feed(w, what.key, what.key_size());
            feed(w, what.value, what.value_size);
            feed_checksum(w);
        }
        return finish(w, expected);
    }

    /// Makes room and writes; what doesn't read back is tried again further on.
    [[nodiscard, gnu::noinline]] errc append(search& what, std::uint32_t spare) noexcept {
        std::uint32_t size = record_size(what.key_size(), what.value_size);
        if (spare != 0 && (what.head & tombstone) == 0) size += reserve;
        errc bad = errc::io;
        for (std::uint32_t turn = 0; turn < 2 + Tuning.spare && bad == errc::io; ++turn) {
            bad = make_room(size, spare);
            if (bad == errc::ok) bad = write(what);
        }
        return bad;
    }

    /// At wide granules: finds the end of the newest sector, and voids what was torn there. Behind
    /// a last record with a bit put right it writes a void of nothing: another flip must not make
    /// that record look torn.
    void settle() noexcept {
        record_cursor c, last;
        last.next = base::nowhere;
        c.sector = head_;
        write_ = this->head_base_ + sector_size;
        this->start(c);
        while (this->step(c)) last = c;
        std::uint32_t from = c.searching ? c.from : c.next;
        const std::uint32_t to = c.searching ? this->behind_programmed(from, c.end) : from;
        auto end = base::state::exact;
        if (last.next == from) end = this->judge(last);
        if (end == base::state::broken) from = last.at;
        if (from != to || end == base::state::mended) void_tail(from, to);
        else write_ = to;
    }
    /// Voids what begins at `from`, with a void at `to` or behind it, and goes on behind that. Ends
    /// the sector if it is refused: the record is older then than what was tried again.
    void void_tail(std::uint32_t from, std::uint32_t to) noexcept {
        const std::uint32_t end = this->head_base_ + sector_size;
        write_ = end;
        for (; to != end; to += granule) {
            std::byte raw[granule];
            record_cursor c;
            std::memset(raw, 0xFF, sizeof raw);
            store_little(raw, void_flags | (to - from) / granule);
            raw[4] = std::byte{0};
            seal(raw, head_);
            static_cast<void>(this->device_.program(to, raw, granule));
            c.sector = head_;
            const auto found = this->look(c, to);
            if (found == base::content::erased) break;
            if (found != base::content::header || !base::voids(c, to, from)) continue;
            write_ = to + granule;
            break;
        }
    }
    /// A stream that was given up is voided before anything else is written.
    void void_stream() noexcept {
        record_cursor c;
        c.sector = head_;
        if (sectors_in_use() != 0 && write_ < this->head_base_ + sector_size &&
            this->look(c, write_) != base::content::erased)
            settle();
    }

    /// Copies a record of the oldest sector to the end if it is still needed.
    [[nodiscard]] errc carry_forward(search& c) noexcept {
        if (c.key_size() > MaxKey) return errc::key_too_long; // of a build with longer keys
        search newest;
        newest.key = c.out;
        std::uint32_t wanted = c.at;
        if (this->check(c) != errc::ok) {
            newest.key = nullptr; // the key can't be trusted
            wanted = 0;
        }
        newest.wanted_tag = c.tag();
        newest.capacity = 0;
        const errc found = this->find_newest(newest);
        // Superseded, not in effect, or a tombstone: nothing older is left for it to hide.
        if (newest.at != wanted || found == errc::not_found) return errc::ok;
        if (wanted != 0 && !Retention::keeps({c.out, c.key_size()}) && !is_among_last(c))
            return errc::ok;
        c.head &= ~std::uint32_t{continued | more};
        if (found == errc::corrupt) c.head |= suspect;
        return append(c, 0);
    }
    /// Whether a row of the oldest sector that need not be kept is one of the newest that must be:
    /// of the rows behind that sector, fewer have a greater key. Complexity: one read per record.
    [[nodiscard]] bool is_among_last(const search& row) const noexcept {
        if constexpr (!keeping_last<Retention>) return false;
        else {
            std::uint32_t newer = 0;
            for (std::uint32_t sector = tail_ + 1; sector <= head_; ++sector) {
                record_cursor c;
                c.sector = sector;
                this->start(c);
                while (newer < Retention::last && this->step(c)) {
                    std::byte key[MaxKey];
                    const bytes_view name{key, c.key_size()};
                    if (c.key_size() > MaxKey || this->read_key(c, key) != errc::ok) continue;
                    newer += !Retention::keeps(name) && bytes_view{row.out, row.key_size()} < name;
                }
            }
            return newer < Retention::last;
        }
    }
    /// Bytes of records that can be written before a collection.
    [[nodiscard]] std::uint32_t bytes_left() const noexcept {
        const std::uint32_t free = sector_count - Tuning.spare - sectors_in_use();
        return room_left() + (free < sector_count ? free : 0) * room_in_sector;
    }
    [[nodiscard]] std::uint32_t room_left() const noexcept {
        const std::uint32_t left = this->head_base_ + sector_size - write_;
        constexpr std::uint32_t kept = sector_size - base::records_end;
        return left > kept ? left - kept : 0;
    }
};

} // namespace ashlar::inline v0_1::flash
