// SPDX-License-Identifier: BSL-1.0
/// @file Defines how text is owned, and how it is escaped so that its end can be found.
#pragma once

#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by types that own text and can be made from bytes: std::string and its like. Views
/// are not: what is decoded would point into memory that is gone (they give no writable data()).
template <class T>
concept owned_text = byte_range<T> && std::is_constructible_v<T, const char*, std::size_t> &&
                     requires(T& text) { *text.data() = *text.data(); };

namespace detail {

/// A Text of these bytes. No memory: errc::out_of_memory.
template <owned_text Text>
[[nodiscard]] result<Text> make_text(bytes_view bytes) noexcept {
    // A valid pointer even for no bytes: std::string(nullptr, 0) is not promised to work.
    const char* data = bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data());
#ifdef __cpp_exceptions
    try {
        return Text(data, bytes.size());
    } catch (...) { // bad_alloc or length_error: a copy of bytes can throw nothing else
        return errc::out_of_memory;
    }
#else
    return Text(data, bytes.size());
#endif
}

/// Satisfied by text whose memory can be used again.
template <class Text>
concept refillable_text = owned_text<Text> && requires(Text& text) { text.assign("", 0U); };

/// As make_text, into a text that is there.
template <refillable_text Text>
[[nodiscard]] result<void> refill_text(Text& to, bytes_view bytes) noexcept {
    const char* data = bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data());
#ifdef __cpp_exceptions
    try {
        to.assign(data, bytes.size());
    } catch (...) { // as above
        return errc::out_of_memory;
    }
#else
    to.assign(data, bytes.size());
#endif
    return {};
}

/// Longer text is refused before its escaped length could overflow.
inline constexpr std::size_t escapable_size = dynamic_extent / 4;

/// The first zero, or nullptr. Zeros are absent or close together: the first eight bytes are looked
/// at in place (the lowest bit of the classic zero-in-word test is exact), the rest by memchr.
[[nodiscard]] inline const std::byte* find_zero(bytes_view bytes) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    if (bytes.size() >= sizeof(std::uint64_t)) {
        const auto head = load_little<std::uint64_t>(bytes.data());
        const std::uint64_t zeros = (head - ones) & ~head & (ones << 7);
        if (zeros != 0) return bytes.data() + __builtin_ctzll(zeros) / 8;
        bytes = bytes.skip(sizeof head);
    }
    if (bytes.empty()) return nullptr;
    return static_cast<const std::byte*>(__builtin_memchr(bytes.data(), 0, bytes.size()));
}

/// How many bytes after `from` the pointer `to` is.
[[nodiscard]] inline std::size_t distance(const std::byte* from, const std::byte* to) noexcept {
    return static_cast<std::size_t>(to - from);
}

/// text  = { byte 01..FF | 00 FF } 00 01
/// A text ends before any that continues it (00 01 < 00 FF < 01), so bytes sort as the text does,
/// and no text's encoding begins another's. The escape is that of FoundationDB's tuple layer, the
/// terminator follows it so that a zero is never the last byte.
template <owned_text Text>
struct escaped_text_codec {
    static constexpr std::size_t extent = dynamic_extent;
    static constexpr bool ordered = true;
    static constexpr bool self_delimiting = true;
    using refilling = escaped_text_codec;

