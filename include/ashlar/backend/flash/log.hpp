// SPDX-License-Identifier: BSL-1.0
/// @file Defines the log: rows on flash by key, batches, streams and iteration.
#pragma once

#include <ashlar/backend/flash/appender.hpp>

namespace ashlar::inline v0_1::flash {

/// One of several that happen together.
struct change {
    bytes_view key;
    bytes_view value;
    bool erase;
};

/// Which of all keys is looked for, in byte order.
enum class seek : std::uint8_t {
    at_or_behind, ///< the least that is not less than a bound
    behind,       ///< the least that is greater
    before,       ///< the greatest that is less
    last,         ///< the greatest of all
};

/// Keys and values of any bytes on a flash device, without typed face, heap or exceptions. Decision
/// 0050 has the design, docs/formats.md the bytes. Not thread-safe. Every verb that answers
/// errc::ok has survived power loss by then; any other answer of a write means that nothing
/// happened. Keys are at most MaxKey bytes: so much stack does a collection need. Cached
/// addresses of 4 bytes each make most reads two flash reads.
template <flash_device Device, std::uint32_t MaxKey = 32, retention Retention = retain_all,
          tuning Tuning = tuning{}>
class log : public appender<Device, MaxKey, Retention, Tuning> {
    using base = appender<Device, MaxKey, Retention, Tuning>;

  public:
    using base::max_record_size, base::max_value_size, base::record_size, base::reserve;
    using base::sector_count, base::sector_size, base::sectors_in_use;
    using typename base::writer;

    static constexpr std::uint32_t max_key_size = MaxKey;

    constexpr log() noexcept = default;
    constexpr explicit log(const Device& device) noexcept : base{device} {}

    /// Finds what is there; blank flash is an empty log. Writes nothing, but for a void behind a
    /// torn record at granules of 16 and 32; after any error nothing was written. Errors: foreign
    /// (not a log, or one of another geometry or fingerprint), unsupported_version, corrupt, io.
    /// Complexity: one read per sector, and one to three per record of the newest one.
    [[nodiscard]] errc mount(std::uint32_t fingerprint = 0) noexcept {
        this->fingerprint_ = fingerprint;
        this->cache_.clear();
        const errc bad = this->find_sectors();
        if (bad != errc::ok) return bad;
        const std::uint32_t used = sectors_in_use();
        if (used == sector_count) {
            // Only a collection uses all sectors, and the newest holds nothing but its copies. The
            // one before is taken for full, so that the next write opens that sector anew.
            this->head_base_ = this->base_of(head_ - 1);
            --head_;
        }
        write_ = this->head_base_ + sector_size;
        if (used - 1 >= sector_count - 1) return bad;
        if constexpr (base::wide) {
            this->settle();
        } else {
            record_cursor c;
            c.sector = head_;
            this->start(c);
            while (this->step(c)) {
            }
            write_ = c.next;
        }
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
        search c;
        const errc done = look_up(key, c, out, capacity);
        size = c.at != 0 ? c.value_size : 0;
        return done;
    }
    /// The last whole value of a key for which get answers corrupt: older, perhaps by much.
    /// Errors: not_found.
    [[nodiscard]] errc previous(bytes_view key, std::byte* out, std::uint32_t capacity,
                                std::uint32_t& size) const noexcept {
        search c;
        const errc done = look_up(key, c, out, capacity);
        size = c.value_size;
        return c.at != 0 && (c.head & tombstone) == 0 ? errc::ok : done;
    }

    /// Errors: key_too_long, value_too_long, full, io.
    [[nodiscard]] errc put(bytes_view key, bytes_view value) noexcept {
        if (key.size() > MaxKey) return errc::key_too_long;
        if (value.size() > max_value_size(static_cast<std::uint32_t>(key.size())))
            return errc::value_too_long;
        search c;
        base::name(c, key);
        base::fill(c, value, 0);
        return append(c, Tuning.spare);
    }

    /// `there`: whether the key was there, or may have been. Errors: full, io.
    [[nodiscard]] errc erase(bytes_view key, bool& there) noexcept {
        search c;
        const errc found = look_up(key, c);
        there = found != errc::not_found;
        base::fill(c, {}, tombstone);
        return there ? append(c, Tuning.spare) : errc::ok;
    }

