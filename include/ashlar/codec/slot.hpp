// SPDX-License-Identifier: BSL-1.0
/// @file Defines slot<N, Inner>: a key codec that puts the number of a hash slot before the key.
#pragma once

#include <ashlar/codec/concept.hpp>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

namespace ashlar::inline v0_1 {

/// What decides the slot of a key.
enum class slot_of {
    whole_key,   ///< all bytes of the key
    group_prefix ///< its group, which so stays together; Inner must be grouping
};

/// The slot of these bytes: XXH3, 64 bits, seed 0, modulo `slots`. The function is part of the
/// format: it places data on disks and on nodes, and never changes. REQUIRES: slots != 0.
[[nodiscard]] inline std::uint16_t slot_number(bytes_view bytes, std::uint32_t slots) noexcept {
    return static_cast<std::uint16_t>(XXH3_64bits(bytes.data(), bytes.size()) % slots);
}

/// Key codec: the slot as 16 bits big-endian, then the key as Inner writes it. The rows of a slot
/// are one range [slot, slot + 1), which can be dropped, moved or dumped at once.
/// Extent 2 + Inner's. Ordered only for N == 1: scans go slot by slot, inside a slot in Inner's
/// order. Self-delimiting where Inner is. Errors: Inner's; a slot that is not the key's (damage, or
/// another N): corrupt. Cost: Inner's, and an XXH3 of the key (some 3 ns for 16 bytes).
template <std::uint32_t N, class Inner, slot_of Of = slot_of::whole_key>
struct slot {
    static_assert(N >= 1 && N <= 65536,
                  "ashlar: slot<N, Inner> numbers its slots with 16 bits; N must be 1 to 65536");
    static_assert(on_axis<Inner, key_codec_axis>,
                  "ashlar: slot<N, Inner> wraps a key codec and Inner is none; "
                  "name one, e.g. slot<2048, native_key>");
    using axis = key_codec_axis;

    template <class Key>
        requires key_codec_policy<Inner, Key> &&
                 (Of == slot_of::whole_key || grouping_codec<typename Inner::template codec<Key>>)
    struct codec {
        using inner = typename Inner::template codec<Key>;
        static constexpr std::size_t slot_size = 2;

        static constexpr std::size_t extent =
            inner::extent == dynamic_extent ? dynamic_extent : slot_size + inner::extent;
        static constexpr bool ordered = N == 1 && inner::ordered;
        static constexpr bool self_delimiting = inner::self_delimiting;

        template <class K>
        [[nodiscard]] static result<std::size_t> size(const K& key) noexcept {
            const result<std::size_t> plain = inner::size(key);
            if (!plain) return plain;
            if (*plain > dynamic_extent - 1 - slot_size) return errc::key_too_long;
            return *plain + slot_size;
        }
        template <class K>
        [[nodiscard]] static std::byte* encode(const K& key, std::byte* out) noexcept {
            std::byte* const begin = out + slot_size;
            std::byte* const end = inner::encode(key, begin);
            store_big(out, number({begin, static_cast<std::size_t>(end - begin)}));
            return end;
        }
        [[nodiscard]] static result<Key> decode_some(bytes_view& in) {
            if (in.size() < slot_size) return errc::corrupt;
            const auto found = load_big<std::uint16_t>(in.data());
            bytes_view rest = in.skip(slot_size);
            const std::byte* const begin = rest.data();
            result<Key> key = inner::decode_some(rest);
            if (!key) return key;
            if (number({begin, static_cast<std::size_t>(rest.data() - begin)}) != found)
                return errc::corrupt;
            in = rest;
            return key;
        }
        static constexpr void describe(sentence& text) noexcept {
            text << "slot(" << std::uint64_t{N} << ",xxh3_64,";
            text << (Of == slot_of::group_prefix ? "group_prefix," : "whole_key,");
            inner::describe(text);
            text << ")";
        }

        /// A group lies in one slot, so it is one group still.
        [[nodiscard]] static result<std::size_t> prefix_size(bytes_view key) noexcept
            requires(Of == slot_of::group_prefix)
        {
            if (key.size() < slot_size) return errc::corrupt;
            const result<std::size_t> plain = inner::prefix_size(key.skip(slot_size));
            if (!plain) return plain;
            return *plain + slot_size;
        }
        static constexpr bytes_view group_row = [] {
            if constexpr (grouping_codec<inner>) return bytes_view{inner::group_row};
            else return bytes_view{};
        }();

      private:
        [[nodiscard]] static std::uint16_t number(bytes_view key) noexcept {
            if constexpr (Of == slot_of::group_prefix)
                key = key.first(inner::prefix_size(key).value_or(key.size()));
            return slot_number(key, N);
        }
    };
};

} // namespace ashlar::inline v0_1
