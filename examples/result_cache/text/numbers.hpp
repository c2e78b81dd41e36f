// SPDX-License-Identifier: BSL-1.0
/// @file Defines how numbers are read from text and written as text, by Redis's own rules.
#pragma once

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace cache {

/// A signed 64-bit number written the one way: no sign +, no leading zero, no space, not "-0".
[[nodiscard]] inline std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
    if (digits.front() == '0' && text.size() != 1) return std::nullopt;
    return value;
}

namespace detail {
/// All of the text, no space in front, no NaN, in the range of Real. Infinity is a number.
template <class Real, class Convert>
[[nodiscard]] std::optional<Real> parse_real(std::string_view text, Convert convert) {
    constexpr std::size_t longest = 5120;
    if (text.empty() || text.size() > longest) return std::nullopt;
    if (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')) return std::nullopt;
    const std::string ended{text};
    char* end = nullptr;
    errno = 0;
    const Real value = convert(ended.c_str(), &end);
    if (end != ended.c_str() + ended.size() || std::isnan(value)) return std::nullopt;
    if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
    return value;
}
} // namespace detail

[[nodiscard]] inline std::optional<double> parse_double(std::string_view text) {
    return detail::parse_real<double>(
        text, [](const char* from, char** end) { return std::strtod(from, end); });
}
[[nodiscard]] inline std::optional<long double> parse_long_double(std::string_view text) {
    return detail::parse_real<long double>(
        text, [](const char* from, char** end) { return std::strtold(from, end); });
}

/// As scores are answered: 17 digits, so that reading gives the same number.
[[nodiscard]] inline std::string format_double(double value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    char text[40];
    return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.17g", value))};
}

/// As INCRBYFLOAT stores: 17 decimals, never an exponent, no zeros at the end.
[[nodiscard]] inline std::string format_decimals(long double value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    const int size = std::snprintf(nullptr, 0, "%.17Lf", value);
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    std::snprintf(text.data(), text.size(), "%.17Lf", value);
    text.pop_back();
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

} // namespace cache
