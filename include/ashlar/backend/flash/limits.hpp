// SPDX-License-Identifier: BSL-1.0
/// @file Defines flash_limits: sizes of keys and rows, spare sectors, order of walks.
#pragma once

#include <cstdint>

namespace ashlar::inline v0_1 {

/// In which order rows are walked.
enum class flash_order : std::uint8_t {
    log, ///< oldest first; a whole walk is O(records squared)
    key, ///< in byte order of keys, and with scans and ranges; takes the stack of three more keys,
         ///< and each row is O(records)
};

/// Sizes that decide how much stack a verb needs: one row to read, two to update, one key to
/// collect.
struct flash_limits {
    std::uint32_t max_key = 32; ///< at most 255
    std::uint32_t max_row = 64; ///< longer values need the log's streams
    std::uint32_t cached = 0;   ///< addresses kept in RAM, 4 bytes each: reads need not search then
    std::uint32_t spare_sectors = 1; ///< kept free; so many less one may be worn out
    flash_order walk_order = flash_order::log;
};

} // namespace ashlar::inline v0_1
