// SPDX-License-Identifier: BSL-1.0
/// @file Defines request_parser: what a client of the Redis protocol sent, command by command.
#pragma once

#include "../text/numbers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cache::resp {

/// What one request may take. The smaller set holds before a client has said who it is; both are
/// Redis's own (networking.c of 7.0).
struct request_limits {
    std::int64_t arguments = 2147483647;
    std::int64_t bulk = 512LL << 20;
    std::size_t request = std::size_t{1} << 30; ///< bytes of one request, received so far

    [[nodiscard]] static constexpr request_limits before_authentication() noexcept {
        return {.arguments = 10, .bulk = 16384, .request = std::size_t{1} << 20};
    }
};

/// Takes bytes as they come and gives requests as views of them. Knows no socket. A byte is looked
/// at once however it is cut into packets; nothing is allocated for what is only announced. A
/// request is an array of bulk strings (RESP2 and RESP3 alike) or a line ("inline", for people).
/// Not thread-safe.
class request_parser {
  public:
    enum class outcome : std::uint8_t {
        incomplete, ///< feed more
        request,    ///< arguments() are valid until the next call of next() or feed()
        broken,     ///< complaint() says why; nothing more can be understood
    };

    explicit request_parser(request_limits limits = {}) noexcept : limits_{limits} {}
    void limit(request_limits limits) noexcept { limits_ = limits; }

    /// Appends bytes. What was consumed makes room first.
    void feed(std::string_view bytes) {
        if (begin_ != 0) {
            buffer_.erase(0, begin_);
            at_ -= begin_;
            scanned_ = scanned_ > begin_ ? scanned_ - begin_ : 0;
            for (piece& p : pieces_) p.offset -= begin_;
            begin_ = 0;
        }
        buffer_.append(bytes);
    }

    [[nodiscard]] outcome next() {
        if (!complaint_.empty()) return outcome::broken;
        if (finished_) start_over();
        while (complaint_.empty()) {
            if (missing_ == no_request && !begin_request()) break;
            if (finished_) return outcome::request;
            if (missing_ > 0 && !take_bulk()) break;
            if (missing_ == 0) return finish();
        }
        if (!complaint_.empty()) return outcome::broken;
        if (buffer_.size() - begin_ > limits_.request) return complain("request too large");
        return outcome::incomplete;
    }

    /// Whether next() would have nothing to look at; until then the words of earlier requests stay
    /// valid, up to feed().
    [[nodiscard]] bool is_drained() const noexcept { return at_ == buffer_.size(); }
    /// Whether the request's words stand in the buffer, not in what next() writes over.
    [[nodiscard]] bool is_in_buffer() const noexcept { return !pieces_.empty(); }
    /// Where the request that was given last begins; go_back() to it gives it once more. REQUIRES:
    /// no feed() and no is_drained() next() since.
    [[nodiscard]] std::size_t position() const noexcept { return begin_; }
    void go_back(std::size_t position) noexcept {
        pieces_.clear();
        arguments_.clear();
        begin_ = at_ = position;
        complaint_.clear();
        finished_ = false;
        missing_ = no_request;
        bulk_ = no_bulk;
        scanned_ = 0;
    }

