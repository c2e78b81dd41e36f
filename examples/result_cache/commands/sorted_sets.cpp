// SPDX-License-Identifier: BSL-1.0
// Sorted sets: members with scores, and ranges of them.
#include "commands/handlers.hpp"

#include "commands/scan.hpp"
#include "commands/sorted_set.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr string_view resulting_nan = "ERR resulting score is not a number (NaN)";

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
    if (before->absent() && h.count != 0) c.note_push(c[1], kind::zset);
    if (!o.increment) return c.out.integer(o.changed ? added + updated : added);
    if (result) c.out.real(*result);
    else c.out.null();
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

/// Which words may stand there: any; none that choose another order or direction; no WITHSCORES.
enum class range_words : std::uint8_t { any, fixed, unscored };

/// REQUIRES: the options begin with word `at`.
bool parse_range_options(call& c, range_options& o, range_words words, std::size_t at = 4) {
    const bool fixed = words == range_words::fixed;
    for (std::size_t i = at; i < c.size(); ++i) {
        if (words != range_words::unscored && is(c[i], "withscores")) {
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

/// `at` is the key's word. None when an error was replied.
std::optional<std::vector<scored>> rows_of(call& c, const range_options& o, std::size_t at = 1) {
    const bool crossed = o.reverse && o.order != range_options::by::rank;
    const string_view low = c[crossed ? at + 2 : at + 1];
    const string_view high = c[crossed ? at + 1 : at + 2];
    if (o.order == range_options::by::rank) {
        const auto start = c.integer(low);
        if (!start) return std::nullopt;
        const auto stop = c.integer(high);
        if (!stop) return std::nullopt;
        const auto h = c.open(c[at], kind::zset);
        if (!h) return std::nullopt;
        return by_rank(c.work, c.db, *h, *start, *stop, o.reverse);
    }
    if (o.order == range_options::by::score) {
        const auto bounds = score_bounds::parse(low, high);
        if (!bounds) return c.out.error("ERR min or max is not a float"), std::nullopt;
        const auto h = c.open(c[at], kind::zset);
        if (!h) return std::nullopt;
        return by_score(c.work, c.db, *h, *bounds, o.reverse, o.skip, o.most);
    }
    const auto bounds = lex_bounds::parse(low, high);
    if (!bounds) return c.out.error("ERR min or max not valid string range item"), std::nullopt;
    const auto h = c.open(c[at], kind::zset);
    if (!h) return std::nullopt;
    return by_lex(c.work, c.db, *h, *bounds, o.reverse, o.skip, o.most);
}
void range(call& c, const range_options& o) {
    if (const auto rows = rows_of(c, o)) reply_rows(c, *rows, o.with_scores);
}

void remove_range(call& c, range_options::by order) {
    const auto rows = rows_of(c, {.order = order});
    if (!rows) return;
    const head before = c.work.find(c.db, c[1]);
    head h = before;
    for (const scored& row : *rows) erase_scored(c, h, row.member, row.score);
    if (!rows->empty()) c.keep(c[1], before, h);
    c.out.integer(static_cast<long long>(rows->size()));
}

void fixed_range(call& c, range_options::by order, bool reverse) {
    range_options o;
    o.order = order;
    o.reverse = reverse;
    if (parse_range_options(c, o, range_words::fixed)) range(c, o);
}

} // namespace

void zadd(call& c) {
    if (const auto options = add_options_of(c)) add(c, *options);
}
void zincrby(call& c) {
    // As ZADD INCR, also for a number that is spelt like one of its options.
    auto options = add_options_of(c);
    if (!options) return;
    options->increment = true;
    add(c, *options);
}
void zrem(call& c) {
    const auto before = c.open(c[1], kind::zset);
    if (!before) return;
    head h = *before;
    for (std::size_t i = 2; i < c.size(); ++i) {
        const auto score = score_of_member(c, h, c[i]);
        if (score) erase_scored(c, h, c[i], *score);
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
    if (parse_range_options(c, o, range_words::any)) range(c, o);
}
void zrevrange(call& c) { fixed_range(c, range_options::by::rank, true); }
void zrangebyscore(call& c) { fixed_range(c, range_options::by::score, false); }
void zrevrangebyscore(call& c) { fixed_range(c, range_options::by::score, true); }

void zrangebylex(call& c) { fixed_range(c, range_options::by::lex, false); }
void zrevrangebylex(call& c) { fixed_range(c, range_options::by::lex, true); }

void zrangestore(call& c) {
    range_options o;
    if (!parse_range_options(c, o, range_words::unscored, 5)) return;
    if (const auto rows = rows_of(c, o, 2)) store_scored(c, c[1], *rows);
}
void zlexcount(call& c) {
    const auto rows = rows_of(c, {.order = range_options::by::lex});
    if (rows) c.out.integer(static_cast<long long>(rows->size()));
}
void zremrangebyrank(call& c) { remove_range(c, range_options::by::rank); }
void zremrangebyscore(call& c) { remove_range(c, range_options::by::score); }
void zremrangebylex(call& c) { remove_range(c, range_options::by::lex); }

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
