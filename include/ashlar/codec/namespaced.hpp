// SPDX-License-Identifier: BSL-1.0
/// @file Defines namespaced<Inner>: a key codec that keeps tenants apart whatever their names hold.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/text_bytes.hpp>
#include <ashlar/fwd.hpp>

#include <compare>

namespace ashlar::inline v0_1 {

/// A key inside a namespace. Namespaces nest: namespaced_key<namespaced_key<std::string>, ...>.
template <class Key, class Text = Key>
struct namespaced_key {
    Text ns;
    Key key;

    [[nodiscard]] friend bool operator==(const namespaced_key&, const namespaced_key&) = default;
    [[nodiscard]] friend auto operator<=>(const namespaced_key&, const namespaced_key&) = default;
};

namespace detail {

template <class T>
inline constexpr bool is_namespaced_key = false;
template <class Key, owned_text Text>
inline constexpr bool is_namespaced_key<namespaced_key<Key, Text>> = true;

} // namespace detail

/// Key codec: the escaped name of the namespace (the format of `text`), then the key as Inner
/// writes it. A separator in either is only a character: ("a", "b:c") and ("a:b", "c") differ.
/// Extent dynamic; ordered by namespace, then key, and self-delimiting, where Inner is.
/// Grouping by namespace when no key of Inner is empty, so that none equals the group's own row.
/// Errors: those of text and of Inner. A limit on the key is Inner's (normalized<...>); what the
/// namespace adds is not counted. Cost: a search and a copy for the namespace, and Inner's.
/// size and encode take a namespaced_key of views as well, so look-ups copy nothing.
template <class Inner = native_key>
struct namespaced {
    static_assert(on_axis<Inner, key_codec_axis>,
                  "ashlar: namespaced<Inner> wraps a key codec and Inner is none, or its header is "
                  "missing; include it (native_key: ashlar/codec/native.hpp) or name another");
    using axis = key_codec_axis;

    template <class Key>
        requires detail::is_namespaced_key<Key>
    struct codec;

    template <class Key, class Text>
        requires key_codec_policy<Inner, Key>
    struct codec<namespaced_key<Key, Text>> {
        using outer = detail::escaped_text_codec<Text>;
        using inner = typename Inner::template codec<Key>;

        static constexpr std::size_t extent = dynamic_extent;
        static constexpr bool ordered = inner::ordered;
        static constexpr bool self_delimiting = inner::self_delimiting;

        template <class K, class T>
        [[nodiscard]] static result<std::size_t> size(const namespaced_key<K, T>& key) noexcept {
            const result<std::size_t> name = outer::size(key.ns);
            if (!name) return name;
            const result<std::size_t> rest = inner::size(key.key);
            if (!rest) return rest;
            std::size_t total = 0;
            if (__builtin_add_overflow(*name, *rest, &total)) return errc::key_too_long;
            return total;
        }
        template <class K, class T>
        [[nodiscard]] static std::byte* encode(const namespaced_key<K, T>& key,
                                               std::byte* out) noexcept {
            return inner::encode(key.key, outer::encode(key.ns, out));
        }
        [[nodiscard]] static result<namespaced_key<Key, Text>> decode_some(bytes_view& in) {
            result<Text> name = outer::decode_some(in);
            if (!name) return name.error();
            result<Key> key = inner::decode_some(in);
            if (!key) return key.error();
            return namespaced_key<Key, Text>{*std::move(name), *std::move(key)};
        }
        static constexpr void describe(sentence& text) noexcept {
            text << "namespaced(";
            inner::describe(text);
            text << ")";
        }

        /// The namespace is the group. Not offered where a key may be empty.
        [[nodiscard]] static result<std::size_t> prefix_size(bytes_view key) noexcept
            requires(inner::self_delimiting && inner::extent != 0)
        {
            bytes_view rest = key;
            if (!outer::skip(rest)) return errc::corrupt;
            return key.size() - rest.size();
        }
        static constexpr bytes_view group_row{};
    };
};

} // namespace ashlar::inline v0_1
