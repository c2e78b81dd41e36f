// SPDX-License-Identifier: BSL-1.0
/// @file Defines big_endian: the key codec of numbers, in bytes that sort as the numbers do.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/ordered_scalar.hpp>

namespace ashlar::inline v0_1 {

/// Key codec: a number as its big-endian bytes. Signed integers have their sign bit flipped,
/// float and double are in IEEE 754 total order: -NaN < -inf < ... < -0 < +0 < ... < +inf < NaN,
/// every NaN kept bit for bit. Extent sizeof(Key), ordered, self-delimiting, the same on every
/// machine (plain `char` and wchar_t excepted: their sign is the machine's, and the id says so).
/// Errors: fewer bytes than the extent, or a bool byte above 1: corrupt. Cost: one bswap, one move.
struct big_endian {
    using axis = key_codec_axis;

    template <ordered_scalar Key>
    using codec = detail::ordered_scalar_codec<Key>;
};
static_assert(key_codec_policy<big_endian, std::uint64_t> && key_codec_policy<big_endian, double>);

} // namespace ashlar::inline v0_1
