// SPDX-License-Identifier: BSL-1.0
/// @file Defines normalized<Inner, Rule>: one spelling of each key, and the rules of spelling.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/text_bytes.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by rules of spelling. apply answers the one spelling of `text`, in `text` itself or
/// in `scratch` (max_size bytes), or says by a key_* error why there is none. What it answers it
/// leaves as it is when applied again.
template <class R>
concept key_rule = requires(bytes_view text, std::byte* scratch, sentence& name) {
    { R::max_size } -> std::convertible_to<std::size_t>;
    { R::apply(text, scratch) } noexcept -> std::same_as<result<bytes_view>>;
    R::describe(name);
};

/// Identifiers: [A-Za-z0-9._:-], 1 to MaxSize bytes, stored in lower case.
/// Errors: key_empty, key_too_long, key_bad_characters.
template <std::size_t MaxSize = 160>
struct identifier_rule {
    static constexpr std::size_t max_size = MaxSize;

    [[nodiscard]] static result<bytes_view> apply(bytes_view text, std::byte* scratch) noexcept {
        if (text.empty()) return errc::key_empty;
        if (text.size() > max_size) return errc::key_too_long;
        for (std::size_t i = 0; i < text.size(); ++i) {
            scratch[i] = detail::identifier_character(text[i]);
            if (scratch[i] == std::byte{0}) return errc::key_bad_characters;
        }
        return bytes_view{scratch, text.size()};
    }
    static constexpr void describe(sentence& text) noexcept {
        text << "identifier " << std::uint64_t{max_size};
    }
};
static_assert(key_rule<identifier_rule<>>);

/// Paths: slashes at both ends are dropped; components are not empty, "." or ".." and hold no zero.
/// Errors: nothing left: key_empty; over MaxSize bytes left: key_too_long; else key_bad_characters.
template <std::size_t MaxSize = 1024>
struct path_rule {
    static constexpr std::size_t max_size = MaxSize;

    [[nodiscard]] static result<bytes_view> apply(bytes_view text, std::byte*) noexcept {
        constexpr std::byte slash{'/'};
        while (!text.empty() && text[0] == slash) text = text.skip(1);
        while (!text.empty() && text[text.size() - 1] == slash) text = text.first(text.size() - 1);
        if (text.empty()) return errc::key_empty;
        if (text.size() > max_size) return errc::key_too_long;
        std::size_t start = 0;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (i < text.size() && text[i] == std::byte{0}) return errc::key_bad_characters;
            if (i < text.size() && text[i] != slash) continue;
            if (!good_component(text.skip(start).first(i - start))) return errc::key_bad_characters;
            start = i + 1;
        }
        return text;
    }
    static constexpr void describe(sentence& text) noexcept {
        text << "path " << std::uint64_t{max_size};
    }

  private:
    [[nodiscard]] static bool good_component(bytes_view part) noexcept {
        constexpr std::byte dot{'.'};
        if (part.empty()) return false;
        if (part.size() > 2 || part[0] != dot) return true;
        return part.size() == 2 && part[1] != dot;
    }
};
static_assert(key_rule<path_rule<>>);

/// Well-formed UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF), 1 to MaxSize bytes,
/// stored as it is: two normal forms of one character are two keys.
/// Errors: key_empty, key_too_long, key_bad_characters.
template <std::size_t MaxSize = 256>
struct utf8_rule {
    static constexpr std::size_t max_size = MaxSize;

    [[nodiscard]] static result<bytes_view> apply(bytes_view text, std::byte*) noexcept {
        if (text.empty()) return errc::key_empty;
        if (text.size() > max_size) return errc::key_too_long;
        for (bytes_view rest = text; !rest.empty();) {
            const std::size_t n = sequence_size(rest);
            if (n == 0) return errc::key_bad_characters;
            rest = rest.skip(n);
        }
        return text;
    }
    static constexpr void describe(sentence& text) noexcept {
        text << "utf8 " << std::uint64_t{max_size};
    }

  private:
    /// Bytes of the character that begins `in`, or 0: the table of RFC 3629 section 4.
    [[nodiscard]] static std::size_t sequence_size(bytes_view in) noexcept {
        const auto lead = static_cast<unsigned char>(in[0]);
        if (lead < 0x80) return 1;
        if (lead < 0xC2 || lead > 0xF4) return 0;
        const std::size_t n = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (in.size() < n) return 0;
        const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        const auto second = static_cast<unsigned char>(in[1]);
        if (second < low || second > high) return 0;
        for (std::size_t i = 2; i < n; ++i)
            if ((static_cast<unsigned char>(in[i]) & 0xC0) != 0x80) return 0;
        return n;
    }
};
static_assert(key_rule<utf8_rule<>>);

/// Key codec for text: what Rule makes of the key, as Inner writes it. Keys that Rule spells alike
/// are one key, and come back in that spelling; what Rule refuses is never stored, and stored bytes
/// that Rule would spell otherwise are corrupt. Extent, order and end are Inner's (order: of the
/// spellings). Errors: Rule's and Inner's. Cost: Rule twice and Inner, Rule::max_size of stack.
template <class Inner, key_rule Rule>
struct normalized {
    static_assert(on_axis<Inner, key_codec_axis>,
                  "ashlar: normalized<Inner, Rule> wraps a key codec and Inner is none; "
                  "name one for text, e.g. normalized<native_key, utf8_rule<>>");
    using axis = key_codec_axis;

    template <owned_text Key>
        requires key_codec_policy<Inner, Key>
    struct codec {
        using inner = typename Inner::template codec<Key>;

        static constexpr std::size_t extent = inner::extent;
        static constexpr bool ordered = inner::ordered;
        static constexpr bool self_delimiting = inner::self_delimiting;

        [[nodiscard]] static result<std::size_t> size(bytes_view key) noexcept {
            std::byte scratch[Rule::max_size];
            const result<bytes_view> spelling = Rule::apply(key, scratch);
            if (!spelling) return spelling.error();
            return inner::size(*spelling);
        }
        [[nodiscard]] static std::byte* encode(bytes_view key, std::byte* out) noexcept {
            std::byte scratch[Rule::max_size];
            return inner::encode(*Rule::apply(key, scratch), out);
        }
        [[nodiscard]] static result<Key> decode_some(bytes_view& in) {
            std::byte scratch[Rule::max_size];
            result<Key> key = inner::decode_some(in);
            if (!key) return key;
            const result<bytes_view> spelling = Rule::apply(*key, scratch);
            if (!spelling || !(*spelling == bytes_view{*key})) return errc::corrupt;
            return key;
        }
        static constexpr void describe(sentence& text) noexcept {
            text << "normalized(";
            Rule::describe(text);
            text << ",";
            inner::describe(text);
            text << ")";
        }
    };
};

} // namespace ashlar::inline v0_1