    /// The request's words; never empty.
    [[nodiscard]] const std::vector<std::string_view>& arguments() const noexcept {
        return arguments_;
    }
    [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
    /// Bytes that were fed and belong to no finished request.
    [[nodiscard]] std::size_t pending() const noexcept { return buffer_.size() - begin_; }
    /// Bytes held for this client.
    [[nodiscard]] std::size_t memory() const noexcept { return buffer_.capacity(); }

  private:
    struct piece {
        std::size_t offset;
        std::size_t size;
    };
    static constexpr std::int64_t no_request = -1;
    static constexpr std::int64_t no_bulk = -1;
    static constexpr std::size_t line_limit = 64 * 1024;

    outcome complain(std::string_view why) {
        complaint_ = "Protocol error: ";
        complaint_ += why;
        return outcome::broken;
    }

    void start_over() {
        finished_ = false;
        missing_ = no_request;
        bulk_ = no_bulk;
        pieces_.clear();
        arguments_.clear();
        begin_ = at_;
        if (begin_ == buffer_.size()) {
            // One large request must not be remembered by its client's memory for ever.
            if (buffer_.capacity() > 4 * line_limit) std::string{}.swap(buffer_);
            buffer_.clear();
            begin_ = at_ = 0;
        }
    }

    outcome finish() {
        for (const piece& p : pieces_) arguments_.emplace_back(buffer_.data() + p.offset, p.size);
        finished_ = true;
        return outcome::request;
    }

    /// A line without its end; false while it has none yet. `what` is said when it is too long.
    bool take_line(std::string_view& line, const char* end, const char* what) {
        const std::size_t from = at_ > scanned_ ? at_ : scanned_;
        const std::size_t found = buffer_.find(end, from);
        if (found == std::string::npos) {
            // The last byte may be the first half of the end.
            scanned_ = buffer_.size() > at_ ? buffer_.size() - 1 : at_;
            if (buffer_.size() - at_ > line_limit) complain(what);
            return false;
        }
        line = std::string_view{buffer_}.substr(at_, found - at_);
        at_ = found + std::char_traits<char>::length(end);
        scanned_ = 0;
        return true;
    }

    /// What nearly every line is: a letter, up to nine digits, the line's end. None otherwise, also
    /// when more has to come; then take_line() looks closer.
    std::optional<std::int64_t> take_number() noexcept {
        const char* const begin = buffer_.data() + at_;
        const std::size_t left = std::min<std::size_t>(buffer_.size() - at_, 12);
        std::int64_t number = 0;
        std::size_t i = 1;
        for (; i < left && begin[i] >= '0' && begin[i] <= '9'; ++i)
            number = number * 10 + (begin[i] - '0');
        if (i == 1 || i + 1 >= left || begin[i] != '\r' || begin[i + 1] != '\n') return {};
        if (begin[1] == '0' && i != 2) return {};
        at_ += i + 2;
        scanned_ = 0;
        return number;
    }

    bool begin_request() {
        if (at_ == buffer_.size()) return false;
        if (buffer_[at_] != '*') return begin_inline();
        std::optional<std::int64_t> count = take_number();
        if (!count) {
            std::string_view line;
            if (!take_line(line, "\r\n", "too big mbulk count string")) return false;
            count = parse_integer(line.substr(1));
        }
        if (!count || *count > limits_.arguments) {
            complain(count && *count > 10 && limits_.arguments == 10
                         ? "unauthenticated multibulk length"
                         : "invalid multibulk length");
            return false;
        }
        if (*count > 0) missing_ = *count;
        else begin_ = at_; // an empty request asks for nothing
        return true;
    }

    bool take_bulk() {
        if (bulk_ == no_bulk) {
            if (at_ == buffer_.size()) return false;
            if (buffer_[at_] != '$') {
                complain(std::string{"expected '$', got '"} + printable(buffer_[at_]) + "'");
                return false;
            }
            std::optional<std::int64_t> size = take_number();
            if (!size) {
                std::string_view line;
                if (!take_line(line, "\r\n", "too big bulk count string")) return false;
                size = parse_integer(line.substr(1));
            }
            if (!size || *size < 0 || *size > limits_.bulk) {
                complain(size && *size > 16384 && limits_.bulk == 16384
                             ? "unauthenticated bulk length"
                             : "invalid bulk length");
                return false;
            }
            bulk_ = *size;
        }
        const auto size = static_cast<std::size_t>(bulk_);
        if (buffer_.size() - at_ < size + 2) return false;
        if (buffer_[at_ + size] != '\r' || buffer_[at_ + size + 1] != '\n') {
            complain("a bulk does not end where it said");
            return false;
        }
        pieces_.push_back({at_, size});
        at_ += size + 2;
        bulk_ = no_bulk;
        --missing_;
        return true;
    }

    static std::string printable(char c) {
        return c >= ' ' && c <= '~' ? std::string(1, c) : std::string{"?"};
    }

    bool begin_inline() {
        std::string_view line;
        if (!take_line(line, "\n", "too big inline request")) return false;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        words_.clear();
        if (!split_words(line)) {
            complain("unbalanced quotes in request");
            return false;
        }
        if (words_.empty()) {
            begin_ = at_;
            return true;
        }
        for (const std::string& word : words_) arguments_.emplace_back(word);
        finished_ = true;
        return true;
    }

    static bool is_space(char c) noexcept {
        return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == '\n' ||
               c == '\0';
    }

    /// Words by white space; "..." knows \n \r \t \b \a \xHH and \", '...' knows \'.
    bool split_words(std::string_view line) {
        std::size_t i = 0;
        for (;;) {
            while (i < line.size() && is_space(line[i])) ++i;
            if (i == line.size()) return true;
            std::string word;
            char quote = 0;
            for (; i < line.size(); ++i) {
                const char c = line[i];
                if (quote == 0 && is_space(c)) break;
                if (quote == 0 && (c == '"' || c == '\'')) quote = c;
                else if (quote != 0 && c == '\\' && i + 1 < line.size())
                    unescape(line, i, quote, word);
                else if (quote != 0 && c == quote) {
                    // A closing quote ends its word.
                    if (i + 1 < line.size() && !is_space(line[i + 1])) return false;
                    quote = 0;
                } else word += c;
            }
            if (quote != 0) return false;
            words_.push_back(std::move(word));
        }
    }

    static int hex(char c) noexcept {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    }
    static void unescape(std::string_view line, std::size_t& i, char quote, std::string& word) {
        const char c = line[i + 1];
        if (quote == '\'') {
            if (c == '\'') ++i;
            word += c == '\'' ? '\'' : '\\';
            return;
        }
        if (c == 'x' && i + 3 < line.size() && hex(line[i + 2]) >= 0 && hex(line[i + 3]) >= 0) {
            word += static_cast<char>(hex(line[i + 2]) * 16 + hex(line[i + 3]));
            i += 3;
            return;
        }
        ++i;
        switch (c) {
        case 'n': word += '\n'; break;
        case 'r': word += '\r'; break;
        case 't': word += '\t'; break;
        case 'b': word += '\b'; break;
        case 'a': word += '\a'; break;
        default: word += c;
        }
    }

    request_limits limits_;
    std::string buffer_;
    std::size_t begin_ = 0;   ///< of the request being read
    std::size_t at_ = 0;      ///< behind what is understood
    std::size_t scanned_ = 0; ///< where a line's end was looked for in vain
    std::int64_t missing_ = no_request;
    std::int64_t bulk_ = no_bulk;
    bool finished_ = false;
    std::vector<piece> pieces_;
    std::vector<std::string> words_; ///< of an inline request
    std::vector<std::string_view> arguments_;
    std::string complaint_;
};

} // namespace cache::resp
