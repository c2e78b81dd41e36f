// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layout of a row: the header fields that policies declare, then the payload.
#pragma once

#include <ashlar/batch.hpp>

namespace ashlar::inline v0_1 {

/// Which header fields the policies of a store declare, and whether commits are numbered.
struct row_fields {
    bool version = false;   ///< 8 bytes, little-endian
    bool expiry = false;    ///< 8 bytes, little-endian: absolute wall time in ns, 0 for never
    bool sequenced = false; ///< commits have numbers, which apply answers; no bytes in a row
};

/// What several policies declare together.
template <class... Fields>
[[nodiscard]] consteval row_fields merged(Fields... parts) noexcept {
    return {(parts.version || ...), (parts.expiry || ...), (parts.sequenced || ...)};
}

/// Values of the expiry field that are no time. `keeps_expiry` stands in batches only: the engine
/// puts the replaced live row's expiry in its place, or expires_never without one.
inline constexpr std::uint64_t expires_never = 0;
inline constexpr std::uint64_t keeps_expiry = ~std::uint64_t{};

/// Everything an engine knows of its rows at compile time. Not the codecs: two stores whose keys
/// and values have the same extents share one engine type (docs/decisions/0004).
template <std::size_t KeyExtent, std::size_t PayloadExtent, row_fields Fields>
struct row_layout {
    static constexpr std::size_t key_extent = KeyExtent;
    static constexpr std::size_t payload_extent = PayloadExtent;
    static constexpr row_fields fields = Fields;

    static constexpr std::size_t version_offset = 0;
    static constexpr std::size_t expiry_offset = Fields.version ? 8 : 0;
    static constexpr std::size_t header_size = expiry_offset + (Fields.expiry ? 8 : 0);
    static constexpr std::size_t row_extent =
        PayloadExtent == dynamic_extent ? dynamic_extent : header_size + PayloadExtent;

    /// What apply and the direct verbs answer: the commit's sequence where one is kept.
    using receipt = std::conditional_t<Fields.sequenced, result<commit_seq>, result<void>>;
    [[nodiscard]] static receipt receipt_for(commit_seq seq) noexcept {
        if constexpr (Fields.sequenced) return seq;
        else return static_cast<void>(seq), receipt{};
    }

    /// False for rows that can't be of this layout: bytes from disk may be.
    [[nodiscard]] static bool fits(bytes_view row) noexcept {
        if constexpr (row_extent != dynamic_extent) return row.size() == row_extent;
        else return row.size() >= header_size;
    }
    /// REQUIRES of the following: fits(row).
    [[nodiscard]] static bytes_view payload(bytes_view row) noexcept {
        if constexpr (row_extent != dynamic_extent)
            return {row.data() + header_size, payload_extent};
        else return row.skip(header_size);
    }
    [[nodiscard]] static std::uint64_t version(bytes_view row) noexcept
        requires(Fields.version)
    {
        return load_little<std::uint64_t>(row.data() + version_offset);
    }
    [[nodiscard]] static std::uint64_t expiry(bytes_view row) noexcept
        requires(Fields.expiry)
    {
        return load_little<std::uint64_t>(row.data() + expiry_offset);
    }
    /// Does nothing where rows don't expire.
    static void set_expiry(std::byte* row, std::uint64_t at) noexcept {
        if constexpr (Fields.expiry) store_little(row + expiry_offset, at);
    }
};

} // namespace ashlar::inline v0_1
