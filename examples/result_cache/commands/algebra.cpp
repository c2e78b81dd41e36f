// SPDX-License-Identifier: BSL-1.0
// Unions, intersections and differences of sets and sorted sets.
#include "commands/handlers.hpp"

#include "commands/sorted_set.hpp"

#include <algorithm>
#include <map>

namespace cache::on {

namespace {

enum class operation : std::uint8_t { unite, intersect, subtract };

/// A set or sorted set as it is read, in no order; members of a set have the score 1.
using members = std::vector<scored>;

members members_of(const call& c, const head& h) {
    members all;
    if (h.absent()) return all;
    all.reserve(h.count);
    if (h.type == kind::zset) {
        each_by_score(c.work, c.db, h, any_score, false, [&](double score, string_view member) {
            all.push_back({std::string{member}, score});
            return true;
        });
        return all;
    }
    const std::string prefix = element_prefix(c.db, h.id);
    c.work.scan_prefix(prefix, [&](string_view key) {
        all.push_back({std::string{key.substr(prefix.size() + sizeof(std::uint32_t))}, 1});
        return true;
    });
    return all;
}

// --- sets ----------------------------------------------------------------------------------------

/// The heads of these keys, all of them sets or absent; otherwise an error is replied.
std::optional<std::vector<head>> open_sets(call& c, arguments keys) {
    std::vector<head> sets;
    for (const string_view key : keys) {
        const auto h = c.open(key, kind::set);
        if (!h) return std::nullopt;
        sets.push_back(*h);
    }
    return sets;
}

/// What these sets have together, each once; with at most `most` members.
std::vector<std::string> combine(const call& c, operation what, std::vector<head> sets,
                                 std::size_t most = static_cast<std::size_t>(-1)) {
    const auto contains = [&](const head& h, const std::string& member) {
        return !h.absent() && c.work.contains(member_key(c.db, h.id, member));
    };
    std::vector<std::string> result;
    if (what == operation::unite) {
        for (std::size_t i = 0; i < sets.size(); ++i)
            for (scored& row : members_of(c, sets[i])) {
                const auto before = sets.begin() + static_cast<std::ptrdiff_t>(i);
                const bool known = std::any_of(
                    sets.begin(), before, [&](const head& h) { return contains(h, row.member); });
                if (!known) result.push_back(std::move(row.member));
            }
        return result;
    }
    const bool wanted = what == operation::intersect;
    if (wanted) // the smallest is walked through
        std::iter_swap(sets.begin(),
                       std::min_element(sets.begin(), sets.end(), [](const head& a, const head& b) {
                           return a.count < b.count;
                       }));
    for (scored& row : members_of(c, sets.front())) {
        const bool fits = std::all_of(sets.begin() + 1, sets.end(), [&](const head& h) {
            return contains(h, row.member) == wanted;
        });
        if (fits) result.push_back(std::move(row.member));
        if (result.size() >= most) break;
    }
    return result;
}

void reply_combined(call& c, operation what) {
    auto sets = open_sets(c, c.args.subspan(1));
    if (!sets) return;
    const std::vector<std::string> result = combine(c, what, std::move(*sets));
    c.out.set(result.size());
    for (const std::string& member : result) c.out.bulk(member);
}
void store_combined(call& c, operation what) {
    auto sets = open_sets(c, c.args.subspan(2));
    if (!sets) return;
    const std::vector<std::string> result = combine(c, what, std::move(*sets));
    c.work.erase_key(c.db, c[1]);
    if (!result.empty()) {
        head h = c.fresh(kind::set);
        h.count = result.size();
        for (const std::string& member : result) c.work.put(member_key(c.db, h.id, member), {}, 0);
        c.keep(c[1], head{}, h);
    }
    c.out.integer(static_cast<long long>(result.size()));
}

// --- sorted sets ---------------------------------------------------------------------------------

/// "numkeys key... [WEIGHTS n...] [AGGREGATE how] [WITHSCORES] [LIMIT n]", from word `at` on.
struct request {
    struct source {
        head from;
        std::size_t place; ///< among the words
        double weight = 1;
    };
    std::vector<source> sources;
    enum class aggregate : std::uint8_t { sum, least, greatest } how = aggregate::sum;
    bool with_scores = false;
    std::uint64_t limit = 0; ///< 0: none

