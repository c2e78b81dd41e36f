// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a flash device is: sectors that are erased, granules that are programmed.
#pragma once

#include <ashlar/error.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by NOR flash, internal flash, and what behaves like it. Geometry is constant:
///
///   sector_size    bytes that one erase sets to FF; a multiple of the granule
///   sector_count   sectors of the store, 2 at least; addresses begin at 0
///   granule        1, 2, 4, 8, 16 or 32: the bytes that are programmed at a time
///
/// read(address, to, n): any place and length. program(address, from, n): both multiples of the
/// granule, within one sector, in ascending order; a granule is programmed once between two erases
/// (flash with its own check bits allows no more). It clears bits and never sets one.
/// erase(address): the sector that begins there. All three answer errc::ok, or errc::io when the
/// hardware reports a failure; what was asked for is then done in part. Power loss may leave the
/// granule under way, or the sector under erasure, with any content; granules behind it are as
/// they were.
///
/// Held by value: an empty type whose functions drive the controller, or a small handle.
/// ashlar/testing/flash_device_laws.hpp tries a device; docs/policies/flash_log.md is a guide.
template <class D>
concept flash_device = std::copyable<D> &&
                       requires(D& device, const D& view, std::byte* to, const std::byte* from) {
                           { D::sector_size } -> std::convertible_to<std::uint32_t>;
                           { D::sector_count } -> std::convertible_to<std::uint32_t>;
                           { D::granule } -> std::convertible_to<std::uint32_t>;
                           {
                               view.read(std::uint32_t{}, to, std::uint32_t{})
                           } -> std::same_as<errc>;
                           {
                               device.program(std::uint32_t{}, from, std::uint32_t{})
                           } -> std::same_as<errc>;
                           { device.erase(std::uint32_t{}) } -> std::same_as<errc>;
                       } && D::sector_count >= 2 && D::granule >= 1 && D::granule <= 32 &&
                       (D::granule & (D::granule - 1)) == 0 && D::sector_size % D::granule == 0;

} // namespace ashlar::inline v0_1
