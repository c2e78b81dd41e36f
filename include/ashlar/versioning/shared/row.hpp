// SPDX-License-Identifier: BSL-1.0
/// @file Defines the row that a version group keeps of itself (docs/formats.md, "Group row").
#pragma once

#include <ashlar/row.hpp>

namespace ashlar::inline v0_1 {

/// State of a group of keys. Stored as row header (the version, 8 bytes little-endian) and payload:
/// tombstone u8, attribute count u16 little-endian (0: reserved); 11 bytes in all.
struct group_state {
    bool exists = false;    ///< false: no key of the group was ever written
    bool tombstone = false; ///< the group was erased as a whole; its version goes on
    std::uint64_t version = 0;

    static constexpr std::size_t payload_size = 3;

    template <class Row>
    [[nodiscard]] static result<group_state> decode(bytes_view row) noexcept {
        if (row.size() < Row::header_size + payload_size) return errc::corrupt;
        const bytes_view payload = row.skip(Row::header_size);
        if (payload[0] > std::byte{1}) return errc::corrupt;
        return group_state{true, payload[0] == std::byte{1}, Row::version(row)};
    }
    template <class Row>
    struct encoded {
        std::byte bytes[Row::header_size + payload_size]{};
        [[nodiscard]] bytes_view view() const noexcept { return {bytes, sizeof bytes}; }
    };
    template <class Row>
    [[nodiscard]] encoded<Row> encode() const noexcept {
        encoded<Row> row;
        store_little(row.bytes + Row::version_offset, version);
        row.bytes[Row::header_size] = static_cast<std::byte>(tombstone);
        return row;
    }

    /// The state after one more change: the version saturates.
    [[nodiscard]] group_state next(bool erased) const noexcept {
        return {true, erased, version == ~std::uint64_t{} ? version : version + 1};
    }
};

} // namespace ashlar::inline v0_1
