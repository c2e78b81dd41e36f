// SPDX-License-Identifier: BSL-1.0
/// @file Defines tuning: what a flash log may spend on speed and on worn sectors.
#pragma once

#include <cstdint>

namespace ashlar::inline v0_1::flash {

struct tuning {
    /// Addresses kept in RAM, 4 bytes each: a key that has one is read without a search.
    std::uint32_t cached = 0;
    /// Sectors that are kept free. One is needed; with s of them, s - 1 sectors of the ring may
    /// refuse to be erased or programmed, and are passed over. A log with more worn ones than that
    /// answers io, and shows everything it has.
    std::uint32_t spare = 1;
    /// Bytes of a record that are read at a time, on the stack: with the cache, rows that fit with
    /// their key and 4 bytes are two flash reads.
    std::uint32_t piece = 32;
};

} // namespace ashlar::inline v0_1::flash
