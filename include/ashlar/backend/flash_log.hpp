// SPDX-License-Identifier: BSL-1.0
/// @file Defines flash_log<Device>: rows in a power-loss-safe log on flash, without a heap.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/flash/engine.hpp>

namespace ashlar::inline v0_1 {

/// For microcontrollers with NOR or internal flash, FRAM or EEPROM. Everything acknowledged
/// survives power loss at any moment; batches are atomic; damage is reported, never an older value
/// shown in its place (docs/policies/flash_log.md). Some 24 bytes of RAM, no heap, no exceptions.
/// A read looks at each record from the newest on, O(records); a put appends, and collects when
/// the flash is full. `Retention` says which rows make room for new ones.
template <flash_device Device, flash_limits Limits = flash_limits{},
          retention Retention = retain_all>
struct flash_log {
    /// What `open` needs: the device, when it isn't an empty type.
    struct options {
        Device device{};
    };
    using axis = backend_axis;
    static constexpr bool ordered = Limits.walk_order == flash_order::key;
    static constexpr bool persistent = false; // it needs no directory
    static constexpr bool durable_medium = true;
    static constexpr std::size_t max_key_size = Limits.max_key;
    static constexpr std::size_t max_row_size = Limits.max_row;
    static constexpr bool needs_fixed_extents = false;
    static constexpr void describe(sentence& text) noexcept { text << "flash_log/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = flash_log_engine<Device, Limits, Retention, Row, Concurrency>;
};

} // namespace ashlar::inline v0_1