    /// All of `changes` or none: as_change(item) answers a change for each item of the list, in
    /// order; the last one on a key wins. Errors: key_too_long, value_too_long, full (also for more
    /// than one sector holds), io.
    template <class List, class AsChange>
    [[nodiscard]] errc apply(const List& changes, AsChange as_change) noexcept {
        std::uint32_t size = 0;
        for (const auto& one : changes) {
            const change c = as_change(one);
            if (c.key.size() > MaxKey) return errc::key_too_long;
            const auto key_size = static_cast<std::uint32_t>(c.key.size());
            if (c.value.size() > max_value_size(key_size)) return errc::value_too_long;
            size += record_size(key_size, static_cast<std::uint32_t>(c.value.size()));
            if (size > max_record_size) return errc::full;
        }
        errc bad = errc::io;
        for (std::uint32_t turn = 0; turn < 2 + Tuning.spare && bad == errc::io; ++turn) {
            bad = make_room(size + reserve);
            // A list that depends on the rows may be shorter when some made room.
            std::uint32_t index = 0, count = 0;
            for (const auto& one : changes) static_cast<void>(one), ++count;
            for (const auto& one : changes) {
                const change c = as_change(one);
                std::uint32_t flags = c.erase ? std::uint32_t{tombstone} : 0U;
                if (index != 0) flags |= continued;
                if (++index != count) flags |= more;
                search record;
                base::name(record, c.key);
                base::fill(record, c.value, flags);
                if (bad == errc::ok) bad = write(record);
            }
            if (bad != errc::ok) this->cache_.clear(); // what was written is not in effect
        }
        return bad;
    }

    /// A value under way that is longer than RAM: begin_value, add_to for each part, end_value. It
    /// counts from end_value on; a stream that is given up leaves nothing but used space. Nothing
    /// else may be written meanwhile.
    struct stream {
        writer w;
        std::uint32_t left = 0; ///< bytes that are still to come
    };
    /// `size` is that of the whole value. Errors: key_too_long, value_too_long, full, io.
    [[nodiscard]] errc begin_value(stream& s, bytes_view key, std::uint32_t size) noexcept {
        if (key.size() > MaxKey) return errc::key_too_long;
        const auto key_size = static_cast<std::uint32_t>(key.size());
        if (size > max_value_size(key_size)) return errc::value_too_long;
        const errc bad = make_room(record_size(key_size, size) + reserve);
        if (bad != errc::ok) return bad;
        search c;
        base::name(c, key);
        base::fill(c, {nullptr, size}, 0);
        begin(s.w, c);
        feed(s.w, key.data(), key_size);
        s.left = size;
        return errc::ok;
    }
    /// Errors: invalid_argument for more than was said.
    [[nodiscard]] errc add_to(stream& s, bytes_view part) noexcept {
        if (part.size() > s.left) return errc::invalid_argument;
        const auto n = static_cast<std::uint32_t>(part.size());
        s.left -= n;
        feed(s.w, part.data(), n);
        return errc::ok;
    }
    /// Errors: invalid_argument for less than was said; io: begin again.
    [[nodiscard]] errc end_value(stream& s) noexcept {
        if (s.left != 0) return errc::invalid_argument;
        base::feed_checksum(s.w);
        return finish(s.w);
    }
    /// Finds a value and checks it as a whole, for read_part. Errors: as get.
    [[nodiscard]] errc open_value(bytes_view key, search& value) const noexcept {
        return look_up(key, value);
    }
    /// Copies a part of an opened value; `n` bytes at most are left to copy behind `offset`.
    /// Valid until the next write. Errors: range_invalid, io.
    [[nodiscard]] errc read_part(const search& value, std::uint32_t offset, std::byte* out,
                                 std::uint32_t n) const noexcept {
        if (offset > value.value_size || n > value.value_size - offset) return errc::range_invalid;
        if constexpr (base::wide)
            return this->read_mended(value, value.key_size() + offset, out, n);
        else return this->read(value.at + key_offset + value.key_size() + offset, out, n);
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
            c.sector = from.sector;
            this->start(c);
            if (from.at != 0) c.next = from.at;
            if (from.sector == end.sector && end.at < c.end) c.end = end.at;
            while (this->step(c)) {
                key_size = c.key_size();
                if (key_size > MaxKey) continue;
                if (this->read_key(c, key) != errc::ok) continue;
                search newest;
                newest.key = key;
                newest.wanted_tag = c.tag();
                newest.capacity = 0;
                newest.sector = end.sector;
                newest.before = end.at;
                errc found = find(newest);
                if (newest.at != c.at && (newest.at != 0 || found != errc::corrupt)) continue;
                newest.out = out;
                newest.capacity = capacity;
                if (found != errc::corrupt) found = this->find_newest(newest);
                if (found == errc::not_found) continue;
                from.at = c.next;
                size = newest.at != 0 ? newest.value_size : 0;
                there = found == errc::ok;
                return found;
            }
        }
        return errc::ok;
    }
    using base::log_end;

