// SPDX-License-Identifier: BSL-1.0
/// @file Declares what the server writes for its operator: lines of JSON on standard error.
#pragma once

#include <initializer_list>
#include <string_view>

namespace cache::log {

enum class level : unsigned char { error, warning, info, debug };

/// Lines above this are not written; `warning` at first. Set before threads start.
void limit(level highest) noexcept;

struct field {
    std::string_view name;
    std::string_view value;
};
/// One line, written at once: {"ts":...,"level":...,"msg":...} and the fields. Values are escaped;
/// passwords, keys and values of the store do not belong in them. Thread-safe.
void say(level how, std::string_view message, std::initializer_list<field> fields = {});

} // namespace cache::log
