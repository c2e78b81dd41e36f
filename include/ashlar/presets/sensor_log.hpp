// SPDX-License-Identifier: BSL-1.0
/// @file Defines the preset sensor_log.
#pragma once

#include <ashlar/backend/flash/series.hpp>
#include <ashlar/backend/flash/typed.hpp>

namespace ashlar::inline v0_1 {

/// A sensor node's memory on one flash device: configuration and counters that stay, and a time
/// series whose oldest readings make room for new ones (examples/sensor_node).
///
///   sensor_log<device>::log log{device{}};            rows: put, get, apply, put_typed, get_typed
///   sensor_log<device>::readings readings{log};       series: append, latest, range
///   if (log.mount() != errc::ok) ...
template <flash_device Device, std::uint32_t MaxKey = 16>
struct sensor_log {
    static constexpr std::uint8_t series_prefix =
        0x01; ///< no name of a configuration row begins so
    using log = flash::log<Device, MaxKey, drop_oldest_of<series_prefix>>;
    using readings = flash::series<log, series_prefix>;
};

} // namespace ashlar::inline v0_1
