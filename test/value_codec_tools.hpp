// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the tests of value codecs share: hexadecimal in and out, and whole encodings.

#include "catch.hpp"

#include <ashlar/codec/concept.hpp>

#include <string>
#include <vector>

namespace value_codec_tools {

using byte_string = std::vector<std::byte>;

inline std::string hex(ashlar::bytes_view bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned>(byte) & 15];
    }
    return text;
}

/// Blanks are skipped, so that vectors can show their fields.
inline byte_string unhex(const std::string& text) {
    byte_string bytes;
    int high = -1;
    for (const char c : text) {
        if (c == ' ') continue;
        const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            bytes.push_back(static_cast<std::byte>(high * 16 + digit));
            high = -1;
        }
    }
    return bytes;
}

/// The encoding of a value, after checking that size() and encode() agree and that encode() keeps
/// to its bytes.
template <class Codec, class T>
byte_string encoded(const T& value) {
    const auto size = Codec::size(value);
    REQUIRE(size.has_value());
    if (Codec::extent != ashlar::dynamic_extent) REQUIRE(*size == Codec::extent);
    byte_string bytes(*size + 8, std::byte{0xA5});
    const std::byte* end = Codec::encode(value, bytes.data());
    REQUIRE(end == bytes.data() + *size);
    for (std::size_t i = *size; i < bytes.size(); ++i) REQUIRE(bytes[i] == std::byte{0xA5});
    bytes.resize(*size);
    return bytes;
}

template <class Codec, class T>
std::string encoded_hex(const T& value) {
    return hex(encoded<Codec>(value));
}

template <class Codec, class T>
ashlar::result<T> decoded(const byte_string& bytes) {
    // A copy of the exact size: reading behind it is an error that the sanitizers see.
    const byte_string exact(bytes.begin(), bytes.end());
    return ashlar::decode_all<Codec, T>(exact);
}

template <class Codec, class T>
ashlar::errc decode_error(const byte_string& bytes) {
    return decoded<Codec, T>(bytes).error().code;
}

/// Every truncation of a whole encoding must be an error.
template <class Codec, class T>
void check_truncations(const byte_string& whole) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        const byte_string cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
        CHECK_FALSE(decoded<Codec, T>(cut).has_value());
    }
}

/// Flipping any one bit gives an error, or a value whose encoding is exactly those bytes: one value
/// has one encoding.
template <class Codec, class T>
void check_flips_are_canonical(const byte_string& whole) {
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        CAPTURE(bit);
        byte_string flipped = whole;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto value = decoded<Codec, T>(flipped);
        if (value) CHECK(hex(encoded<Codec>(*value)) == hex(flipped));
    }
}

template <class Codec>
std::string description() {
    ashlar::sentence text;
    Codec::describe(text);
    return text.c_str();
}

} // namespace value_codec_tools
