// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/codec/concept.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <utility>
#include <vector>

// How keys and values of any store are written on a command line and in JSON.
namespace ashlar::cli {

using nlohmann::json;

[[nodiscard]] inline std::string to_hex(bytes_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte b : bytes) {
        text += digits[static_cast<unsigned>(b) >> 4U];
        text += digits[static_cast<unsigned>(b) & 15U];
    }
    return text;
}
[[nodiscard]] inline result<std::vector<std::byte>> from_hex(const std::string& text) {
    std::vector<std::byte> bytes;
    unsigned half = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        unsigned digit = 16;
        if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
        if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a' + 10);
        if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A' + 10);
        if (digit == 16) return errc::invalid_argument;
        if (i % 2 == 0) half = digit;
        else bytes.push_back(static_cast<std::byte>(half << 4U | digit));
    }
    if (text.size() % 2 != 0) return errc::invalid_argument;
    return bytes;
}

/// Texts are texts, numbers are numbers; everything else, and texts that are no UTF-8, is
/// {"hex": "..."} with the bytes that the store's codec makes of it, so it can be loaded again.
template <class Codec, class T>
struct form {
    static constexpr bool is_text = std::same_as<T, std::string>;
    static constexpr bool is_number = std::is_arithmetic_v<T>;

    [[nodiscard]] static json show(const T& value) {
        if constexpr (std::floating_point<T>) {
            if (std::isfinite(value)) return value; // JSON has no word for the others
        } else if constexpr (is_number) {
            return value;
        }
        if constexpr (is_text)
            if (is_utf8(value)) return value;
        return {{"hex", to_hex(bytes_view{bytes_of(value)})}};
    }
    /// As the store keeps it.
    [[nodiscard]] static std::vector<std::byte> bytes_of(const T& value) {
        std::vector<std::byte> bytes(Codec::size(value).value_or(std::size_t{}));
        if (!bytes.empty()) static_cast<void>(Codec::encode(value, bytes.data()));
        return bytes;
    }
    /// Errors: type_mismatch, invalid_argument, and those of decoding.
    [[nodiscard]] static result<T> read(const json& from) {
        if constexpr (is_text)
            if (from.is_string()) return from.template get<std::string>();
        if constexpr (is_number)
            if (from.is_number() || from.is_boolean()) return number(from);
        if (!from.is_object() || !from.contains("hex") || !from["hex"].is_string())
            return errc::type_mismatch;
        const auto bytes = from_hex(from["hex"].template get<std::string>());
        if (!bytes) return bytes.error();
        return decode_all<Codec, T>(bytes_view{*bytes});
    }
    /// An argument: a text as it stands, a number, else hexadecimal digits.
    [[nodiscard]] static result<T> parse(const std::string& argument) {
        if constexpr (is_text) return argument;
        if constexpr (is_number) {
            const json from = json::parse(argument, nullptr, false);
            if (!from.is_number() && !from.is_boolean()) return errc::invalid_argument;
            return number(from);
        }
        return read(json{{"hex", argument}});
    }

  private:
    /// A number that T can't hold is no T.
    [[nodiscard]] static result<T> number(const json& from) {
        if constexpr (std::same_as<T, bool>)
            if (!from.is_boolean()) return errc::invalid_argument;
        if constexpr (std::floating_point<T>)
            if (std::abs(from.template get<double>()) > std::numeric_limits<T>::max())
                return errc::invalid_argument;
        if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            using integer = std::conditional_t<std::is_signed_v<T>, std::make_signed_t<T>,
                                               std::make_unsigned_t<T>>; // T may be a character
            const bool fits = from.is_number_unsigned()
                                  ? std::in_range<integer>(from.template get<std::uint64_t>())
                                  : from.is_number_integer() &&
                                        std::in_range<integer>(from.template get<std::int64_t>());
            if (!fits) return errc::invalid_argument;
        }
        return from.template get<T>();
    }
    [[nodiscard]] static bool is_utf8(const std::string& text) {
        const std::string kept = json(text).dump(-1, ' ', false, json::error_handler_t::ignore);
        return json::parse(kept).template get<std::string>() == text;
    }
};

} // namespace ashlar::cli
