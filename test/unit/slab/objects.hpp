// SPDX-License-Identifier: BSL-1.0
// Objects of a pool that are filled, so that one that overlaps another is seen.
#pragma once

#include "catch.hpp"

#include <ashlar/slab/pool.hpp>

#include <algorithm>
#include <cstring>

namespace ashlar_test {

struct object {
    unsigned char* at;
    std::size_t size;
    unsigned char filler;

    [[nodiscard]] bool intact() const {
        return std::all_of(at, at + size, [&](unsigned char byte) { return byte == filler; });
    }
};

/// From a pool, or from what takes for it.
template <class Source>
[[nodiscard]] object take(Source& from, std::size_t size, unsigned char filler) {
    auto* const at = static_cast<unsigned char*>(from.take(size));
    REQUIRE(at != nullptr);
    std::memset(at, filler, size);
    return {at, size, filler};
}

} // namespace ashlar_test
