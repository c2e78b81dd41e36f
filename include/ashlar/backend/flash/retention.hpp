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

/// Satisfied by retentions that keep the `R::last` rows with the greatest keys among those that
/// `keeps` is false for: a full device answers `full` rather than drop one of them.
template <class R>
concept keeping_last =
    retention<R> && requires { requires std::same_as<const std::uint32_t, decltype(R::last)>; };

/// The ring is for keys that begin with one byte, such as a time series beside configuration.
template <std::uint8_t First>
struct drop_oldest_of {
    [[nodiscard]] static bool keeps(bytes_view key) noexcept {
        return key.empty() || key[0] != std::byte{First};
    }
};
static_assert(retention<drop_oldest_of<0>> && !keeping_last<drop_oldest_of<0>>);

/// Of the keys that begin with one byte, the N greatest stay: the last N readings of a time series.
/// Older ones go when their sector is collected. Each key must be written once only.
template <std::uint8_t First, std::uint32_t N>
struct keep_last_of : drop_oldest_of<First> {
    static constexpr std::uint32_t last = N;
};
static_assert(keeping_last<keep_last_of<0, 1>>);

} // namespace ashlar::inline v0_1
