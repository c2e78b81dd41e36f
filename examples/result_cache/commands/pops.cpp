// SPDX-License-Identifier: BSL-1.0
// What takes from the ends of sorted sets, and of whichever of several lists or sorted sets has
// elements; or waits until one has.
#include "commands/handlers.hpp"

#include "commands/list_ends.hpp"
#include "commands/sorted_set.hpp"
#include "commands/waiting.hpp"

#include <algorithm>

namespace cache::on {

namespace {

/// A number that must not be less than `least`; otherwise `complaint` is replied.
std::optional<std::int64_t> at_least(call& c, std::int64_t least, string_view text,
                                     string_view complaint) {
    const auto number = parse_integer(text);
    if (number && *number >= least) return number;
    c.out.error(complaint);
    return std::nullopt;
}

/// Takes rows from the end of a sorted set. REQUIRES: it has some.
std::vector<scored> take_scored(call& c, string_view key, const head& before, bool greatest,
                                std::int64_t most) {
    std::vector<scored> rows = by_rank(c.work, c.db, before, 0, most - 1, greatest);
    head h = before;
    for (const scored& row : rows) erase_scored(c, h, row.member, row.score);
    c.keep(key, before, h);
    return rows;
}

void pop_scored(call& c, bool greatest) {
    if (c.size() > 3) return c.syntax_error();
    std::int64_t count = 1;
    if (c.size() == 3) {
        const auto given = at_least(c, 0, c[2], "ERR value is out of range, must be positive");
        if (!given) return;
        count = *given;
    }
    const auto h = c.open(c[1], kind::zset);
    if (!h) return;
    if (h->absent() || count == 0) return c.out.array(0);
    const auto rows = take_scored(c, c[1], *h, greatest, count);
    if (c.size() == 3) return reply_rows(c, rows, true);
    c.out.array(2);
    c.out.bulk(rows.front().member);
    c.out.real(rows.front().score);
}

void pop_scored_or_wait(call& c, bool greatest) {
    const auto timeout = timeout_of(c, c[c.size() - 1]);
    if (!timeout) return;
    const arguments keys = c.args.subspan(1, c.size() - 2);
    for (const string_view key : keys) {
        const auto h = c.open(key, kind::zset);
        if (!h) return;
        if (h->absent()) continue;
        const auto rows = take_scored(c, key, *h, greatest, 1);
        c.out.array(3);
        c.out.bulk(key);
        c.out.bulk(rows.front().member);
        return c.out.real(rows.front().score);
    }
    wait_for(c, keys, kind::zset, *timeout, false);
}

/// "numkeys key... end [COUNT n]", from word `at` on.
struct pop_of_many {
    arguments keys;
    string_view from;
    std::int64_t count = 1;
};
/// `one` and `other` are the ends that there are. An error is replied.
std::optional<pop_of_many> pop_of(call& c, std::size_t at, string_view one, string_view other) {
    const auto wanted = at_least(c, 1, c[at], "ERR numkeys should be greater than 0");
    if (!wanted) return std::nullopt;
    const std::size_t words = c.size() - at - 1;
    if (static_cast<std::uint64_t>(*wanted) >= words) return c.syntax_error(), std::nullopt;
    const auto keys = static_cast<std::size_t>(*wanted);
    pop_of_many what{.keys = c.args.subspan(at + 1, keys), .from = c[at + 1 + keys]};
    if (!is(what.from, one) && !is(what.from, other)) return c.syntax_error(), std::nullopt;
    const arguments options = c.args.subspan(at + 2 + keys);
    if (options.empty()) return what;
    if (!is(options[0], "count") || options.size() == 1) return c.syntax_error(), std::nullopt;
    const auto count = at_least(c, 1, options[1], "ERR count should be greater than 0");
    if (!count) return std::nullopt;
    if (options.size() > 2) return c.syntax_error(), std::nullopt;
    what.count = *count;
    return what;
}

/// Answers whether all is replied: something was there, or an error.
bool pop_list(call& c, const pop_of_many& what) {
    for (const string_view key : what.keys) {
        const auto before = c.open(key, kind::list);
        if (!before) return true;
        if (before->absent()) continue;
        head h = *before;
        const std::uint64_t count = std::min(h.count, static_cast<std::uint64_t>(what.count));
        c.out.array(2);
        c.out.bulk(key);
        c.out.array(count);
        for (std::uint64_t i = 0; i < count; ++i) c.out.bulk(pop_one(c, h, *end_named(what.from)));
        c.keep(key, *before, h);
        return true;
    }
    return false;
}
bool pop_sorted_set(call& c, const pop_of_many& what) {
    for (const string_view key : what.keys) {
        const auto h = c.open(key, kind::zset);
        if (!h) return true;
        if (h->absent()) continue;
        const auto rows = take_scored(c, key, *h, is(what.from, "max"), what.count);
        c.out.array(2);
        c.out.bulk(key);
        c.out.array(rows.size());
        for (const scored& row : rows) {
            c.out.array(2);
            c.out.bulk(row.member);
            c.out.real(row.score);
        }
        return true;
    }
    return false;
}

} // namespace

void zpopmin(call& c) { pop_scored(c, false); }
void zpopmax(call& c) { pop_scored(c, true); }
void bzpopmin(call& c) { pop_scored_or_wait(c, false); }
void bzpopmax(call& c) { pop_scored_or_wait(c, true); }

void lmpop(call& c) {
    const auto what = pop_of(c, 1, "left", "right");
    if (what && !pop_list(c, *what)) c.out.null_array();
}
void zmpop(call& c) {
    const auto what = pop_of(c, 1, "min", "max");
    if (what && !pop_sorted_set(c, *what)) c.out.null_array();
}
void blmpop(call& c) {
    const auto what = pop_of(c, 2, "left", "right");
    const auto timeout = what ? timeout_of(c, c[1]) : std::nullopt;
    if (timeout && !pop_list(c, *what)) wait_for(c, what->keys, kind::list, *timeout, false);
}
void bzmpop(call& c) {
    const auto what = pop_of(c, 2, "min", "max");
    const auto timeout = what ? timeout_of(c, c[1]) : std::nullopt;
    if (timeout && !pop_sorted_set(c, *what)) wait_for(c, what->keys, kind::zset, *timeout, false);
}

} // namespace cache::on
