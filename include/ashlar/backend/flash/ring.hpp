// SPDX-License-Identifier: BSL-1.0
/// @file Defines the ring of sectors under flash_log: which are in use, in which order, and how one
/// is opened and given up.
#pragma once

#include <ashlar/backend/flash/cursor.hpp>
#include <ashlar/backend/flash/device.hpp>
#include <ashlar/backend/flash/tuning.hpp>
#include <ashlar/format/flash.hpp>

#include <cstring>

namespace ashlar::inline v0_1::flash {

/// Sectors are used in ring order and numbered by a sequence that never repeats; those in use are
/// `tail_` to `head_`, and a number's place in the ring follows from the head's, so that the
/// numbers are known even where a header is not. At rest `Tuning.spare` sectors are free.
template <flash_device Device, tuning Tuning>
class ring {
    static_assert(
        Tuning.spare >= 1 && Tuning.spare < Device::sector_count,
        "ashlar: a flash log keeps one sector free at least, and needs one to write to; let spare "
        "sectors be 1 to sector_count - 1");

  public:
    static constexpr std::uint32_t sector_size = Device::sector_size;
    static constexpr std::uint32_t sector_count = Device::sector_count;
    static constexpr std::uint32_t granule = Device::granule;
    /// Whether records have no marks; see voided_records.
    static constexpr bool wide = granule >= wide_granule;

    [[nodiscard]] static constexpr std::uint32_t rounded(std::uint32_t size) noexcept {
        return (size + granule - 1) & ~(granule - 1);
    }
    /// Where records begin: behind the header and the dead mark.
    static constexpr std::uint32_t first_record = rounded(sector_header_size) + granule;

    [[nodiscard]] Device& device() noexcept { return device_; }
    [[nodiscard]] std::uint32_t sectors_in_use() const noexcept { return head_ - tail_ + 1; }
    /// Sectors opened since the flash was blank; each costs one erase.
    [[nodiscard]] std::uint32_t sectors_opened() const noexcept {
        return head_ - (first_sequence - 1);
    }

  protected:
    constexpr ring() noexcept = default;
    constexpr explicit ring(const Device& device) noexcept : device_{device} {}

    static constexpr bool passes_over = Tuning.spare > 1;
    /// So much of a mark is read; all of it is programmed.
    static constexpr std::uint32_t mark_read = granule < 4 ? granule : 4;

    /// Numbers below are errors of probe.
    static constexpr std::uint32_t first_sequence = 64;
    /// More openings than flash outlives. The format ends there, so that none is ever 0 again.
    static constexpr std::uint32_t last_sequence = 0x80000000;

    [[nodiscard]] errc read(std::uint32_t address, std::byte* to, std::uint32_t n) const noexcept {
        return device_.read(address, to, n);
    }
    /// Where a sector in use begins.
    [[nodiscard, gnu::noinline]] std::uint32_t base_of(std::uint32_t sequence) const noexcept {
        const std::uint32_t base = head_base_ - (head_ - sequence) * sector_size;
        return base < flash_size ? base : base + flash_size;
    }

    /// Whether a mark is programmed: all zeros then, all ones before. Its halves are laid over each
    /// other, so that a flip of either changes neither.
    [[nodiscard]] static bool is_marked(const std::byte* mark) noexcept {
        std::uint32_t bits = 0;
        __builtin_memcpy(&bits, mark, mark_read);
        return (bits & bits >> 4 * mark_read) == 0;
    }
    [[nodiscard]] errc program_mark(std::uint32_t address) noexcept {
        const std::byte zeros[granule]{};
        return device_.program(address, zeros, granule);
    }