    /// The live row with the least key greater than `key`, which is replaced by its own; the least
    /// of all when `key_size` is key_none, as at the beginning. The key is all the state there is,
    /// so writes may happen meanwhile. Otherwise as nearest.
    [[nodiscard]] errc next_in_order(std::byte* key, std::uint32_t& key_size, std::byte* out,
                                     std::uint32_t capacity, std::uint32_t& size,
                                     bool& there) const noexcept {
        if (key_size > MaxKey)
            return nearest({}, seek::at_or_behind, key, key_size, out, capacity, size, there);
        return nearest({key, key_size}, seek::behind, key, key_size, out, capacity, size, there);
    }
    /// The live row whose key is nearest to `bound`, in byte order, with its key (MaxKey bytes).
    /// `bound` may be the bytes at `key`. `there` is false where the order ends. Errors: corrupt
    /// for a damaged row: `key` is its. Complexity: three reads per record, and again for each
    /// erased key in between that the log still has a record of.
    [[nodiscard]] errc nearest(bytes_view bound, seek where, std::byte* key,
                               std::uint32_t& key_size, std::byte* out, std::uint32_t capacity,
                               std::uint32_t& size, bool& there) const noexcept {
        for (;;) {
            std::byte best[MaxKey];
            std::uint32_t best_size = key_none;
            for (std::uint32_t sector = tail_; sector <= head_; ++sector) {
                record_cursor c;
                c.sector = sector;
                this->start(c);
                while (this->step(c)) {
                    std::byte other[MaxKey];
                    const bytes_view name{other, c.key_size()};
                    if (c.key_size() > MaxKey) continue;
                    if (this->read_key(c, other) != errc::ok) continue;
                    if (!lies(name, where, bound)) continue;
                    if (best_size <= MaxKey &&
                        !lies(name, nearer_than(where), bytes_view{best, best_size}))
                        continue;
                    best_size = c.key_size();
                    copy_bytes(best, name);
                }
            }
            there = false;
            key_size = best_size;
            if (best_size > MaxKey) return errc::ok;
            copy_bytes(key, {best, best_size});
            bound = {key, key_size};
            search c;
            base::name(c, bound);
            c.out = out;
            c.capacity = capacity;
            // Not by the cache: it knows of records of a batch that is not in effect yet.
            c.sector = head_;
            c.before = base::nowhere;
            const errc found = find(c);
            size = c.at != 0 ? c.value_size : 0;
            there = found == errc::ok;
            if (found != errc::not_found) return found;
            where =
                where == seek::at_or_behind || where == seek::behind ? seek::behind : seek::before;
        }
    }
    /// A key size for the beginning of next_in_order.
    static constexpr std::uint32_t key_none = 0xFFFFFFFF;

    /// The newest live row whose key `matches`; `named(key)` is told its key.
    /// Errors: not_found; corrupt when a newer record can't be read.
    template <class Matches, class Named>
    [[nodiscard]] errc last_row(Matches matches, Named named, std::byte* out,
                                std::uint32_t capacity, std::uint32_t& size) const noexcept {
        errc verdict = errc::not_found;
        for (std::uint32_t sector = head_; sector >= tail_; --sector) {
            record_cursor c;
            errc best = errc::not_found;
            c.sector = sector;
            this->start(c);
            while (this->step(c)) {
                std::byte key[MaxKey];
                search newest;
                if (c.damaged) verdict = errc::corrupt;
                if (c.key_size() > MaxKey) continue;
                if (this->read_key(c, key) != errc::ok) continue;
                if (!matches(bytes_view{key, c.key_size()})) continue;
                newest.key = key;
                newest.wanted_tag = c.tag();
                newest.out = out;
                newest.capacity = capacity;
                const errc found = this->find_newest(newest);
                if (newest.at != c.at || found == errc::not_found) continue;
                best = found;
                size = newest.value_size;
                named(bytes_view{key, c.key_size()});
            }
            if (best != errc::not_found) return verdict == errc::corrupt ? verdict : best;
        }
        return verdict;
    }

  private:
    [[nodiscard]] static bool lies(bytes_view key, seek where, bytes_view bound) noexcept {
        switch (where) {
        case seek::at_or_behind: return !(key < bound);
        case seek::behind: return bound < key;
        case seek::before: return key < bound;
        case seek::last: return true;
        }
        return false;
    }
    /// Where a key lies that is nearer to the bound than another.
    [[nodiscard]] static seek nearer_than(seek where) noexcept {
        return where == seek::at_or_behind || where == seek::behind ? seek::before : seek::behind;
    }

    using base::append, base::begin, base::feed, base::find, base::finish;
    using base::head_, base::key_offset, base::make_room, base::tail_, base::write, base::write_;

    [[nodiscard]] errc look_up(bytes_view key, search& c, std::byte* out = nullptr,
                               std::uint32_t capacity = 0) const noexcept {
        c.at = 0;
        if (key.size() > MaxKey) return errc::not_found;
        base::name(c, key);
        c.out = out;
        c.capacity = capacity;
        return this->find_newest(c);
    }
};

} // namespace ashlar::inline v0_1::flash
