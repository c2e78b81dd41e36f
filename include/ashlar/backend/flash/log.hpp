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

    /// Finds what is there; blank flash is an empty log. Writes nothing, except that it ends a
    /// collection that power loss interrupted. Errors: foreign (not a log, or one of another
    /// geometry or fingerprint), unsupported_version, corrupt, io; nothing was changed then.
    /// Complexity: one read per sector, and per record of the newest one.
    [[nodiscard]] errc mount(std::uint32_t fingerprint = 0) noexcept {
        this->fingerprint_ = fingerprint;
        errc bad = this->find_sectors();
        write_ = sector_size;
        if (bad == errc::ok && sectors_in_use() == sector_count) {
            // Only a collection uses all sectors, and the newest holds nothing but its copies.
            bad = this->give_up(head_);
            this->head_index_ = (this->head_index_ == 0 ? sector_count : this->head_index_) - 1;
            --head_;
        }
        if (bad != errc::ok || sectors_in_use() == 0) return bad;
        record_cursor c = this->begin_of(head_);
        while (this->step(c)) {
        }
        write_ = c.here.at;
        return errc::ok;
    }

    /// Erases everything, whatever it is; the log is empty then. Errors: io.
    [[nodiscard]] errc format(std::uint32_t fingerprint = 0) noexcept {
        for (std::uint32_t index = 0; index < sector_count; ++index)
            if (const errc bad = this->device_.erase(index); bad != errc::ok) return bad;
        return mount(fingerprint);
    }

    /// Copies the value to `out`; `size` is its length, of which `capacity` bytes are copied at
    /// most. Errors: not_found; corrupt, when it was damaged or something newer that may have been
    /// it: then `size` and `out` are those of previous().
    [[nodiscard]] errc get(bytes_view key, std::byte* out, std::uint32_t capacity,
                           std::uint32_t& size) const noexcept {
        record_cursor c;
        const errc done = look_up(key, c, out, capacity);
        size = c.here.at != 0 ? c.value_size : 0;
        return done;
    }
    /// The last whole value of a key for which get answers corrupt: older, perhaps by much.
    /// Errors: not_found.
    [[nodiscard]] errc previous(bytes_view key, std::byte* out, std::uint32_t capacity,
                                std::uint32_t& size) const noexcept {
        record_cursor c;
        const errc done = look_up(key, c, out, capacity);
        size = c.value_size;
        return c.here.at != 0 && (c.flags & tombstone) == 0 ? errc::ok : done;
    }

    /// Errors: key_too_long, value_too_long, full, io.
    [[nodiscard]] errc put(bytes_view key, bytes_view value) noexcept {
        if (key.size() > MaxKey) return errc::key_too_long;
        if (value.size() > max_value_size(static_cast<std::uint32_t>(key.size())))
            return errc::value_too_long;
        return append(0, key, value);
    }

    /// `there`: whether the key was there, or may have been. Errors: full, io.
    [[nodiscard]] errc erase(bytes_view key, bool& there) noexcept {
        record_cursor c;
        const errc found = look_up(key, c);
        there = found != errc::not_found;
        return there ? append(tombstone, key, {}) : errc::ok;
    }

    /// All of `changes` or none: as_change(item) answers a change for each item of the list, in
    /// order; the last one on a key wins. Errors: key_too_long, value_too_long, full (also for more
    /// than one sector holds), io.
    template <class List, class AsChange>
    [[nodiscard]] errc apply(const List& changes, AsChange as_change) noexcept {
        std::uint32_t size = 0, count = 0;
        for (const auto& item : changes) {
            const change c = as_change(item);
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
            for (const auto& item : changes) {
                const change c = as_change(item);
                std::uint32_t flags = c.erase ? tombstone : 0;
                if (index != 0) flags |= continued;
                if (++index != count) flags |= more;
                if (bad == errc::ok) bad = write(flags, wanted(c.key), c.value);
            }
        }
        return bad;
    }

    /// Makes room for `size` bytes of records in the newest sector. Errors: full, io.
    /// Complexity: at most sector_count + 1 collections.
    [[nodiscard, gnu::noinline]] errc make_room(std::uint32_t size) noexcept {
        for (std::uint32_t turn = 0;;) {
            const std::uint32_t used = sectors_in_use();
            if (used < sector_count && write_ + size <= sector_size) return errc::ok;
            errc bad = errc::full;
            if (used + 1 < sector_count) bad = this->open_sector();
            else if (turn++ <= sector_count) bad = collect();
            if (bad != errc::ok) return bad;
        }
    }

    /// Collects the oldest sector: for idle time, so that puts need not. Errors: io.
    [[nodiscard, gnu::noinline]] errc collect() noexcept {
        errc bad = errc::ok;
        if (tail_ == head_) bad = this->open_sector();
        record_cursor c = this->begin_of(tail_);
        while (bad == errc::ok && this->step(c)) bad = carry_forward(c);
        if (bad == errc::ok) bad = this->give_up(tail_);
        if (bad == errc::ok) ++tail_;
        return bad;
    }

  protected:
    using base::head_, base::tail_, base::write_, base::key_offset;
    using seen = typename base::seen;

    /// A record under construction: what is fed to it is programmed in pieces of 32 bytes.
    struct writer {
        std::uint32_t address;
        std::uint32_t sum;
        std::uint32_t fill;
        errc state;
        std::byte piece[32];
    };

    [[nodiscard]] static wanted_key wanted(bytes_view key) noexcept {
        return {key.data(), static_cast<std::uint8_t>(key.size()),
                static_cast<std::uint16_t>(key_hash(key))};
    }
    [[nodiscard]] errc look_up(bytes_view key, record_cursor& c, std::byte* out = nullptr,
                               std::uint32_t capacity = 0) const noexcept {
        c.here.at = 0;
        if (key.size() > MaxKey) return errc::not_found;
        return this->find(wanted(key), this->log_end(), c, out, capacity);
    }

    /// Begins a record at write_. REQUIRES: room for it.
    void begin(writer& w, std::uint32_t flags, const wanted_key& key,
               std::uint32_t value_size) const noexcept {
        store_little(w.piece,
                     value_size | std::uint32_t{key.size} << 16 | std::uint32_t{key.hash} << 24);
        w.piece[4] = static_cast<std::byte>(key.hash >> 8 | flags << 4);
        w.sum = header_sum(w.piece, record_header_size, head_);
        store_sum(w.piece, record_header_size, w.sum);
        w.fill = record_header_size;
        w.address = this->base_of(head_) + write_ + granule;
        w.state = errc::ok;
    }
    void program(writer& w) noexcept {
        while (w.fill % granule != 0) w.piece[w.fill++] = std::byte{0xFF};
        if (w.state == errc::ok) w.state = this->device_.program(w.address, w.piece, w.fill);
        w.address += w.fill;
        w.fill = 0;
    }
    void feed_raw(writer& w, const std::byte* from, std::size_t n) noexcept {
        for (; n != 0; --n) {
            w.piece[w.fill++] = *from++;
            if (w.fill == sizeof w.piece) program(w);
        }
    }
    void feed(writer& w, bytes_view bytes) noexcept {
        w.sum = crc32c(bytes, w.sum);
        feed_raw(w, bytes.data(), bytes.size());
    }
    /// Ends the record, reads it back, and marks it: from then on it counts. After errc::io it
    /// does not, and the next record goes behind it.
    [[nodiscard]] errc finish(writer& w) noexcept {
        std::byte sum[checksum_size];
        store_little(sum, w.sum);
        feed_raw(w, sum, sizeof sum);
        if (w.fill != 0) program(w);
        record_cursor c = this->begin_of(head_);
        c.here.at = write_;
        bool same = false;
        bool whole = this->look(c) == seen::torn && !c.repaired && w.state == errc::ok;
        whole = whole && this->intact(c, nullptr, same, nullptr, 0);
        if (whole) {
            static_cast<void>(this->program_mark(c.base + write_));
            whole = this->look(c) == seen::record; // what stands there decides
        }
        write_ = c.next;
        return whole ? errc::ok : errc::io;
    }
    /// One record at write_. REQUIRES: room for it.
    [[nodiscard]] errc write(std::uint32_t flags, const wanted_key& key,
                             bytes_view value) noexcept {
        writer w;
        begin(w, flags, key, static_cast<std::uint32_t>(value.size()));
        feed(w, {key.key, key.size});
        feed(w, value);
        return finish(w);
    }

    [[nodiscard]] errc append(std::uint32_t flags, bytes_view key, bytes_view value) noexcept {
        const std::uint32_t size = record_size(static_cast<std::uint32_t>(key.size()),
                                               static_cast<std::uint32_t>(value.size()));
        errc bad = errc::io;
        for (std::uint32_t turn = 0; turn < 3 && bad == errc::io; ++turn) {
            bad = make_room((flags & tombstone) != 0 ? size : size + reserve);
            if (bad == errc::ok) bad = write(flags, wanted(key), value);
        }
        return bad;
    }

    /// Copies a record of the oldest sector to the end if it is still needed.
    [[nodiscard]] errc carry_forward(const record_cursor& c) noexcept {
        std::byte key[MaxKey];
        if (c.key_size > MaxKey) return errc::key_too_long; // of a build with longer keys
        errc bad = this->read(c.base + c.here.at + key_offset, key, c.key_size);
        if (bad != errc::ok) return bad;
        bool same = false;
        const bool whole = this->intact(c, nullptr, same, nullptr, 0);
        std::uint32_t flags = c.flags & lost;
        const bool named = whole && flags != lost; // otherwise the key's bytes can't be trusted
        record_cursor newest;
        const errc found =
            this->find({named ? key : nullptr, c.key_size, c.key_hash}, this->log_end(), newest);
        if (whole) {
            // Superseded, not in effect, or a tombstone: nothing older is left for it to hide.
            if (!(newest.here == c.here) || found == errc::not_found) return errc::ok;
            if (named && !Retention::keeps({key, c.key_size})) return errc::ok;
            if (found == errc::corrupt) flags |= suspect;
        } else {
            if (newest.here.at != 0) return errc::ok;
            flags = lost;
        }
        bad = errc::io;
        for (std::uint32_t turn = 0; turn < 3 && bad == errc::io; ++turn)
            bad = copy(c, key, flags, whole ? c.value_size : 0U);
        return bad;
    }
    [[nodiscard]] errc copy(const record_cursor& c, const std::byte* key, std::uint32_t flags,
                            std::uint32_t value_size) noexcept {
        errc bad = errc::ok;
        if (write_ + record_size(c.key_size, value_size) > sector_size)
            bad = sectors_in_use() < sector_count ? this->open_sector() : errc::full;
        if (bad != errc::ok) return bad;
        writer w;
        begin(w, flags, {key, c.key_size, c.key_hash}, value_size);
        feed(w, {key, c.key_size});
        std::byte piece[16];
        for (std::uint32_t done = 0, n; done < value_size && bad == errc::ok; done += n) {
            n = value_size - done;
            if (n > sizeof piece) n = sizeof piece;
            bad = this->read(c.base + c.here.at + key_offset + c.key_size + done, piece, n);
            feed(w, {piece, n});
        }
        const errc done = finish(w);
        return bad != errc::ok ? bad : done;
    }
};

} // namespace ashlar::inline v0_1::flash
