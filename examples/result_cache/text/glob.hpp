// SPDX-License-Identifier: BSL-1.0
/// @file Defines glob_match, the patterns of KEYS, SCAN and PSUBSCRIBE.
#pragma once

#include <cstddef>
#include <string_view>

namespace cache {

namespace detail {

/// Whether one character fits the pattern's next item, which must not be '*'; `at` is moved behind
/// the item. A class without end ends with the pattern, as in Redis.
[[nodiscard]] inline bool fits_item(std::string_view pattern, std::size_t& at, char c) noexcept {
    const char item = pattern[at++];
    if (item == '?') return true;
    if (item == '\\' && at < pattern.size()) return pattern[at++] == c;
    if (item != '[') return item == c;
    const bool negated = at < pattern.size() && pattern[at] == '^';
    if (negated) ++at;
    bool found = false;
    for (; at < pattern.size() && pattern[at] != ']'; ++at) {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) {
            found = found || pattern[++at] == c;
        } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
            const auto low = static_cast<unsigned char>(pattern[at]);
            const auto high = static_cast<unsigned char>(pattern[at + 2]);
            const auto code = static_cast<unsigned char>(c);
            found =
                found || (low <= high ? low <= code && code <= high : high <= code && code <= low);
            at += 2;
        } else {
            found = found || pattern[at] == c;
        }
    }
    if (at < pattern.size()) ++at; // the ']'
    return found != negated;
}

} // namespace detail

/// * any text, ? any character, [a-c] [^x] classes, \x the character itself. O(pattern * text):
/// only the last '*' is ever tried again.
[[nodiscard]] inline bool glob_match(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        if (std::size_t behind = p;
            p < pattern.size() && detail::fits_item(pattern, behind, text[t])) {
            p = behind;
            ++t;
            continue;
        }
        if (star == std::string_view::npos) return false;
        p = star;
        t = ++star_text;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

} // namespace cache
