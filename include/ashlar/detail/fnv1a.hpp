// SPDX-License-Identifier: BSL-1.0
/// @file Defines FNV-1a, the fixed hash behind store identities.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::detail {

/// FNV-1a, 64 bits (Fowler, Noll, Vo; offset basis and prime as in IETF draft-eastlake-fnv). It is
/// part of persisted cursors: never change it. Not for tables: it is slow and easy to attack.
[[nodiscard]] constexpr std::uint64_t fnv1a(text_view text,
                                            std::uint64_t state = 0xCBF2'9CE4'8422'2325U) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i)
        state = (state ^ static_cast<unsigned char>(text.data()[i])) * 0x0000'0100'0000'01B3U;
    return state;
}
static_assert(fnv1a("") == 0xCBF2'9CE4'8422'2325U && fnv1a("a") == 0xAF63'DC4C'8601'EC8CU);

} // namespace ashlar::inline v0_1::detail
