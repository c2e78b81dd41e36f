// SPDX-License-Identifier: BSL-1.0
/// @file Defines the pages of SCAN, HSCAN, SSCAN and ZSCAN.
#pragma once

#include "commands/command.hpp"
#include "text/glob.hpp"

namespace cache {

/// What follows the cursor.
struct scan_options {
    std::uint64_t cursor = 0;
    std::size_t count = 10;
    std::optional<string_view> pattern;
    string_view type;

    [[nodiscard]] bool shows(string_view name) const noexcept {
        return !pattern || glob_match(*pattern, name);
    }
    /// `at` is the first option's place, behind the cursor. An error is replied. HSCAN and its
    /// like look at their key between the cursor and the options: `before_options` does that and
    /// answers false when it has replied.
    template <class BeforeOptions>
    static std::optional<scan_options> parse(call& c, std::size_t at, bool with_type,
                                             BeforeOptions before_options) {
        scan_options how;
        const string_view text = c[at - 1];
        // As strtoul takes it: a minus gives a cursor that is beyond all.
        const bool minus = text.starts_with('-');
        const char* const begin = text.data() + (minus ? 1 : 0);
        const auto [end, bad] = std::from_chars(begin, text.data() + text.size(), how.cursor);
        if (minus) how.cursor = 0 - how.cursor;
        if (bad != std::errc{} || end != text.data() + text.size()) {
            c.out.error("ERR invalid cursor");
            return std::nullopt;
        }
        if (!before_options()) return std::nullopt;
        for (; at < c.size(); at += 2) {
            const bool has_value = at + 1 < c.size();
            if (has_value && is(c[at], "count")) {
                const auto count = c.integer(c[at + 1]);
                if (!count) return std::nullopt;
                if (*count < 1) return c.syntax_error(), std::nullopt;
                how.count = static_cast<std::size_t>(*count);
            } else if (has_value && is(c[at], "match")) {
                how.pattern = c[at + 1];
            } else if (has_value && with_type && is(c[at], "type")) {
                how.type = c[at + 1];
            } else {
                return c.syntax_error(), std::nullopt;
            }
        }
        return how;
    }
    static std::optional<scan_options> parse(call& c, std::size_t at, bool with_type) {
        return parse(c, at, with_type, [] { return true; });
    }
};

/// The head of the key that HSCAN and its like go through. False when all is replied: the key is
/// of another kind, or not there, whatever the options are.
[[nodiscard]] inline bool open_for_scan(call& c, kind wanted, std::optional<head>& to) {
    to = c.open(c[1], wanted);
    if (!to) return false;
    if (!to->absent()) return true;
    c.out.array(2);
    c.out.bulk("0");
    c.out.array(0);
    return false;
}

/// Rows whose keys are a prefix, a hash and a name, from one hash on.
struct scan_page {
    std::vector<std::pair<std::string, std::string>> rows; ///< name and row
    std::uint64_t next = 0;                                ///< 0: that was all

    [[nodiscard]] std::string cursor() const { return std::to_string(next); }
};

/// About `count` rows; all names of one hash come in one page, so that the next hash is all that a
/// cursor must say. A cursor that no hash can be gives nothing, and is the last. Without
/// `with_rows` only names are filled in, and nothing is read from disk.
[[nodiscard]] inline scan_page next_page(const unit& work, const std::string& prefix,
                                         std::uint64_t cursor, std::size_t count,
                                         bool with_rows = true) {
    scan_page page;
    if (cursor > UINT32_MAX) return page;
    std::string from = prefix;
    append_big(from, static_cast<std::uint32_t>(cursor));
    std::uint32_t last = 0;
    const auto take = [&](string_view key, string_view row) {
        const auto hash = load_big_at<std::uint32_t>(key, prefix.size());
        if (page.rows.size() >= count && hash != last) {
            page.next = hash;
            return false;
        }
        last = hash;
        page.rows.emplace_back(key.substr(prefix.size() + sizeof hash), row);
        return true;
    };
    if (with_rows) work.scan(from, behind(prefix), false, take);
    else work.scan(from, behind(prefix), false, [&](string_view key) { return take(key, {}); });
    return page;
}

} // namespace cache
