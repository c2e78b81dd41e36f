// SPDX-License-Identifier: BSL-1.0
/// @file Defines stamped: each row carries the sequence of the commit that wrote it last.
#pragma once

#include <ashlar/versioning/concept.hpp>
#include <ashlar/versioning/stamped/layer.hpp>

namespace ashlar::inline v0_1 {

/// Versions per key, taken from the store's own commit sequence: they grow with every write and
/// survive erasure without a tombstone, because a row that comes back gets a later stamp than any
/// before (no ABA). `expect_version(key, 0)` says absent. Costs 8 bytes a row.
struct stamped {
    using axis = versioning_axis;
    static constexpr row_fields fields{.version = true, .sequenced = true};
    static constexpr void describe(sentence& text) noexcept { text << " versioning=stamped/1"; }

    template <class KeyCodec>
    [[nodiscard]] static result<void> version_key(bytes_view key, key_buffer& out) noexcept {
        if (!out.assign(key)) return errc::out_of_memory;
        return {};
    }

    template <engine Next, class>
    using layer = stamped_layer<Next>;
};
static_assert(versioning_policy<stamped>);

} // namespace ashlar::inline v0_1
