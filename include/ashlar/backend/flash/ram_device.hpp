// SPDX-License-Identifier: BSL-1.0
/// @file Defines ram_device: memory that outlives a reset, as a flash device.
#pragma once

#include <ashlar/backend/flash/device.hpp>

#include <cstring>

namespace ashlar::inline v0_1::flash {

/// For parts that have no flash to spare: memory with a battery, FRAM in the address space, or a
/// section that start-up code leaves alone, so that rows survive a reset though not a power loss.
/// Behaves as NOR flash does, at memory's speed; sectors may be small. A handle: `memory`, of
/// `size` bytes, is the caller's and must outlive it. Memory that was never used has any content,
/// which a mount refuses as foreign: `format` it once. Nothing fails; not thread-safe by itself.
template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule = 1>
struct ram_device {
    static constexpr std::uint32_t sector_size = SectorSize;
    static constexpr std::uint32_t sector_count = SectorCount;
    static constexpr std::uint32_t granule = Granule;
    static constexpr std::uint32_t size = SectorSize * SectorCount;

    std::byte* memory = nullptr;

    [[nodiscard]] errc read(std::uint32_t at, std::byte* to, std::uint32_t n) const noexcept {
        std::memcpy(to, memory + at, n);
        return errc::ok;
    }
    /// Byte after byte and in no other order, so that a reset leaves what flash would have.
    [[nodiscard]] errc program(std::uint32_t at, const std::byte* from, std::uint32_t n) noexcept {
        volatile std::byte* const to = memory + at;
        for (std::uint32_t i = 0; i != n; ++i) to[i] = to[i] & from[i];
        return errc::ok;
    }
    [[nodiscard]] errc erase(std::uint32_t at) noexcept {
        volatile std::byte* const to = memory + at;
        for (std::uint32_t i = 0; i != sector_size; ++i) to[i] = std::byte{0xFF};
        return errc::ok;
    }
};
static_assert(flash_device<ram_device<256, 4>>);

} // namespace ashlar::inline v0_1::flash
