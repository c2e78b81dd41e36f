// SPDX-License-Identifier: BSL-1.0
/// @file Defines which rows a full flash log keeps: all of them, or not the oldest of some.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by what says of a key whether its row is carried along when the oldest sector is
/// collected. A row that isn't is gone; nothing else ever is.
template <class R>
concept retention = requires(bytes_view key) {
    { R::keeps(key) } -> std::same_as<bool>;
};

/// Every row stays until it is erased; a device without room answers `full`.
struct retain_all {
    [[nodiscard]] static constexpr bool keeps(bytes_view) noexcept { return true; }
};
static_assert(retention<retain_all>);

/// A ring: the oldest sector's rows make room for new ones.
struct drop_oldest {
    [[nodiscard]] static constexpr bool keeps(bytes_view) noexcept { return false; }
};
static_assert(retention<drop_oldest>);

/// The ring is for keys that begin with one byte, such as a time series beside configuration.
template <std::uint8_t First>
struct drop_oldest_of {
    [[nodiscard]] static bool keeps(bytes_view key) noexcept {
        return key.empty() || key[0] != std::byte{First};
    }
};
static_assert(retention<drop_oldest_of<0>>);

} // namespace ashlar::inline v0_1