    [[nodiscard]] double together(double a, double b) const noexcept {
        if (how == aggregate::least) return std::min(a, b);
        if (how == aggregate::greatest) return std::max(a, b);
        return std::isnan(a + b) ? 0 : a + b; // infinities of both signs
    }
};
[[nodiscard]] double weighted(const request::source& s, double score) noexcept {
    const double value = s.weight * score;
    return std::isnan(value) ? 0 : value;
}

enum class result_kind : std::uint8_t { rows, stored, number };

std::optional<request> request_of(call& c, std::size_t at, operation what, result_kind gives) {
    const auto count = c.integer(c[at]);
    if (!count) return std::nullopt;
    if (*count < 1) {
        std::string name{c[0]};
        for (char& ch : name) ch = lower(ch);
        c.out.error("ERR at least 1 input key is needed for '" + name + "' command");
        return std::nullopt;
    }
    if (static_cast<std::uint64_t>(*count) > c.size() - at - 1)
        return c.syntax_error(), std::nullopt;
    request r;
    const auto keys = static_cast<std::size_t>(*count);
    for (const string_view key : c.args.subspan(at + 1, keys)) {
        const head h = c.work.find(c.db, key);
        if (!h.absent() && h.type != kind::set && h.type != kind::zset)
            return c.wrong_type(), std::nullopt;
        r.sources.push_back({h, r.sources.size()});
    }
    const bool weighs = what != operation::subtract && gives != result_kind::number;
    for (std::size_t i = at + 1 + keys; i < c.size(); ++i) {
        const std::size_t left = c.size() - i;
        if (weighs && left > keys && is(c[i], "weights")) {
            for (request::source& s : r.sources) {
                const auto weight = parse_double(c[++i]);
                if (!weight) return c.out.error("ERR weight value is not a float"), std::nullopt;
                s.weight = *weight;
            }
        } else if (weighs && left >= 2 && is(c[i], "aggregate")) {
            ++i;
            if (is(c[i], "sum")) r.how = request::aggregate::sum;
            else if (is(c[i], "min")) r.how = request::aggregate::least;
            else if (is(c[i], "max")) r.how = request::aggregate::greatest;
            else return c.syntax_error(), std::nullopt;
        } else if (gives == result_kind::rows && is(c[i], "withscores")) {
            r.with_scores = true;
        } else if (gives == result_kind::number && left >= 2 && is(c[i], "limit")) {
            const auto limit = parse_integer(c[++i]);
            if (!limit || *limit < 0)
                return c.out.error("ERR LIMIT can't be negative"), std::nullopt;
            r.limit = static_cast<std::uint64_t>(*limit);
        } else {
            return c.syntax_error(), std::nullopt;
        }
    }
    return r;
}

std::optional<double> score_in_source(const call& c, const head& h, const std::string& member) {
    if (h.type == kind::zset) return score_of_member(c, h, member);
    if (h.absent() || !c.work.contains(member_key(c.db, h.id, member))) return std::nullopt;
    return 1;
}

/// Rows in order of their scores, then of their names.
std::vector<scored> combine(const call& c, operation what, request& r) {
    // Sums of floating-point numbers depend on their order: this is Redis's.
    if (what != operation::subtract)
        std::sort(r.sources.begin(), r.sources.end(), [](const auto& a, const auto& b) {
            return std::pair{a.from.count, a.place} < std::pair{b.from.count, b.place};
        });
    std::map<std::string, double> result;
    const request::source& first = r.sources.front();
    if (what == operation::unite) {
        for (const request::source& s : r.sources)
            for (scored& row : members_of(c, s.from)) {
                const double value = weighted(s, row.score);
                const auto [at, is_new] = result.emplace(std::move(row.member), value);
                if (!is_new) at->second = r.together(at->second, value);
            }
    } else {
        for (scored& row : members_of(c, first.from)) {
            bool fits = true;
            double value = weighted(first, row.score);
            for (std::size_t i = 1; fits && i < r.sources.size(); ++i) {
                const auto other = score_in_source(c, r.sources[i].from, row.member);
                fits = other.has_value() == (what == operation::intersect);
                if (fits && other) value = r.together(value, weighted(r.sources[i], *other));
            }
            if (fits) result.emplace(std::move(row.member), value);
            if (r.limit != 0 && result.size() >= r.limit) break;
        }
    }
    std::vector<scored> rows;
    rows.reserve(result.size());
    for (const auto& [member, score] : result) rows.push_back({member, score});
    std::sort(rows.begin(), rows.end(), [](const scored& a, const scored& b) {
        return a.score != b.score ? a.score < b.score : a.member < b.member;
    });
    return rows;
}

void reply_scored(call& c, operation what) {
    auto r = request_of(c, 1, what, result_kind::rows);
    if (r) reply_rows(c, combine(c, what, *r), r->with_scores);
}
void store_scored(call& c, operation what) {
    auto r = request_of(c, 2, what, result_kind::stored);
    if (r) cache::store_scored(c, c[1], combine(c, what, *r));
}

} // namespace

void sunion(call& c) { reply_combined(c, operation::unite); }
void sinter(call& c) { reply_combined(c, operation::intersect); }
void sdiff(call& c) { reply_combined(c, operation::subtract); }
void sunionstore(call& c) { store_combined(c, operation::unite); }
void sinterstore(call& c) { store_combined(c, operation::intersect); }
void sdiffstore(call& c) { store_combined(c, operation::subtract); }
void sintercard(call& c) {
    const auto count = parse_integer(c[1]);
    if (!count || *count < 1) return c.out.error("ERR numkeys should be greater than 0");
    if (static_cast<std::uint64_t>(*count) > c.size() - 2)
        return c.out.error("ERR Number of keys can't be greater than number of args");
    const auto keys = static_cast<std::size_t>(*count);
    std::uint64_t limit = 0;
    for (std::size_t i = 2 + keys; i < c.size(); i += 2) {
        if (!is(c[i], "limit") || i + 1 == c.size()) return c.syntax_error();
        const auto given = parse_integer(c[i + 1]);
        if (!given || *given < 0) return c.out.error("ERR LIMIT can't be negative");
        limit = static_cast<std::uint64_t>(*given);
    }
    auto sets = open_sets(c, c.args.subspan(2, keys));
    if (!sets) return;
    const auto most = limit == 0 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(limit);
    c.out.integer(
        static_cast<long long>(combine(c, operation::intersect, std::move(*sets), most).size()));
}

void zunion(call& c) { reply_scored(c, operation::unite); }
void zinter(call& c) { reply_scored(c, operation::intersect); }
void zdiff(call& c) { reply_scored(c, operation::subtract); }
void zunionstore(call& c) { store_scored(c, operation::unite); }
void zinterstore(call& c) { store_scored(c, operation::intersect); }
void zdiffstore(call& c) { store_scored(c, operation::subtract); }
void zintercard(call& c) {
    auto r = request_of(c, 1, operation::intersect, result_kind::number);
    if (r) c.out.integer(static_cast<long long>(combine(c, operation::intersect, *r).size()));
}

} // namespace cache::on
