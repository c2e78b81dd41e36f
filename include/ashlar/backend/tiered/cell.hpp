// SPDX-License-Identifier: BSL-1.0
/// @file Defines cell: what the hot tier keeps under a key, a row or where it rests.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/format/crc32c.hpp>

namespace ashlar::inline v0_1::tiered_parts {

/// Where a copy of a row rests in the cold tier. Numbers are never given twice, so a place says
/// which row it is, not only of which key.
struct cold_place {
    std::uint64_t id = 0;
    std::uint32_t size = 0;
    std::uint32_t checksum = 0; ///< CRC-32C of the number and the row

    static constexpr std::size_t bytes = 16;

    [[nodiscard]] static cold_place of(std::uint64_t id, bytes_view row) noexcept {
        std::byte number[8];
        store_little(number, id);
        return {id, static_cast<std::uint32_t>(row.size()), crc32c(row, crc32c({number, 8}))};
    }
    [[nodiscard]] bool holds(bytes_view row) const noexcept {
        return row.size() == size && of(id, row).checksum == checksum;
    }
};

/// A cell's bytes: its kind, the place where there is a copy, then the row; of a spilled one its
/// header alone, for who only asks when it goes.
enum class cell_kind : std::uint8_t { resident, copied, spilled };

struct cell {
    /// Bytes that stand before the row at most.
    static constexpr std::size_t longest_prefix = 1 + cold_place::bytes;

    cell_kind kind = cell_kind::resident;
    cold_place at{};
    bytes_view row{};

    [[nodiscard]] bool is_here() const noexcept { return kind != cell_kind::spilled; }
    [[nodiscard]] bool has_copy() const noexcept { return kind != cell_kind::resident; }
    [[nodiscard]] std::size_t size() const noexcept {
        return 1 + (has_copy() ? cold_place::bytes : 0) + row.size();
    }

    /// REQUIRES: written by write(). Views the bytes.
    [[nodiscard]] static cell of(bytes_view bytes) noexcept {
        cell c{.kind = static_cast<cell_kind>(bytes[0])};
        bytes = bytes.skip(1);
        if (c.has_copy()) {
            c.at = {load_little<std::uint64_t>(bytes.data()),
                    load_little<std::uint32_t>(bytes.data() + 8),
                    load_little<std::uint32_t>(bytes.data() + 12)};
            bytes = bytes.skip(cold_place::bytes);
        }
        c.row = bytes;
        return c;
    }
    /// REQUIRES: room for size() bytes.
    void write(std::byte* to) const noexcept {
        *to++ = static_cast<std::byte>(kind);
        if (has_copy()) {
            store_little(to, at.id);
            store_little(to + 8, at.size);
            store_little(to + 12, at.checksum);
            to += cold_place::bytes;
        }
        copy_bytes(to, row);
    }
};

} // namespace ashlar::inline v0_1::tiered_parts
