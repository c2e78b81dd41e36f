// SPDX-License-Identifier: BSL-1.0
// Lists: elements stand under consecutive indices; the head says where they begin and how many.
#include "commands/handlers.hpp"

#include "commands/list_ends.hpp"
#include "commands/waiting.hpp"

#include <algorithm>

namespace cache::on {

namespace {

std::string element(call& c, const head& h, std::uint64_t i) {
    return c.work.get(list_key(c.db, h.id, h.first + i)).value_or(std::string{});
}

void push(call& c, end where, bool must_exist) {
    const auto before = c.open(c[1], kind::list);
    if (!before) return;
    if (must_exist && before->absent()) return c.out.integer(0);
    head h = before->absent() ? c.fresh(kind::list) : *before;
    for (std::size_t i = 2; i < c.size(); ++i) push_one(c, h, where, c[i]);
    c.keep(c[1], *before, h);
    if (before->absent()) c.note_push(c[1], kind::list);
    c.out.integer(static_cast<long long>(h.count));
}

void pop(call& c, end where) {
    std::optional<std::int64_t> wanted;
    if (c.size() > 3) return c.wrong_arity();
    if (c.size() == 3) {
        wanted = parse_integer(c[2]);
        if (!wanted || *wanted < 0)
            return c.out.error("ERR value is out of range, must be positive");
    }
    const auto before = c.open(c[1], kind::list);
    if (!before) return;
    if (before->absent()) return wanted ? c.out.null_array() : c.out.null();
    head h = *before;
    if (!wanted) {
        c.out.bulk(pop_one(c, h, where));
    } else {
        const std::uint64_t count = std::min(h.count, static_cast<std::uint64_t>(*wanted));
        c.out.array(count);
        for (std::uint64_t i = 0; i < count; ++i) c.out.bulk(pop_one(c, h, where));
        if (count == 0) return;
    }
    c.keep(c[1], *before, h);
}

/// [start, stop] cut to what there is; count is 0 when nothing is left.
struct window {
    std::uint64_t start = 0;
    std::uint64_t count = 0;
    window(std::int64_t first, std::int64_t last, std::uint64_t size) noexcept {
        const auto n = static_cast<std::int64_t>(size);
        if (first < 0) first = std::max<std::int64_t>(first + n, 0);
        if (last < 0) last += n;
        last = std::min(last, n - 1);
        if (first > last) return;
        start = static_cast<std::uint64_t>(first);
        count = static_cast<std::uint64_t>(last - first + 1);
    }
};

/// The place that an index, perhaps from the end, means; none outside.
std::optional<std::uint64_t> place_of(std::int64_t index, std::uint64_t size) noexcept {
    if (index < 0) index += static_cast<std::int64_t>(size);
    if (index < 0 || static_cast<std::uint64_t>(index) >= size) return std::nullopt;
    return static_cast<std::uint64_t>(index);
}

template <class Visit>
void each(call& c, const head& h, const window& w, Visit&& visit) {
    std::uint64_t i = w.start;
    c.work.scan(
        list_key(c.db, h.id, h.first + w.start), list_key(c.db, h.id, h.first + w.start + w.count),
        false, [&](string_view, string_view value) { return visit(i++, value); }, w.count);
}

/// Takes elements out: those before the last of them move up, or those behind the first move down,
/// whichever are fewer. REQUIRES: `seen` are the first elements, and all where more stand before
/// the last that goes than behind the first.
void close_gaps(call& c, head& h, std::vector<std::string>& seen,
                const std::vector<std::uint64_t>& gone) {
    const auto put = [&](std::uint64_t to, std::uint64_t from) {
        c.work.put(list_key(c.db, h.id, h.first + to), seen[from], h.elements_at);
    };
    const std::uint64_t count = gone.size();
    const bool front_moves = gone.back() + 1 <= h.count - gone.front();
    if (front_moves) {
        auto next = gone.rbegin();
        std::uint64_t to = gone.back();
        for (std::uint64_t i = gone.back() + 1; i-- > 0;)
            if (next != gone.rend() && *next == i) ++next;
            else put(to--, i);
        for (std::uint64_t i = 0; i < count; ++i) c.work.erase(list_key(c.db, h.id, h.first + i));
        h.first += count;
    } else {
        auto next = gone.begin();
        std::uint64_t to = gone.front();
        for (std::uint64_t i = gone.front(); i < h.count; ++i)
            if (next != gone.end() && *next == i) ++next;
            else put(to++, i);
        for (std::uint64_t i = to; i < h.count; ++i)
            c.work.erase(list_key(c.db, h.id, h.first + i));
    }
    h.count -= count;
}

enum class moved : std::uint8_t { yes, nothing_there, refused };

/// Moves an element from one list to another, perhaps the same, and replies it.
moved move_element(call& c, end from, end to) {
    const auto before = c.open(c[1], kind::list);
    if (!before) return moved::refused;
    if (before->absent()) return moved::nothing_there;
    const auto target = c.open(c[2], kind::list);
    if (!target) return moved::refused;
    head h = *before;
    const std::string value = pop_one(c, h, from);
    if (c[1] == c[2]) {
        push_one(c, h, to, value);
        c.keep(c[1], *before, h);
    } else {
        head t = target->absent() ? c.fresh(kind::list) : *target;
        push_one(c, t, to, value);
        c.keep(c[1], *before, h);
        c.keep(c[2], *target, t);
        if (target->absent()) c.note_push(c[2], kind::list);
    }
    c.out.bulk(value);
    return moved::yes;
}

void move_or_null(call& c, end from, end to) {
    if (move_element(c, from, to) == moved::nothing_there) c.out.null();
}

void pop_or_wait(call& c, end where) {
    const auto timeout = timeout_of(c, c[c.size() - 1]);
    if (!timeout) return;
    const arguments keys = c.args.subspan(1, c.size() - 2);
    for (const string_view key : keys) {
        const auto before = c.open(key, kind::list);
        if (!before) return;
        if (before->absent()) continue;
        head h = *before;
        c.out.array(2);
        c.out.bulk(key);
        c.out.bulk(pop_one(c, h, where));
        return c.keep(key, *before, h);
    }
    wait_for(c, keys, kind::list, *timeout, false);
}

void move_or_wait(call& c, end from, end to) {
    const auto timeout = timeout_of(c, c[c.size() - 1]);
    if (!timeout) return;
    if (move_element(c, from, to) == moved::nothing_there)
        wait_for(c, c.args.subspan(1, 1), kind::list, *timeout, true);
}

} // namespace

void lpush(call& c) { push(c, end::left, false); }
void rpush(call& c) { push(c, end::right, false); }
void lpushx(call& c) { push(c, end::left, true); }
void rpushx(call& c) { push(c, end::right, true); }
void lpop(call& c) { pop(c, end::left); }
void rpop(call& c) { pop(c, end::right); }

void llen(call& c) {
    if (const auto h = c.open(c[1], kind::list)) c.out.integer(static_cast<long long>(h->count));
}

void lrange(call& c) {
    const auto start = c.integer(c[2]);
    if (!start) return;
    const auto stop = c.integer(c[3]);
    if (!stop) return;
    const auto h = c.open(c[1], kind::list);
    if (!h) return;
    const window w{*start, *stop, h->count};
    c.out.array(w.count);
    if (w.count == 0) return;
    each(c, *h, w, [&](std::uint64_t, string_view value) {
        c.out.bulk(value);
        return true;
    });
}

void lindex(call& c) {
    const auto h = c.open(c[1], kind::list);
    if (!h) return;
    if (h->absent()) return c.out.null();
    const auto index = c.integer(c[2]);
    if (!index) return;
    const auto at = place_of(*index, h->count);
    if (at) c.out.bulk(element(c, *h, *at));
    else c.out.null();
}

void lset(call& c) {
    const head h = c.work.find(c.db, c[1]);
    if (h.absent()) return c.out.error("ERR no such key");
    if (h.type != kind::list) return c.wrong_type();
    const auto index = c.integer(c[2]);
    if (!index) return;
    const auto at = place_of(*index, h.count);
    if (!at) return c.out.error("ERR index out of range");
    c.work.put(list_key(c.db, h.id, h.first + *at), std::string{c[3]}, h.elements_at);
    c.keep(c[1], h, h);
    c.out.ok();
}

void ltrim(call& c) {
    const auto start = c.integer(c[2]);
    if (!start) return;
    const auto stop = c.integer(c[3]);
    if (!stop) return;
    const auto before = c.open(c[1], kind::list);
    if (!before) return;
    if (before->absent()) return c.out.ok();
    const window w{*start, *stop, before->count};
    head h = *before;
    h.first += w.start;
    h.count = w.count;
    const auto key_at = [&](std::uint64_t index) { return list_key(c.db, h.id, index); };
    const std::uint64_t old_end = before->first + before->count;
    if (h.count == 0) {
        c.work.erase_elements(c.db, *before);
    } else {
        if (h.first != before->first) c.work.erase_range(key_at(before->first), key_at(h.first));
        if (h.first + h.count != old_end)
            c.work.erase_range(key_at(h.first + h.count), key_at(old_end));
    }
    c.keep(c[1], *before, h);
    c.out.ok();
}

void linsert(call& c) {
    const bool before_pivot = is(c[2], "before");
    if (!before_pivot && !is(c[2], "after")) return c.syntax_error();
    const auto before = c.open(c[1], kind::list);
    if (!before) return;
    if (before->absent()) return c.out.integer(0);
    std::optional<std::uint64_t> pivot;
    std::vector<std::string> all;
    each(c, *before, window{0, -1, before->count}, [&](std::uint64_t i, string_view value) {
        if (!pivot && value == c[3]) pivot = i;
        all.emplace_back(value);
        return true;
    });
    if (!pivot) return c.out.integer(-1);
    const std::uint64_t at = *pivot + (before_pivot ? 0 : 1);
    head h = *before;
    ++h.count;
    const auto put = [&](std::uint64_t index, string_view value) {
        c.work.put(list_key(c.db, h.id, index), std::string{value}, h.elements_at);
    };
    if (at < all.size() - at) { // those before it move down
        --h.first;
        for (std::uint64_t i = 0; i < at; ++i) put(h.first + i, all[i]);
    } else {
        for (std::uint64_t i = at; i < all.size(); ++i) put(h.first + i + 1, all[i]);
    }
    put(h.first + at, c[4]);
    c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(h.count));
}

