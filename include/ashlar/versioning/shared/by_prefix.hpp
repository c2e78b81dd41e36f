// SPDX-License-Identifier: BSL-1.0
/// @file Defines by_prefix: keys whose first component is the same belong to one group.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/versioning/concept.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by scopes: they say, by means of the key codec, which group a key belongs to.
///   size(key)        length of the group's name, which is a prefix of the key
///   row_suffix       bytes behind the name that make the key of the group's own row
template <class S, class KeyCodec>
concept version_scope = requires(bytes_view key) {
    { S::template size<KeyCodec>(key) } -> std::same_as<result<std::size_t>>;
    { S::template row_suffix<KeyCodec>() } -> std::same_as<bytes_view>;
};

/// The group is the key's first component: the account of an entry, the id of an object.
struct by_prefix {
    template <grouping_codec KeyCodec>
    [[nodiscard]] static result<std::size_t> size(bytes_view key) noexcept {
        return KeyCodec::prefix_size(key);
    }
    template <grouping_codec KeyCodec>
    [[nodiscard]] static bytes_view row_suffix() noexcept {
        return KeyCodec::group_row;
    }
};

} // namespace ashlar::inline v0_1
