// SPDX-License-Identifier: BSL-1.0
/// @file Defines reply_writer: replies of the Redis protocol, version 2 or 3, appended to a buffer.
#pragma once

#include "../text/numbers.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace cache::resp {

/// Appends replies to a string that it does not own. What version 2 has no type for is written as
/// what it has: maps and sets as arrays, numbers with a point as bulks, nothing as "$-1".
/// Aggregates are announced by their size; the elements follow. Not thread-safe.
class reply_writer {
  public:
    reply_writer(std::string& out, int version) noexcept : out_{&out}, version_{version} {}

    [[nodiscard]] int version() const noexcept { return version_; }
    void switch_to(int version) noexcept { version_ = version; }
    /// Bytes written so far by everybody who writes to this buffer.
    [[nodiscard]] std::size_t size() const noexcept { return out_->size(); }
    /// Whether the reply that begins at `size` is an error.
    [[nodiscard]] bool is_error(std::size_t size) const noexcept {
        return size < out_->size() && (*out_)[size] == '-';
    }
    /// Takes back what was written behind `size`.
    void rewind(std::size_t size) { out_->resize(size); }

    void simple(std::string_view text) { line('+', text); }
    void ok() { out_->append("+OK\r\n", 5); }
    /// "CODE sentence". Line ends would end the reply: they become spaces.
    void error(std::string_view text) {
        out_->push_back('-');
        for (const char c : text) out_->push_back(c == '\r' || c == '\n' ? ' ' : c);
        out_->append("\r\n");
    }
    void wrong_type() {
        error("WRONGTYPE Operation against a key holding the wrong kind of value");
    }
    void integer(long long value) { header(':', value); }
    /// An integer between what is written already.
    void insert_integer(std::size_t at, long long value) {
        out_->insert(at, ":" + std::to_string(value) + "\r\n");
    }
    void bulk(std::string_view bytes) {
        header('$', static_cast<long long>(bytes.size()));
        out_->append(bytes);
        out_->append("\r\n", 2);
    }
    /// No value.
    void null() { out_->append(version_ == 3 ? "_\r\n" : "$-1\r\n"); }
    /// No value where an array was expected.
    void null_array() { out_->append(version_ == 3 ? "_\r\n" : "*-1\r\n"); }
    void real(double value) {
        if (version_ == 3) line(',', format_double(value));
        else bulk(format_double(value));
    }
    /// Text for people.
    void verbatim(std::string_view text) {
        if (version_ == 2) return bulk(text);
        header('=', static_cast<long long>(text.size()) + 4);
        out_->append("txt:");
        out_->append(text);
        out_->append("\r\n");
    }

    void array(std::size_t elements) { header('*', static_cast<long long>(elements)); }
    /// `pairs` keys, each followed by its value.
    void map(std::size_t pairs) {
        if (version_ == 3) header('%', static_cast<long long>(pairs));
        else array(2 * pairs);
    }
    void set(std::size_t elements) {
        header(version_ == 3 ? '~' : '*', static_cast<long long>(elements));
    }
    /// What was not asked for: a message.
    void push(std::size_t elements) {
        header(version_ == 3 ? '>' : '*', static_cast<long long>(elements));
    }

  private:
    void line(char type, std::string_view text) {
        out_->push_back(type);
        out_->append(text);
        out_->append("\r\n");
    }
    void header(char type, long long number) {
        char text[24];
        text[0] = type;
        char* end = std::to_chars(text + 1, text + sizeof text - 2, number).ptr;
        *end++ = '\r';
        *end++ = '\n';
        out_->append(text, static_cast<std::size_t>(end - text));
    }

    std::string* out_;
    int version_;
};

} // namespace cache::resp
