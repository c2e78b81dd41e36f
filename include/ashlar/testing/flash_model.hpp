// SPDX-License-Identifier: BSL-1.0
/// @file Defines flash_model: NOR flash in memory that wears, tears, flips bits and counts.
#pragma once

#include <ashlar/backend/flash/device.hpp>
#include <ashlar/testing/random.hpp>

#include <cstring>
#include <string>
#include <vector>

namespace ashlar::inline v0_1::testing {

/// What power loss leaves of the operation under way.
enum class flash_cut : std::uint8_t {
    clean, ///< the granules before are programmed, this one is not begun; an erase is not begun
    torn,  ///< this granule has random bits; a sector under erasure has them everywhere
    late,  ///< this granule is programmed but for one to three bits; an erase is not begun
    first_half, ///< the first half of a sector is erased, the second is as it was
    second_half,
};

/// The state of a flash chip; devices are handles to it. After power is cut every operation
/// answers io and changes nothing, so that what runs on ends soon; `power_on` begins anew.
class simulated_flash {
  public:
    static constexpr std::uint64_t never = static_cast<std::uint64_t>(-1);

    simulated_flash(std::uint32_t sector_bytes, std::uint32_t sector_count,
                    std::uint32_t granule_bytes)
        : sector_size{sector_bytes}, granule{granule_bytes}, size{sector_bytes * sector_count},
          bytes(size, std::byte{0xFF}), erases(sector_count, 0), sector_reads(sector_count, 0) {}

    std::uint32_t sector_size;
    std::uint32_t granule;
    std::uint32_t size;
    std::vector<std::byte> bytes;
    std::vector<std::uint32_t> erases;
    std::vector<std::uint64_t> sector_reads;
    /// Steps (granules programmed, sectors erased) until power is cut, and how.
    std::uint64_t power = never;
    flash_cut cut = flash_cut::clean;
    bool cut_erase = false;   ///< power was cut in an erasure
    std::uint32_t cut_at = 0; ///< the granule or sector under way then
    random_source random{1};
    std::uint64_t worn = 0;           ///< a bit for each sector that refuses to be erased
    bool worn_takes_programs = false; ///< otherwise it refuses those, too

    std::uint64_t reads = 0;
    std::uint64_t programs = 0;
    std::uint64_t programmed_bytes = 0;
    std::uint64_t steps = 0;
    /// What no driver may do: programming out of place, or twice, or setting a bit.
    std::uint64_t mistakes = 0;
    /// Bytes that were programmed though they were not erased: allowed, but counted.
    std::uint64_t reprogrammed = 0;

    void power_on() noexcept { power = never; }
    void flip(std::uint32_t bit) noexcept {
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    }

    [[nodiscard]] errc read(std::uint32_t at, std::byte* to, std::uint32_t n) noexcept {
        ++reads;
        if (at > size || n > size - at) return ++mistakes, errc::io;
        if (at < size) ++sector_reads[at / sector_size];
        copy_bytes(to, {bytes.data() + at, n});
        return errc::ok;
    }
    [[nodiscard]] errc program(std::uint32_t at, const std::byte* from, std::uint32_t n) noexcept {
        const bool placed = n != 0 && at % granule == 0 && n % granule == 0 && at < size &&
                            n <= sector_size - at % sector_size;
        if (!placed) return ++mistakes, errc::io;
        if (power == 0 || (is_worn(at / sector_size) && !worn_takes_programs)) return errc::io;
        ++programs;
        for (std::uint32_t i = 0; i < n; i += granule, at += granule, from += granule) {
            if (!spend()) {
                cut_at = at;
                if (cut == flash_cut::torn) tear(at, granule);
                if (cut == flash_cut::late) tear_late(at, from);
                return errc::io;
            }
            for (std::uint32_t b = 0; b < granule; ++b) {
                if (bytes[at + b] != std::byte{0xFF} && from[b] != std::byte{0} && granule > 1)
                    ++reprogrammed;
                bytes[at + b] &= from[b];
            }
            programmed_bytes += granule;
        }
        return errc::ok;
    }
    [[nodiscard]] errc erase(std::uint32_t at) noexcept {
        const std::uint32_t sector = at / sector_size;
        if (at >= size || at % sector_size != 0) return ++mistakes, errc::io;
        if (power == 0 || is_worn(sector)) return errc::io;
        if (!spend()) {
            cut_erase = true;
            cut_at = at;
            if (cut == flash_cut::torn) tear(at, sector_size);
            if (cut == flash_cut::first_half) wipe(at, sector_size / 2);
            if (cut == flash_cut::second_half) wipe(at + sector_size / 2, sector_size / 2);
            return errc::io;
        }
        wipe(at, sector_size);
        ++erases[sector];
        return errc::ok;
    }

  private:
    [[nodiscard]] bool is_worn(std::uint32_t sector) const noexcept {
        return (worn >> sector & 1) != 0;
    }
    [[nodiscard]] bool spend() noexcept {
        ++steps;
        if (power == never) return true;
        return power-- > 1;
    }
    void wipe(std::uint32_t at, std::uint32_t n) noexcept {
        std::memset(bytes.data() + at, 0xFF, n);
    }
    void tear_late(std::uint32_t at, const std::byte* from) noexcept {
        for (std::uint32_t b = 0; b < granule; ++b) bytes[at + b] &= from[b];
        // A granule may have no bit to clear; the tries end then.
        for (std::uint64_t left = 1 + random.below(3), tries = 0; left != 0; ++tries) {
            const auto bit = static_cast<std::uint32_t>(random.below(8ULL * granule));
            std::byte& in = bytes[at + bit / 8];
            const auto mask = static_cast<std::byte>(1U << bit % 8);
            if ((in & mask) == std::byte{0} || tries > 200) --left;
            in |= mask;
        }
    }
    void tear(std::uint32_t at, std::uint32_t n) noexcept {
        for (std::uint32_t i = 0; i < n; ++i)
            bytes[at + i] = static_cast<std::byte>(random.next() & 0xFF);
    }
};

/// A chip of a geometry that is known when compiled.
template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule>
class flash_chip : public simulated_flash {
  public:
    flash_chip() : simulated_flash{SectorSize, SectorCount, Granule} {}
};

/// A device on a chip; copies drive the same one.
template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule>
struct flash_model {
    static constexpr std::uint32_t sector_size = SectorSize;
    static constexpr std::uint32_t sector_count = SectorCount;
    static constexpr std::uint32_t granule = Granule;
    using chip_type = flash_chip<SectorSize, SectorCount, Granule>;

    simulated_flash* chip = nullptr;

    [[nodiscard]] errc read(std::uint32_t at, std::byte* to, std::uint32_t n) const noexcept {
        return chip->read(at, to, n);
    }
    [[nodiscard]] errc program(std::uint32_t at, const std::byte* from, std::uint32_t n) noexcept {
        return chip->program(at, from, n);
    }
    [[nodiscard]] errc erase(std::uint32_t at) noexcept { return chip->erase(at); }
};
static_assert(flash_device<flash_model<256, 4, 1>>);

} // namespace ashlar::inline v0_1::testing
