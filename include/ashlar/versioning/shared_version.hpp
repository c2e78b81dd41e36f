// SPDX-License-Identifier: BSL-1.0
/// @file Defines shared_version: one version per group of keys, moved once by each batch.
#pragma once

#include <ashlar/versioning/concept.hpp>
#include <ashlar/versioning/shared/layer.hpp>

namespace ashlar::inline v0_1 {

/// One version for all keys of a group. A batch that changes something raises it by one, and every
/// row that the batch puts carries the new one; a batch that changes nothing (erasures of absent
/// keys) leaves it. `expect_version(key, v)` asks for the group's version, and a conflict reports
/// it. `erase_group` removes all keys; the version goes on in the group's tombstone. Tries again
/// when another writer moves the group in between, at most 64 times, then errc::contended.
/// Costs 8 bytes a row, a row for each group, and a read and a put per batch and group.
template <class Scope>
struct shared_version {
    using axis = versioning_axis;
    static constexpr row_fields fields{.version = true};
    static constexpr bool needs_groups = true; ///< their rows stand among the others
    static constexpr bool leaves_tombstones = true;
    /// Whether the scope can tell the groups of keys that this codec encodes.
    template <class KeyCodec>
    static constexpr bool knows_groups = version_scope<Scope, KeyCodec>;
    static constexpr void describe(sentence& text) noexcept { text << " versioning=shared/1"; }

    template <class KeyCodec>
    [[nodiscard]] static result<void> version_key(bytes_view key, key_buffer& out) noexcept {
        return group_row_key<Scope, KeyCodec>(key, out);
    }

    template <engine Next, class KeyCodec>
    using layer = shared_version_layer<Next, KeyCodec, Scope>;
};
static_assert(versioning_policy<shared_version<by_prefix>>);

} // namespace ashlar::inline v0_1
