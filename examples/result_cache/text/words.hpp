// SPDX-License-Identifier: BSL-1.0
/// @file Defines is and lower: words of requests and of settings are the same in any case.
#pragma once

#include <string_view>

namespace cache {

[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
/// `word` is in lower case.
[[nodiscard]] constexpr bool is(std::string_view text, std::string_view word) noexcept {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (lower(text[i]) != word[i]) return false;
    return true;
}

} // namespace cache
