// SPDX-License-Identifier: BSL-1.0
/// @file Defines text: the key codec of strings whose end can be found again.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/text_bytes.hpp>

namespace ashlar::inline v0_1 {

/// Key codec: any bytes, 00 written as 00 FF, the end as 00 01. Sorts as the text does (unsigned,
/// a prefix first) and no encoding begins another, so it may stand before other bytes. A key that
/// stands alone needs no end mark: native_key stores it as it is.
/// Extent dynamic, ordered, self-delimiting. Errors: a missing end or a 00 before anything but
/// FF and 01: corrupt; no memory for the decoded text: out_of_memory.
/// Cost: a search for 00 and a copy; two of each when decoding text that has zeros.
/// size and encode take any bytes (std::string_view, literals), so look-ups need no Key.
struct text {
    using axis = key_codec_axis;

    template <owned_text Key>
    using codec = detail::escaped_text_codec<Key>;
};

} // namespace ashlar::inline v0_1
