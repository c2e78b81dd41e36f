// SPDX-License-Identifier: BSL-1.0
// Sorted sets: each member has a row that tells its score, and one that stands in order of scores.
#include "handlers.hpp"

#include "scan.hpp"
#include "sorted_range.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr string_view resulting_nan = "ERR resulting score is not a number (NaN)";

/// The number itself: unlike its place in the order, it knows -0 from 0.
std::string score_row(double score) {
    std::string row;
    append_big(row, std::bit_cast<std::uint64_t>(score));
    return row;
}
double score_in(string_view row) {
    return std::bit_cast<double>(load_big_at<std::uint64_t>(row, 0));
}
std::optional<double> score_of_member(const call& c, const head& h, string_view member) {
    std::optional<double> score;
    if (!h.absent())
        c.work.read(member_key(c.db, h.id, member, "m"),
                    [&](string_view row) { score = score_in(row); });
    return score;
}

/// REQUIRES: `old` is what score_of_member answers.
void set_score(call& c, head& h, string_view member, std::optional<double> old, double score) {
    if (old) c.work.erase(score_key(c.db, h.id, *old, member));
    else ++h.count;
    c.work.put(member_key(c.db, h.id, member, "m"), score_row(score), h.elements_at);
    c.work.put(score_key(c.db, h.id, score, member), zero_mark(score), h.elements_at);
}

struct add_options {
    bool absent_only = false;
    bool present_only = false;
    bool greater = false;
    bool less = false;
    bool changed = false;
    bool increment = false;
    std::size_t first_score = 2;
};

/// Reads the options of ZADD; an error is replied.
std::optional<add_options> add_options_of(call& c) {
    add_options o;
    for (; o.first_score < c.size(); ++o.first_score) {
        const string_view word = c[o.first_score];
        if (is(word, "nx")) o.absent_only = true;
        else if (is(word, "xx")) o.present_only = true;
        else if (is(word, "gt")) o.greater = true;
        else if (is(word, "lt")) o.less = true;
        else if (is(word, "ch")) o.changed = true;
        else if (is(word, "incr")) o.increment = true;
        else break;
    }
    const std::size_t words = c.size() - o.first_score;
    if (words == 0 || words % 2 != 0) return c.syntax_error(), std::nullopt;
    if (o.absent_only && o.present_only) {
        c.out.error("ERR XX and NX options at the same time are not compatible");
    } else if ((o.greater && o.absent_only) || (o.less && o.absent_only) || (o.greater && o.less)) {
        c.out.error("ERR GT, LT, and/or NX options at the same time are not compatible");
    } else if (o.increment && words > 2) {
        c.out.error("ERR INCR option supports a single increment-element pair");
    } else {
        return o;
    }
    return std::nullopt;
}

void add(call& c, const add_options& o) {
    std::vector<double> scores;
    for (std::size_t i = o.first_score; i < c.size(); i += 2) {
        const auto score = c.real(c[i]);
        if (!score) return;
        scores.push_back(*score);
    }
    const auto before = c.open(c[1], kind::zset);
    if (!before) return;
    head h = before->absent() ? c.fresh(kind::zset) : *before;
    long long added = 0;
    long long updated = 0;
    std::optional<double> result;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const string_view member = c[o.first_score + 2 * i + 1];
        const auto old = score_of_member(c, h, member);
        double score = scores[i];
        if (old ? o.absent_only : o.present_only) continue;
        if (old && o.increment) score += *old;
        if (std::isnan(score)) return c.out.error(resulting_nan);
        if (old && ((o.less && score >= *old) || (o.greater && score <= *old))) continue;
        result = score;
        if (old && *old == score) continue;
        ++(old ? updated : added);
        set_score(c, h, member, old, score);
    }
    if (added + updated != 0) c.keep(c[1], *before, h);
    if (!o.increment) return c.out.integer(o.changed ? added + updated : added);
    if (result) c.out.real(*result);
    else c.out.null();
}

void reply_row(call& c, const scored& row, bool with_scores) {
    if (with_scores && c.out.version() == 3) c.out.array(2);
    c.out.bulk(row.member);
    if (with_scores) c.out.real(row.score);
}
void reply_rows(call& c, const std::vector<scored>& rows, bool with_scores) {
    c.out.array(with_scores && c.out.version() == 2 ? 2 * rows.size() : rows.size());
    for (const scored& row : rows) reply_row(c, row, with_scores);
}

/// What stands behind "start stop" in the ZRANGE family.
struct range_options {
    enum class by : std::uint8_t { rank, score, lex } order = by::rank;
    bool reverse = false;
    bool with_scores = false;
    bool limited = false;
    std::int64_t skip = 0;
    std::int64_t most = -1;
};

/// `fixed` allows no words that choose another order or direction.
bool parse_range_options(call& c, range_options& o, bool fixed) {
    for (std::size_t i = 4; i < c.size(); ++i) {
        if (is(c[i], "withscores")) {
            o.with_scores = true;
        } else if (is(c[i], "limit") && i + 2 < c.size()) {
            const auto skip = c.integer(c[i + 1]);
            if (!skip) return false;
            const auto most = c.integer(c[i + 2]);
            if (!most) return false;
            o.skip = *skip;
            o.most = *most;
            o.limited = true;
            i += 2;
        } else if (!fixed && !o.reverse && is(c[i], "rev")) {
            o.reverse = true;
        } else if (!fixed && o.order == range_options::by::rank && is(c[i], "byscore")) {
            o.order = range_options::by::score;
        } else if (!fixed && o.order == range_options::by::rank && is(c[i], "bylex")) {
            o.order = range_options::by::lex;
        } else {
            return c.syntax_error(), false;
        }
    }
    if (o.limited && o.order == range_options::by::rank) {
        c.out.error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE "
                    "or BYLEX");
        return false;
    }
    if (o.with_scores && o.order == range_options::by::lex) {
        c.out.error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
        return false;
    }
    return true;
}