    /// The sequence of the sector that begins at `base`; below first_sequence it is an errc: ok
    /// when the sector is free; io, unsupported_version.
    [[nodiscard, gnu::noinline]] std::uint32_t probe(std::uint32_t base) const noexcept {
        std::byte header[rounded(sector_header_size) + 4];
        if (read(base, header, rounded(sector_header_size) + mark_read) != errc::ok)
            return static_cast<std::uint32_t>(errc::io);
        const bool marked = is_marked(header + rounded(sector_header_size));
        // The format goes into the sum: sectors of another one are none.
        if (!repair(header + format_size, describe_format(header)) || marked) return 0;
        if (header[format_size + 4] != std::byte{format_version(granule)})
            return static_cast<std::uint32_t>(errc::unsupported_version);
        return load_little<std::uint32_t>(header + format_size);
    }

    /// Finds the sectors in use; none on blank flash. Reads each header once.
    [[nodiscard]] errc find_sectors() noexcept {
        std::uint32_t head = first_sequence - 1, tail = nowhere;
        for (std::uint32_t base = 0; base != flash_size; base += sector_size) {
            const std::uint32_t found = probe(base);
            if (found == 0) continue;
            if (found < first_sequence) return static_cast<errc>(found);
            if (found < tail) tail = found;
            if (found > head) {
                head = found;
                head_base_ = base;
            }
        }
        head_ = head;
        tail_ = tail;
        if (head < first_sequence) return expect_blank();
        // More than the ring holds: headers that were never written by one store.
        if (head >= last_sequence || head - tail >= sector_count) return errc::corrupt;
        if constexpr (wide)
            if (is_doubtful()) forget_newest();
        return errc::ok;
    }

    /// Erases the next sector and writes its header. REQUIRES: it is free. Errors: io, when it
    /// refuses; with spare sectors it is passed over then, as one without records.
    [[nodiscard, gnu::noinline]] errc open_sector() noexcept {
        std::uint32_t base = head_base_ + sector_size;
        // At first all is blank; a torn erasure would leave nothing that tells whose flash it is.
        bool used = head_ >= first_sequence;
        if constexpr (passes_over)
            if (base != flash_size && head_ - first_sequence < sector_count && !is_any_sound())
                used = has_header(base);
        if (base == flash_size) {
            base = 0;
            used = true;
        }
        bool erased = true;
        if (used) erased = device_.erase(base) == errc::ok;
        std::byte header[rounded(sector_header_size)];
        if constexpr (sizeof header != sector_header_size) std::memset(header, 0xFF, sizeof header);
        store_little(header + format_size, head_ + 1);
        header[format_size + 4] = std::byte{format_version(granule)};
        seal(header + format_size, describe_format(header));
        // What was refused is not programmed over: granules may be programmed once only.
        if (erased || !passes_over) static_cast<void>(device_.program(base, header, sizeof header));
        // What stands there decides, not what was reported.
        const bool sound = probe(base) == head_ + 1;
        if (!sound && !passes_over) return errc::io;
        ++head_;
        head_base_ = base;
        write_ = base + first_record;
        if (sound) return errc::ok;
        write_ = base + sector_size;
        static_cast<void>(program_mark(base + rounded(sector_header_size)));
        return errc::io;
    }

    /// Puts a cursor before the first record of its sector.
    [[gnu::noinline]] void start(record_cursor& c) const noexcept {
        const std::uint32_t base = base_of(c.sector);
        c.next = base + first_record;
        c.end = c.sector == head_ ? write_ : base + sector_size;
        c.wanted = 0;
        c.searching = c.damaged = false;
        if constexpr (passes_over)
            if (was_passed_over(base)) c.next = c.end;
    }

    /// Programs a sector's dead mark: its records are not needed any more. Errors: io.
    [[nodiscard]] errc give_up(std::uint32_t sequence) noexcept {
        const std::uint32_t base = base_of(sequence);
        if constexpr (!passes_over) return program_mark(base + rounded(sector_header_size));
        // What stands there decides, and a sector that takes no mark may still be erased.
        if (probe(base) == sequence)
            static_cast<void>(program_mark(base + rounded(sector_header_size)));
        if (probe(base) == sequence) static_cast<void>(device_.erase(base));
        return probe(base) == sequence ? errc::io : errc::ok;
    }
    /// Whether a sector in use was passed over: its dead mark is programmed.
    [[nodiscard]] bool was_passed_over(std::uint32_t base) const noexcept {
        std::byte mark[mark_read];
        return read(base + rounded(sector_header_size), mark, mark_read) == errc::ok &&
               is_marked(mark);
    }

