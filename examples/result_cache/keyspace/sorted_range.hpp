// SPDX-License-Identifier: BSL-1.0
/// @file Defines ranges of sorted sets: by rank, by score, and by name among equal scores.
#pragma once

#include "keyspace/keyspace.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace cache {

struct scored {
    std::string member;
    double score;
};

/// "5", "(5" (without 5), "-inf", "+inf".
struct score_bounds {
    double low = 0;
    double high = 0;
    bool without_low = false;
    bool without_high = false;

    [[nodiscard]] static std::optional<score_bounds> parse(string_view low, string_view high) {
        score_bounds b;
        if (!parse_one(low, b.low, b.without_low) || !parse_one(high, b.high, b.without_high))
            return std::nullopt;
        return b;
    }

  private:
    static bool parse_one(string_view text, double& to, bool& without) {
        without = !text.empty() && text.front() == '(';
        if (without) text.remove_prefix(1);
        const std::string ended{text};
        char* end = nullptr;
        to = std::strtod(ended.c_str(), &end);
        // Redis stops at the first NUL, and takes an empty text for 0.
        return *end == '\0' && !std::isnan(to);
    }
};

/// "[name", "(name" (without it), "-" and "+" (the least and the greatest).
struct lex_bounds {
    struct bound {
        std::string name;
        bool without = false;
        int infinite = 0; ///< -1 or 1
    };
    bound low, high;

    [[nodiscard]] static std::optional<lex_bounds> parse(string_view low, string_view high) {
        lex_bounds b;
        if (!parse_one(low, b.low) || !parse_one(high, b.high)) return std::nullopt;
        return b;
    }
    [[nodiscard]] bool above_low(string_view name) const noexcept {
        if (low.infinite != 0) return low.infinite < 0;
        return low.without ? name > low.name : name >= low.name;
    }
    [[nodiscard]] bool below_high(string_view name) const noexcept {
        if (high.infinite != 0) return high.infinite > 0;
        return high.without ? name < high.name : name <= high.name;
    }

  private:
    static bool parse_one(string_view text, bound& to) {
        if (text == "-" || text == "+") {
            to.infinite = text == "-" ? -1 : 1;
            return true;
        }
        if (text.empty() || (text.front() != '(' && text.front() != '[')) return false;
        to.without = text.front() == '(';
        to.name = text.substr(1);
        return true;
    }
};

/// visit(double score, string_view member) -> bool, false for enough; in order of scores, or from
/// the greatest down.
template <class Visit>
void each_by_score(const unit& work, int db, const head& h, const score_bounds& b, bool reverse,
                   Visit&& visit, std::size_t at_most = static_cast<std::size_t>(-1)) {
    const std::uint64_t low = ordered_score(b.low) + (b.without_low ? 1 : 0);
    const std::uint64_t high = ordered_score(b.high) + (b.without_high ? 0 : 1);
    if (h.absent() || low >= high) return;
    const std::string prefix = element_prefix(db, h.id, "s");
    std::string lo = prefix;
    std::string hi = prefix;
    append_big(lo, low);
    append_big(hi, high);
    work.scan(
        lo, hi, reverse,
        [&](string_view key, string_view mark) {
            const auto place = load_big_at<std::uint64_t>(key, prefix.size());
            return visit(mark.empty() ? score_of(place) : -0.0,
                         key.substr(prefix.size() + sizeof(std::uint64_t)));
        },
        at_most);
}
inline constexpr score_bounds any_score{-HUGE_VAL, HUGE_VAL, false, false};

/// Rows of [start, stop], counted from the least, or the greatest if `reverse`; negative ones from
/// the other end. O(distance from the nearer end).
[[nodiscard]] inline std::vector<scored> by_rank(const unit& work, int db, const head& h,
                                                 std::int64_t start, std::int64_t stop,
                                                 bool reverse) {
    const auto size = static_cast<std::int64_t>(h.count);
    if (start < 0) start = std::max<std::int64_t>(start + size, 0);
    if (stop < 0) stop += size;
    stop = std::min(stop, size - 1);
    std::vector<scored> rows;
    if (start > stop) return rows;
    const bool from_far_end = start > size - 1 - stop;
    std::int64_t rank = from_far_end ? size - 1 : 0;
    const std::int64_t visited = from_far_end ? size - start : stop + 1;
    each_by_score(
        work, db, h, any_score, reverse != from_far_end,
        [&](double score, string_view member) {
            if (rank >= start && rank <= stop) rows.push_back({std::string{member}, score});
            rank += from_far_end ? -1 : 1;
            return from_far_end ? rank >= start : rank <= stop;
        },
        static_cast<std::size_t>(visited));
    if (from_far_end) std::reverse(rows.begin(), rows.end());
    return rows;
}

/// Rows within bounds behind the first `skip`, at most `most`; a negative `skip` gives none, a
/// negative `most` all.
[[nodiscard]] inline std::vector<scored> by_score(const unit& work, int db, const head& h,
                                                  const score_bounds& b, bool reverse,
                                                  std::int64_t skip, std::int64_t most) {
    std::vector<scored> rows;
    if (skip < 0 || most == 0) return rows;
    each_by_score(work, db, h, b, reverse, [&](double score, string_view member) {
        if (skip-- > 0) return true;
        rows.push_back({std::string{member}, score});
        return most < 0 || static_cast<std::int64_t>(rows.size()) < most;
    });
    return rows;
}

/// Whether the names at the ends of a set, in order of scores, allow others within the bounds.
[[nodiscard]] inline bool may_hold(const unit& work, int db, const head& h, const lex_bounds& b) {
    bool may = true;
    const auto look = [&](bool last) {
        const auto test = [&](double, string_view member) {
            may = may && (last ? b.above_low(member) : b.below_high(member));
            return false;
        };
        each_by_score(work, db, h, any_score, last, test, 1);
    };
    look(false);
    look(true);
    return may;
}

/// As by_score, by name. Meant for sets whose scores are all equal; otherwise, as in Redis, there
/// is nothing unless may_hold(), and the walk by score begins at the first name within and ends at
/// the first without.
[[nodiscard]] inline std::vector<scored> by_lex(const unit& work, int db, const head& h,
                                                const lex_bounds& b, bool reverse,
                                                std::int64_t skip, std::int64_t most) {
    std::vector<scored> rows;
    if (skip < 0 || most == 0 || !may_hold(work, db, h, b)) return rows;
    bool begun = false;
    each_by_score(work, db, h, any_score, reverse, [&](double score, string_view member) {
        const bool entered = reverse ? b.below_high(member) : b.above_low(member);
        begun = begun || entered;
        if (!begun) return true;
        if (!(reverse ? b.above_low(member) : b.below_high(member))) return false;
        if (skip-- > 0) return true;
        rows.push_back({std::string{member}, score});
        return most < 0 || static_cast<std::int64_t>(rows.size()) < most;
    });
    return rows;
}

/// How many stand before the member; none if it is not there. O(rank).
[[nodiscard]] inline std::optional<std::size_t>
rank_of(const unit& work, int db, const head& h, string_view member, std::optional<double> score) {
    if (!score) return std::nullopt;
    std::size_t rank = 0;
    each_by_score(work, db, h, {-HUGE_VAL, *score, false, false}, false,
                  [&](double at, string_view name) {
                      if (at == *score && name == member) return false;
                      ++rank;
                      return true;
                  });
    return rank;
}

} // namespace cache
