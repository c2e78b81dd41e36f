// SPDX-License-Identifier: BSL-1.0
// LCS: the longest common subsequence of two strings (Wagner and Fischer's table, 1974).
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache::on {

namespace {

/// 64 MiB of table: two strings of 4,096 bytes. Redis takes 4 GiB.
constexpr std::size_t most_cells = std::size_t{1} << 24;

struct lcs_request {
    bool only_length = false;
    bool ranges = false;
    bool with_length = false;
    std::int64_t shortest = 0;
};

/// Two stretches that are equal, by their first bytes.
struct common_range {
    std::size_t a = 0;
    std::size_t b = 0;
    std::size_t size = 0;
};

struct common_text {
    std::string text;
    std::vector<common_range> ranges; ///< the last first
};

/// Lengths for all pairs of beginnings.
class length_table {
  public:
    length_table(string_view a, string_view b)
        : width_{b.size() + 1}, cells_((a.size() + 1) * width_) {
        for (std::size_t i = 1; i <= a.size(); ++i)
            for (std::size_t j = 1; j <= b.size(); ++j)
                cells_[i * width_ + j] = a[i - 1] == b[j - 1]
                                             ? at(i - 1, j - 1) + 1
                                             : std::max(at(i - 1, j), at(i, j - 1));
    }
    [[nodiscard]] std::uint32_t at(std::size_t i, std::size_t j) const noexcept {
        return cells_[i * width_ + j];
    }

  private:
    std::size_t width_;
    std::vector<std::uint32_t> cells_;
};

common_text walk_back(string_view a, string_view b, const length_table& length) {
    common_text found;
    std::size_t i = a.size();
    std::size_t j = b.size();
    bool in_range = false;
    while (i > 0 && j > 0) {
        if (a[i - 1] != b[j - 1]) {
            in_range = false;
            if (length.at(i - 1, j) > length.at(i, j - 1)) --i;
            else --j;
            continue;
        }
        --i;
        --j;
        found.text += a[i];
        if (!in_range) found.ranges.push_back({});
        in_range = true;
        common_range& last = found.ranges.back();
        last = {i, j, last.size + 1};
    }
    std::reverse(found.text.begin(), found.text.end());
    return found;
}

void reply_stretch(call& c, std::size_t first, std::size_t size) {
    c.out.array(2);
    c.out.integer(static_cast<long long>(first));
    c.out.integer(static_cast<long long>(first + size - 1));
}

void reply_ranges(call& c, const lcs_request& wanted, std::vector<common_range> ranges) {
    std::erase_if(ranges, [&](const common_range& one) {
        return static_cast<std::int64_t>(one.size) < wanted.shortest;
    });
    c.out.array(ranges.size());
    for (const common_range& one : ranges) {
        c.out.array(wanted.with_length ? 3 : 2);
        reply_stretch(c, one.a, one.size);
        reply_stretch(c, one.b, one.size);
        if (wanted.with_length) c.out.integer(static_cast<long long>(one.size));
    }
}

/// None when an error was replied.
std::optional<lcs_request> parse_lcs(call& c) {
    lcs_request wanted;
    for (std::size_t i = 3; i < c.size(); ++i) {
        if (is(c[i], "idx")) wanted.ranges = true;
        else if (is(c[i], "len")) wanted.only_length = true;
        else if (is(c[i], "withmatchlen")) wanted.with_length = true;
        else if (is(c[i], "minmatchlen") && i + 1 < c.size()) {
            const auto shortest = c.integer(c[++i]);
            if (!shortest) return std::nullopt;
            wanted.shortest = *shortest;
        } else return c.syntax_error(), std::nullopt;
    }
    if (!wanted.ranges || !wanted.only_length) return wanted;
    c.out.error("ERR If you want both the length and indexes, please just use IDX.");
    return std::nullopt;
}

} // namespace

void lcs(call& c) {
    std::string texts[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const head h = c.work.find(c.db, c[i + 1]);
        if (!h.absent() && h.type != kind::string)
            return c.out.error("ERR The specified keys must contain string values");
        if (!h.absent()) texts[i] = c.work.get(head_key(c.db, c[i + 1]))->substr(1);
    }
    const auto wanted = parse_lcs(c);
    if (!wanted) return;
    const auto& [a, b] = texts;
    if (a.size() + 1 > most_cells / (b.size() + 1))
        return c.out.error("ERR Insufficient memory, failed allocating transient memory for LCS");
    const length_table length{a, b};
    const auto whole = static_cast<long long>(length.at(a.size(), b.size()));
    if (wanted->only_length) return c.out.integer(whole);
    common_text found = walk_back(a, b, length);
    if (!wanted->ranges) return c.out.bulk(found.text);
    c.out.map(2);
    c.out.bulk("matches");
    reply_ranges(c, *wanted, std::move(found.ranges));
    c.out.bulk("len");
    c.out.integer(whole);
}

} // namespace cache::on