void range(call& c, const range_options& o) {
    const string_view low = c[o.reverse && o.order != range_options::by::rank ? 3 : 2];
    const string_view high = c[o.reverse && o.order != range_options::by::rank ? 2 : 3];
    std::vector<scored> rows;
    if (o.order == range_options::by::rank) {
        const auto start = c.integer(c[2]);
        if (!start) return;
        const auto stop = c.integer(c[3]);
        if (!stop) return;
        const auto h = c.open(c[1], kind::zset);
        if (!h) return;
        rows = by_rank(c.work, c.db, *h, *start, *stop, o.reverse);
    } else if (o.order == range_options::by::score) {
        const auto bounds = score_bounds::parse(low, high);
        if (!bounds) return c.out.error("ERR min or max is not a float");
        const auto h = c.open(c[1], kind::zset);
        if (!h) return;
        rows = by_score(c.work, c.db, *h, *bounds, o.reverse, o.skip, o.most);
    } else {
        const auto bounds = lex_bounds::parse(low, high);
        if (!bounds) return c.out.error("ERR min or max not valid string range item");
        const auto h = c.open(c[1], kind::zset);
        if (!h) return;
        rows = by_lex(c.work, c.db, *h, *bounds, o.reverse, o.skip, o.most);
    }
    reply_rows(c, rows, o.with_scores);
}

void fixed_range(call& c, range_options::by order, bool reverse) {
    range_options o;
    o.order = order;
    o.reverse = reverse;
    if (parse_range_options(c, o, true)) range(c, o);
}

} // namespace

void zadd(call& c) {
    if (const auto options = add_options_of(c)) add(c, *options);
}
void zincrby(call& c) {
    // As ZADD INCR, but for the order of the words.
    const std::array<string_view, 4> words{c[0], c[1], c[2], c[3]};
    call as_add{c.host, c.who, c.work, c.out, words, c.db, c.in_exec, c.after};
    add(as_add, {.increment = true, .first_score = 2});
}
void zrem(call& c) {
    const auto before = c.open(c[1], kind::zset);
    if (!before) return;
    head h = *before;
    for (std::size_t i = 2; i < c.size(); ++i) {
        const auto score = score_of_member(c, h, c[i]);
        if (!score) continue;
        c.work.erase(member_key(c.db, h.id, c[i], "m"));
        c.work.erase(score_key(c.db, h.id, *score, c[i]));
        --h.count;
    }
    if (h.count != before->count) c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(before->count - h.count));
}
void zscore(call& c) {
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    const auto score = score_of_member(c, *h, c[2]);
    if (score) c.out.real(*score);
    else c.out.null();
}
void zmscore(call& c) {
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    c.out.array(c.size() - 2);
    for (std::size_t i = 2; i < c.size(); ++i) {
        const auto score = score_of_member(c, *h, c[i]);
        if (score) c.out.real(*score);
        else c.out.null();
    }
}
void zcard(call& c) {
    if (const auto h = c.open(c[1], kind::zset)) c.out.integer(static_cast<long long>(h->count));
}
void zcount(call& c) {
    const auto bounds = score_bounds::parse(c[2], c[3]);
    if (!bounds) return c.out.error("ERR min or max is not a float");
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    long long count = 0;
    each_by_score(c.work, c.db, *h, *bounds, false, [&](double, string_view) {
        ++count;
        return true;
    });
    c.out.integer(count);
}
void zrank(call& c) {
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    const auto rank = rank_of(c.work, c.db, *h, c[2], score_of_member(c, *h, c[2]));
    if (rank) c.out.integer(static_cast<long long>(*rank));
    else c.out.null();
}
void zrevrank(call& c) {
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    const auto rank = rank_of(c.work, c.db, *h, c[2], score_of_member(c, *h, c[2]));
    if (rank) c.out.integer(static_cast<long long>(h->count - 1 - *rank));
    else c.out.null();
}

void zrange(call& c) {
    range_options o;
    if (parse_range_options(c, o, false)) range(c, o);
}
void zrevrange(call& c) { fixed_range(c, range_options::by::rank, true); }
void zrangebyscore(call& c) { fixed_range(c, range_options::by::score, false); }
void zrevrangebyscore(call& c) { fixed_range(c, range_options::by::score, true); }

void zscan(call& c) {
    std::optional<head> h;
    const auto how =
        scan_options::parse(c, 3, false, [&] { return open_for_scan(c, kind::zset, h); });
    if (!how) return;
    scan_page page = next_page(c.work, element_prefix(c.db, h->id, "m"), how->cursor, how->count);
    std::erase_if(page.rows, [&](const auto& row) { return !how->shows(row.first); });
    c.out.array(2);
    c.out.bulk(page.cursor());
    c.out.array(2 * page.rows.size());
    for (const auto& [member, row] : page.rows) {
        c.out.bulk(member);
        c.out.bulk(format_double(score_in(row)));
    }
}

} // namespace cache::on
