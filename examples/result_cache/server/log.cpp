// SPDX-License-Identifier: BSL-1.0
#include "server/log.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>

namespace cache::log {

namespace {

std::atomic<level> highest_level{level::warning};

void append_quoted(std::string& to, std::string_view text) {
    to += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte >= 0x20 && byte < 0x7f) {
            to += c;
        } else {
            char escaped[7];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            to += escaped;
        }
    }
    to += '"';
}

} // namespace

void limit(level highest) noexcept { highest_level = highest; }

void say(level how, std::string_view message, std::initializer_list<field> fields) {
    constexpr std::string_view names[] = {"error", "warning", "info", "debug"};
    if (how > highest_level) return;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    char seconds[40];
    std::snprintf(seconds, sizeof seconds, "%lld.%06lld", static_cast<long long>(now / 1000000),
                  static_cast<long long>(now % 1000000));
    std::string line = std::string{"{\"ts\":"} + seconds + ",\"level\":";
    append_quoted(line, names[static_cast<unsigned char>(how)]);
    line += ",\"msg\":";
    append_quoted(line, message);
    for (const field& one : fields) {
        line += ',';
        append_quoted(line, one.name);
        line += ':';
        append_quoted(line, one.value);
    }
    line += "}\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace cache::log