    [[nodiscard]] static result<std::size_t> size(bytes_view text) noexcept {
        if (text.size() > escapable_size) return errc::key_too_long;
        std::size_t total = text.size() + 2;
        if (const std::byte* zero = find_zero(text))
            for (std::byte byte : text.skip(distance(text.data(), zero)))
                total += static_cast<std::size_t>(byte == std::byte{0});
        return total;
    }
    [[nodiscard]] static std::byte* encode(bytes_view text, std::byte* out) noexcept {
        for (;;) {
            const std::byte* zero = find_zero(text);
            const std::size_t run = zero == nullptr ? text.size() : distance(text.data(), zero);
            copy_bytes(out, text.first(run));
            out += run;
            text = text.skip(run);
            if (text.empty()) break;
            // Around zeros byte by byte, without a branch on what they are. The mark that is
            // written in vain is overwritten: the end mark at least follows.
            const bytes_view near = text.first(text.size() < stretch ? text.size() : stretch);
            for (std::byte byte : near) {
                out[0] = byte;
                out[1] = std::byte{0xFF};
                out += 1 + static_cast<std::size_t>(byte == std::byte{0});
            }
            text = text.skip(near.size());
        }
        out[0] = std::byte{0};
        out[1] = std::byte{1};
        return out + 2;
    }
    [[nodiscard]] static result<Text> decode_some(bytes_view& in) noexcept {
        bytes_view escaped;
        std::size_t escapes = 0;
        if (!take(in, escaped, escapes)) return errc::corrupt;
        // The decoded text is a prefix in size of what was read: made at once, then corrected.
        result<Text> text = make_text<Text>(escaped.first(escaped.size() - escapes));
        if (text && escapes != 0) unescape(escaped, reinterpret_cast<std::byte*>(text->data()));
        return text;
    }
    [[nodiscard]] static result<void> decode_into(Text& to, bytes_view& in) noexcept
        requires refillable_text<Text>
    {
        bytes_view escaped;
        std::size_t escapes = 0;
        if (!take(in, escaped, escapes)) return errc::corrupt;
        const auto done = refill_text(to, escaped.first(escaped.size() - escapes));
        if (done && escapes != 0) unescape(escaped, reinterpret_cast<std::byte*>(to.data()));
        return done;
    }
    /// Steps over one encoding; false when it is cut off or broken.
    [[nodiscard]] static bool skip(bytes_view& in) noexcept {
        std::size_t escapes = 0;
        return skip(in, escapes);
    }
    static constexpr void describe(sentence& text) noexcept { text << "text"; }

  private:
    static constexpr std::size_t stretch = 16;

    /// Off the front of `in`: an encoding without its end mark.
    [[nodiscard]] static bool take(bytes_view& in, bytes_view& escaped,
                                   std::size_t& escapes) noexcept {
        bytes_view rest = in;
        if (!skip(rest, escapes)) return false;
        escaped = in.first(distance(in.data(), rest.data()) - 2);
        in = rest;
        return true;
    }
    [[nodiscard]] static bool skip(bytes_view& in, std::size_t& escapes) noexcept {
        while (const std::byte* zero = find_zero(in)) {
            in = in.skip(distance(in.data(), zero) + 1);
            if (in.empty()) return false;
            const std::byte mark = in[0];
            in = in.skip(1);
            if (mark == std::byte{1}) return true;
            if (mark != std::byte{0xFF}) return false;
            ++escapes;
        }
        return false;
    }
    static void unescape(bytes_view in, std::byte* out) noexcept {
        while (const std::byte* zero = find_zero(in)) {
            const std::size_t run = distance(in.data(), zero);
            copy_bytes(out, in.first(run));
            out += run;
            in = in.skip(run);
            for (std::size_t i = 0; i < stretch && !in.empty(); ++i) {
                *out++ = in[0];
                in = in.skip(1 + static_cast<std::size_t>(in[0] == std::byte{0}));
            }
        }
        copy_bytes(out, in);
    }
};

/// The lower-case form of a character of identifiers, or 0 when it is none: [A-Za-z0-9._:-].
[[nodiscard]] constexpr std::byte identifier_character(std::byte byte) noexcept {
    const auto c = static_cast<unsigned char>(byte);
    if (c >= 'A' && c <= 'Z') return static_cast<std::byte>(c + ('a' - 'A'));
    const bool taken =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= ':') || c == '.' || c == '_' || c == '-';
    return taken ? byte : std::byte{0};
}
static_assert('9' + 1 == ':', "the range above takes the colon with the digits");

} // namespace detail
} // namespace ashlar::inline v0_1