    [[no_unique_address]] Device device_{};
    std::uint32_t head_ = first_sequence - 1;
    std::uint32_t tail_ = first_sequence;
    std::uint32_t head_base_ = before_first; ///< address of the head
    std::uint32_t write_ = nowhere;          ///< address of the next record
    std::uint32_t fingerprint_ = 0;

    static constexpr std::uint32_t flash_size = sector_count * sector_size;
    static constexpr std::uint32_t nowhere = 0xFFFFFFFF;
    static constexpr std::uint32_t before_first = 0U - sector_size;

  private:
    /// Whether anything stands where a sector's header does.
    [[nodiscard]] bool has_header(std::uint32_t base) const noexcept {
        std::byte header[sector_header_size];
        if (read(base, header, sizeof header) != errc::ok) return true;
        for (const std::byte b : header)
            if (b != std::byte{0xFF}) return true;
        return false;
    }
    /// Whether not all sectors up to the newest were passed over.
    [[nodiscard]] bool is_any_sound() const noexcept {
        std::uint32_t sequence = tail_;
        while (sequence <= head_ && probe(base_of(sequence)) != sequence) ++sequence;
        return sequence <= head_;
    }

    /// Fills the first half of a sector header and answers its sum.
    [[gnu::noinline]] std::uint32_t describe_format(std::byte* to) const noexcept {
        store_little(to, std::uint32_t{0x676F'6C61}); // "alog"
        store_little(to + 4, sector_size);
        store_little(to + 8, sector_count | granule << 16);
        store_little(to + 12, fingerprint_);
        return sum_of(to, format_size, 0);
    }

    /// Whether a bit of the newest sector's header had to be put right, and no record stands there:
    /// power loss may have cut the header. Another flip would lose what was written into it.
    [[nodiscard]] bool is_doubtful() const noexcept {
        std::byte header[sector_header_size], first[granule];
        if (read(head_base_, header, sizeof header) != errc::ok) return true;
        const auto stands = load_little<std::uint64_t>(header + format_size);
        seal(header + format_size, describe_format(header));
        if (load_little<std::uint64_t>(header + format_size) == stands) return false;
        if (read(head_base_ + first_record, first, granule) != errc::ok) return true;
        for (const std::byte b : first)
            if (b != std::byte{0xFF}) return false;
        return true;
    }
    /// Takes the newest sector for free, so that it is opened anew. Where it is the only one, the
    /// flash is as before its first use, or else an empty log, which stays.
    void forget_newest() noexcept {
        if (head_ != tail_) {
            head_base_ = base_of(head_ - 1);
            --head_;
            return;
        }
        const std::uint32_t head = head_, base = head_base_;
        head_ = first_sequence - 1;
        if (expect_blank() == errc::ok) return;
        head_ = tail_ = head;
        head_base_ = base;
    }

    /// Without a sector in use all must be erased, but for headers that power loss cut when the
    /// first sector was opened: the ring begins behind them.
    [[nodiscard]] errc expect_blank() noexcept {
        tail_ = first_sequence;
        head_base_ = before_first;
        for (std::uint32_t at = 0; at != flash_size; ++at) {
            std::byte piece;
            if (const errc bad = read(at, &piece, 1); bad != errc::ok) return bad;
            if (piece == std::byte{0xFF}) continue;
            if (at % sector_size >= first_record) return errc::foreign;
            head_base_ = at - at % sector_size;
        }
        return errc::ok;
    }
};

} // namespace ashlar::inline v0_1::flash
