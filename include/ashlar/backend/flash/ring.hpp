// SPDX-License-Identifier: BSL-1.0
/// @file Defines the ring of sectors under flash_log: which are in use, in which order, and how one
/// is opened and given up.
#pragma once

#include <ashlar/backend/flash/device.hpp>
#include <ashlar/format/flash.hpp>

namespace ashlar::inline v0_1::flash {

/// Sectors are used in ring order and numbered by a sequence that never repeats; those in use are
/// `tail_` to `head_`, and a number's place in the ring follows from the head's, so that the
/// numbers are known even where a header is not. At rest at least one sector is free.
template <flash_device Device>
class ring {
  public:
    static constexpr std::uint32_t sector_size = Device::sector_size;
    static constexpr std::uint32_t sector_count = Device::sector_count;
    static constexpr std::uint32_t granule = Device::granule;

    [[nodiscard]] static constexpr std::uint32_t rounded(std::uint32_t size) noexcept {
        return (size + granule - 1) / granule * granule;
    }
    /// Where records begin: behind the header and the dead mark.
    static constexpr std::uint32_t first_record = rounded(sector_header_size) + granule;

    [[nodiscard]] Device& device() noexcept { return device_; }
    [[nodiscard]] std::uint32_t sectors_in_use() const noexcept { return head_ - tail_ + 1; }
    /// Sectors opened since the flash was blank; each costs one erase.
    [[nodiscard]] std::uint32_t sectors_opened() const noexcept { return head_; }

  protected:
    constexpr ring() noexcept = default;
    constexpr explicit ring(const Device& device) noexcept : device_{device} {}

    /// So much of a mark is read; all of it is programmed.
    static constexpr std::uint32_t mark_read = granule < 4 ? granule : 4;

    [[nodiscard]] errc read(std::uint32_t address, std::byte* to, std::uint32_t n) const noexcept {
        return device_.read(address, to, n);
    }
    /// Where a sector in use begins.
    [[nodiscard]] std::uint32_t base_of(std::uint32_t sequence) const noexcept {
        std::uint32_t index = head_index_ - (head_ - sequence);
        if (index >= sector_count) index += sector_count;
        return index * sector_size;
    }

    [[nodiscard]] errc program_mark(std::uint32_t address) noexcept {
        const std::byte zeros[granule]{};
        return device_.program(address, zeros, granule);
    }

    /// The sequence of the sector at a place of the ring; 0 when it is free.
    /// Errors: io, foreign, unsupported_version.
    [[nodiscard, gnu::noinline]] errc probe(std::uint32_t index,
                                            std::uint32_t& sequence) const noexcept {
        std::byte wanted[sector_header_size], header[rounded(sector_header_size) + mark_read];
        sequence = 0;
        const errc done = read(index * sector_size, header, sizeof header);
        std::uint32_t sum = 0;
        if (done != errc::ok || repair(header, sector_header_size, 0, sum) == soundness::broken)
            return done;
        const auto found = load_little<std::uint32_t>(header + 16);
        fill_header(wanted, found);
        if (std::memcmp(header, wanted, 16) != 0) {
            const bool newer = std::memcmp(header, wanted, 3) == 0 && header[3] != wanted[3];
            return newer ? errc::unsupported_version : errc::foreign;
        }
        if (!is_marked(header + rounded(sector_header_size), mark_read)) sequence = found;
        return errc::ok;
    }

    /// Finds the sectors in use. Blank flash is an empty ring. Reads each header once.
    [[nodiscard]] errc find_sectors() noexcept {
        head_ = 0;
        tail_ = 1;
        head_index_ = sector_count - 1;
        for (std::uint32_t index = 0; index < sector_count; ++index) {
            std::uint32_t sequence = 0;
            if (const errc bad = probe(index, sequence); bad != errc::ok) return bad;
            if (sequence == 0) continue;
            if (head_ == 0 || sequence < tail_) tail_ = sequence;
            if (sequence > head_) {
                head_ = sequence;
                head_index_ = index;
            }
        }
        if (head_ == 0) return expect_blank();
        // More than the ring holds: headers that were never written by one store.
        return sectors_in_use() <= sector_count ? errc::ok : errc::corrupt;
    }

    /// Erases the next sector and writes its header. REQUIRES: it is free.
    [[nodiscard]] errc open_sector() noexcept {
        const std::uint32_t index = head_index_ + 1 == sector_count ? 0 : head_index_ + 1;
        std::byte header[rounded(sector_header_size)];
        errc bad = errc::ok;
        // At first all is blank; a torn erasure would leave nothing that tells whose flash it is.
        if (head_ != 0 || !is_blank(index * sector_size, sizeof header)) bad = device_.erase(index);
        std::memset(header, 0xFF, sizeof header);
        fill_header(header, head_ + 1);
        store_sum(header, sector_header_size, header_sum(header, sector_header_size, 0));
        if (bad == errc::ok) bad = device_.program(index * sector_size, header, sizeof header);
        std::uint32_t sequence = 0;
        if (bad == errc::ok) bad = probe(index, sequence);
        if (bad != errc::ok) return bad;
        if (sequence != head_ + 1) return errc::io;
        head_ = sequence;
        head_index_ = index;
        write_ = first_record;
        return errc::ok;
    }

    /// Programs a sector's dead mark: its records are not needed any more.
    [[nodiscard]] errc give_up(std::uint32_t sequence) noexcept {
        return program_mark(base_of(sequence) + rounded(sector_header_size));
    }

    [[no_unique_address]] Device device_{};
    std::uint32_t head_ = 0;
    std::uint32_t tail_ = 1;
    std::uint32_t head_index_ = sector_count - 1;
    std::uint32_t write_ = sector_size; ///< where the next record begins in the head
    std::uint32_t fingerprint_ = 0;

  private:
    void fill_header(std::byte* to, std::uint32_t sequence) const noexcept {
        store_little(to, std::uint32_t{0x00'66'6C'61} | std::uint32_t{format_version} << 24);
        store_little(to + 4, sector_size);
        store_little(to + 8, sector_count | granule << 16);
        store_little(to + 12, fingerprint_);
        store_little(to + 16, sequence);
        to[20] = std::byte{0};
    }

    /// Without a sector in use all must be erased, but for headers that power loss cut when the
    /// first sector was opened: the ring begins behind them, where nothing needs to be erased.
    [[nodiscard]] errc expect_blank() noexcept {
        constexpr std::uint32_t header = rounded(sector_header_size);
        for (std::uint32_t index = 0; index < sector_count; ++index) {
            const std::uint32_t at = index * sector_size;
            if (!is_blank(at, header)) head_index_ = index;
            if (!is_blank(at + header, sector_size - header)) return errc::foreign;
        }
        return errc::ok;
    }
    [[nodiscard, gnu::noinline]] bool is_blank(std::uint32_t at, std::uint32_t n) const noexcept {
        for (; n != 0; --n, ++at) {
            std::byte piece{};
            if (read(at, &piece, 1) != errc::ok || piece != std::byte{0xFF}) return false;
        }
        return true;
    }
};

} // namespace ashlar::inline v0_1::flash
