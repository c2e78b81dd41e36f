// SPDX-License-Identifier: BSL-1.0
/// @file Defines address_cache: where the newest record of a key is, in 4 bytes of RAM a slot.
#pragma once

#include <cstdint>

namespace ashlar::inline v0_1::flash {

/// Keys share a slot when their tags do modulo Slots; the one used last has it, the others are
/// looked for in the log as if there were no cache. Empty at mount, filled by reads and writes.
template <std::uint32_t Slots>
class address_cache {
  public:
    static constexpr bool enabled = true;
    [[nodiscard]] std::uint32_t operator[](std::uint32_t tag) const noexcept {
        return slots_[slot_of(tag)];
    }
    void set(std::uint32_t tag, std::uint32_t address) noexcept { slots_[slot_of(tag)] = address; }
    void clear() noexcept {
        for (std::uint32_t& slot : slots_) slot = 0;
    }

  private:
    /// Bits 8 to 19 of a tag are a hash.
    [[nodiscard]] static std::uint32_t slot_of(std::uint32_t tag) noexcept {
        return (tag >> 8) % Slots;
    }
    std::uint32_t slots_[Slots]{};
};

/// None: not one byte.
template <>
class address_cache<0> {
  public:
    static constexpr bool enabled = false;
    static void set(std::uint32_t, std::uint32_t) noexcept {}
    static void clear() noexcept {}
};

} // namespace ashlar::inline v0_1::flash
