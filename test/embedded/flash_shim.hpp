// SPDX-License-Identifier: BSL-1.0
// NOR flash that is memory: 4 sectors of 4 KiB in RAM which only clears bits. What it weighs is
// part of the baseline.
#pragma once

#include "board.hpp"

#include <ashlar/backend/flash/device.hpp>

#include <cstring>

namespace board {

/// Not cleared at start-up, so that a reset keeps it, as flash does.
inline constexpr std::uint32_t flash_size = 4 * 4096;
alignas(4) [[gnu::section(".noinit")]] static std::byte flash[flash_size];
struct counts {
    std::uint32_t reads, programs, bytes, erases;
};
inline counts flash_counts;

struct flash_device {
    static constexpr std::uint32_t sector_size = 4096;
    static constexpr std::uint32_t sector_count = 4;
    static constexpr std::uint32_t granule = 4;

    [[gnu::noinline]] static ashlar::errc read(std::uint32_t at, std::byte* to,
                                               std::uint32_t n) noexcept {
        ++flash_counts.reads;
        std::memcpy(to, flash + at, n);
        return ashlar::errc::ok;
    }
    [[gnu::noinline]] static ashlar::errc program(std::uint32_t at, const std::byte* from,
                                                  std::uint32_t n) noexcept {
        ++flash_counts.programs;
        flash_counts.bytes += n;
        for (std::uint32_t i = 0; i < n; ++i) flash[at + i] &= from[i];
        return ashlar::errc::ok;
    }
    [[gnu::noinline]] static ashlar::errc erase(std::uint32_t at) noexcept {
        ++flash_counts.erases;
        std::memset(flash + at, 0xFF, sector_size);
        return ashlar::errc::ok;
    }
};
static_assert(ashlar::flash_device<flash_device>);

/// Bytes of stack that were touched since paint_stack: what it wrote is gone there.
inline constexpr std::uint32_t stack_paint = 0xA5A5A5A5;
inline constexpr std::uint32_t stack_measured = 4096;
[[gnu::noinline]] inline std::uint32_t* stack_bottom() noexcept {
    return static_cast<std::uint32_t*>(__builtin_frame_address(0)) - stack_measured / 4;
}
[[gnu::noinline]] inline void paint_stack() noexcept {
    volatile std::uint32_t* const bottom = stack_bottom();
    for (std::uint32_t i = 0; i < stack_measured / 4 - 32; ++i) bottom[i] = stack_paint;
}
[[gnu::noinline]] inline std::uint32_t stack_used() noexcept {
    const volatile std::uint32_t* const bottom = stack_bottom();
    std::uint32_t i = 0;
    while (i < stack_measured / 4 && bottom[i] == stack_paint) ++i;
    return stack_measured - 4 * i;
}

/// Writes "name number" on a line.
inline void report(const char* name, std::uint32_t number) noexcept {
    char digits[12];
    char* at = digits + sizeof digits;
    *--at = '\0';
    *--at = '\n';
    do {
        *--at = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    board_write(name);
    board_write(at);
}

} // namespace board
