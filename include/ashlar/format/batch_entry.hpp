// SPDX-License-Identifier: BSL-1.0
/// @file Defines the persistent form of a batch's checks and operations (docs/formats.md).
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// The values are part of the batch, log and wire format: never change or reuse one.
enum class check_kind : std::uint8_t {
    absent = 1,  ///< no live row under the key
    present = 2, ///< a live row under the key
    equals = 3,  ///< a live row whose payload is the operand
    version_is =
        4, ///< the row's version field is the operand (8 bytes, little-endian); 0 is absence
    range_empty = 5, ///< no live row in [key, operand); an empty operand means no upper bound
};

enum class operation_kind : std::uint8_t {
    put = 16,
    erase = 17,
    erase_range = 18, ///< [key, value); an empty value means no upper bound
    add = 19,         ///< payload += the last 8 bytes of value, signed, little-endian, checked
};

/// What stands before the key and value bytes of each entry; integers are little-endian.
struct batch_entry {
    std::uint8_t kind;
    std::uint8_t flags;     ///< seq_in_key or seq_in_value: where commit writes the sequence
    std::uint16_t reserved; ///< zero
    std::uint32_t key_size;
    std::uint32_t value_size;
    std::uint32_t seq_offset; ///< of the 8 bytes in key or value; zero without a flag
};
static_assert(sizeof(batch_entry) == 16);
static_assert(offsetof(batch_entry, key_size) == 4 && offsetof(batch_entry, value_size) == 8);
static_assert(offsetof(batch_entry, seq_offset) == 12);

inline constexpr std::uint8_t seq_in_key = 1;
inline constexpr std::uint8_t seq_in_value = 2;

inline void store_entry(std::byte* to, const batch_entry& e) noexcept {
    to[0] = static_cast<std::byte>(e.kind);
    to[1] = static_cast<std::byte>(e.flags);
    store_little(to + 2, e.reserved);
    store_little(to + 4, e.key_size);
    store_little(to + 8, e.value_size);
    store_little(to + 12, e.seq_offset);
}

[[nodiscard]] inline batch_entry load_entry(const std::byte* from) noexcept {
    return {static_cast<std::uint8_t>(from[0]),   static_cast<std::uint8_t>(from[1]),
            load_little<std::uint16_t>(from + 2), load_little<std::uint32_t>(from + 4),
            load_little<std::uint32_t>(from + 8), load_little<std::uint32_t>(from + 12)};
}

} // namespace ashlar::inline v0_1