void lrem(call& c) {
    const auto wanted = c.integer(c[2]);
    if (!wanted) return;
    const auto before = c.open(c[1], kind::list);
    if (!before) return;
    if (before->absent()) return c.out.integer(0);
    const std::uint64_t most =
        *wanted < 0 ? 0 - static_cast<std::uint64_t>(*wanted) : static_cast<std::uint64_t>(*wanted);
    std::vector<std::string> seen;
    std::vector<std::uint64_t> gone;
    each(c, *before, window{0, -1, before->count}, [&](std::uint64_t i, string_view value) {
        const bool enough = *wanted > 0 && gone.size() == most;
        if (!enough && value == c[3]) gone.push_back(i);
        seen.emplace_back(value);
        // What comes behind need not be known where the elements before move.
        return !(*wanted > 0 && gone.size() == most && 2 * gone.back() < before->count);
    });
    if (*wanted < 0 && gone.size() > most)
        gone.erase(gone.begin(), gone.end() - static_cast<std::ptrdiff_t>(most));
    if (gone.empty()) return c.out.integer(0);
    head h = *before;
    close_gaps(c, h, seen, gone);
    c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(gone.size()));
}

void lpos(call& c) {
    std::int64_t rank = 1;
    std::int64_t most = 0;
    std::optional<std::int64_t> count;
    for (std::size_t i = 3; i < c.size(); i += 2) {
        const bool has_value = i + 1 < c.size();
        if (has_value && is(c[i], "rank")) {
            const auto value = c.integer(c[i + 1]);
            if (!value) return;
            if (*value == 0)
                return c.out.error("ERR RANK can't be zero: use 1 to start from the first match, 2 "
                                   "from the second ... or use negative to start from the end of "
                                   "the list");
            rank = *value;
        } else if (has_value && (is(c[i], "count") || is(c[i], "maxlen"))) {
            const bool is_count = is(c[i], "count");
            const auto value = parse_integer(c[i + 1]);
            if (!value || *value < 0)
                return c.out.error(is_count ? "ERR COUNT can't be negative"
                                            : "ERR MAXLEN can't be negative");
            if (is_count) count = value;
            else most = *value;
        } else {
            return c.syntax_error();
        }
    }
    const auto h = c.open(c[1], kind::list);
    if (!h) return;
    if (h->absent()) return count ? c.out.array(0) : c.out.null();
    std::vector<std::uint64_t> found;
    const std::uint64_t wanted = count ? static_cast<std::uint64_t>(*count) : 1;
    // The least rank has no positive: Redis finds from the end on then.
    std::int64_t skip = rank == INT64_MIN ? 0 : (rank < 0 ? -rank : rank) - 1;
    std::uint64_t looked_at = 0;
    c.work.scan(list_key(c.db, h->id, h->first), list_key(c.db, h->id, h->first + h->count),
                rank < 0, [&](string_view, string_view value) {
                    const std::uint64_t i = looked_at++;
                    if (value == c[2] && skip-- <= 0)
                        found.push_back(rank < 0 ? h->count - 1 - i : i);
                    const bool looked_enough =
                        most != 0 && looked_at >= static_cast<std::uint64_t>(most);
                    return !looked_enough && (wanted == 0 || found.size() < wanted);
                });
    if (count) {
        c.out.array(found.size());
        for (const std::uint64_t i : found) c.out.integer(static_cast<long long>(i));
    } else if (found.empty()) {
        c.out.null();
    } else {
        c.out.integer(static_cast<long long>(found.front()));
    }
}

void rpoplpush(call& c) { move_or_null(c, end::right, end::left); }
void lmove(call& c) {
    const auto from = end_named(c[3]);
    const auto to = end_named(c[4]);
    if (!from || !to) return c.syntax_error();
    move_or_null(c, *from, *to);
}
void blpop(call& c) { pop_or_wait(c, end::left); }
void brpop(call& c) { pop_or_wait(c, end::right); }
void brpoplpush(call& c) { move_or_wait(c, end::right, end::left); }
void blmove(call& c) {
    const auto from = end_named(c[3]);
    const auto to = end_named(c[4]);
    if (!from || !to) return c.syntax_error();
    move_or_wait(c, *from, *to);
}

} // namespace cache::on
