// SPDX-License-Identifier: BSL-1.0
/// @file Defines places, cursors and searches in a flash log.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ashlar/format/flash.hpp>

namespace ashlar::inline v0_1::flash {

/// A place in the log: a sector by its sequence, which grows, and an address in it.
struct place {
    std::uint32_t sector;
    std::uint32_t at;
};

/// A reader's position in one sector, and the record there.
struct record_cursor {
    std::uint32_t sector;
    std::uint32_t at;   ///< address of the record; 0 is none, a header stands there
    std::uint32_t next; ///< where the record behind it begins
    std::uint32_t end;  ///< records end here at the latest
    std::uint32_t head; ///< the header's first word: tag, flags and 8 bits of the value's size
    std::uint32_t value_size;
    union {
        std::uint32_t wanted; ///< where the record looked for is, if its batch was begun
        std::uint32_t from;   ///< while searching at wide granules: where that began
    };
    bool searching; ///< behind an unreadable header, for the next whole one
    bool damaged;   ///< an unreadable record in effect was passed

    [[nodiscard]] std::uint32_t tag() const noexcept { return head & tag_bits; }
    [[nodiscard]] std::uint32_t key_size() const noexcept { return head & 0xFF; }
};

/// A cursor that looks for a key from `sector` back, among the records before the address
/// `before`; or a record to be written.
struct search : record_cursor {
    const std::byte* key; ///< null: any whole record with the tag will do
    std::uint32_t wanted_tag;
    std::byte* out;         ///< as much of the value as fits `capacity` is copied here
    std::uint32_t capacity; ///< without a key to look for, a copy begins with the record's key
    std::uint32_t before;
    union {
        const std::byte* value; ///< of a record to be written
        std::uint32_t flipped;  ///< of one that was read at wide granules: the bit put right
    };
};

} // namespace ashlar::inline v0_1::flash
