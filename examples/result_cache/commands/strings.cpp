// SPDX-License-Identifier: BSL-1.0
// Strings: a head row holds the value itself, behind the letter 's'.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr std::size_t longest_string = std::size_t{512} << 20;

/// Puts a string over a string or nothing.
void replace(call& c, string_view key, string_view value, std::uint64_t at) {
    c.work.put_string(c.db, key, head{}, value, at);
}

/// The value of a string key: visit(value) if it is there. False: the error is replied.
template <class Visit>
bool with_string(call& c, string_view key, Visit&& visit) {
    bool wrong = false;
    c.work.read(head_key_buffer{c.db, key}.view(), [&](string_view row, std::uint64_t at) {
        if (row[0] != 's') wrong = true;
        else if constexpr (std::invocable<Visit&, string_view, std::uint64_t>)
            visit(row.substr(1), at);
        else visit(row.substr(1));
    });
    if (wrong) c.wrong_type();
    return !wrong;
}
struct old_string {
    std::optional<std::string> text;
    std::uint64_t at = 0;
};
/// None when an error was replied.
std::optional<old_string> read_string(call& c, string_view key) {
    old_string old;
    if (!with_string(c, key,
                     [&](string_view value, std::uint64_t at) { old = {std::string{value}, at}; }))
        return std::nullopt;
    return old;
}

void count_lookup(call& c, bool found) { ++(found ? c.host.counts.hits : c.host.counts.misses); }

bool too_long(call& c, std::size_t size) {
    if (size <= longest_string) return false;
    c.out.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    return true;
}

void reply_value(call& c, const std::optional<std::string>& value) {
    if (value) c.out.bulk(*value);
    else c.out.null();
}

void add(call& c, std::int64_t delta) {
    const auto old = read_string(c, c[1]);
    if (!old) return;
    const auto value = parse_integer(old->text ? string_view{*old->text} : string_view{"0"});
    if (!value) return c.out.error("ERR value is not an integer or out of range");
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*value, delta, &sum))
        return c.out.error("ERR increment or decrement would overflow");
    replace(c, c[1], std::to_string(sum), old->at);
    c.out.integer(sum);
}

/// REQUIRES: pairs from args[1] on.
void assign_pairs(call& c) {
    for (std::size_t i = 1; i < c.size(); i += 2) c.work.put_string(c.db, c[i], c[i + 1], 0);
}

/// start and end as Redis cuts them: negative from the end; empty when they cross.
string_view cut(string_view text, std::int64_t start, std::int64_t end) {
    const auto size = static_cast<std::int64_t>(text.size());
    if (start < 0 && end < 0 && start > end) return {};
    if (start < 0) start = std::max<std::int64_t>(start + size, 0);
    if (end < 0) end = std::max<std::int64_t>(end + size, 0);
    end = std::min(end, size - 1);
    if (start > end || size == 0) return {};
    return text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start + 1));
}

} // namespace

void get(call& c) {
    bool found = false;
    if (!with_string(c, c[1], [&](string_view value) {
            found = true;
            c.out.bulk(value);
        }))
        return;
    count_lookup(c, found);
    if (!found) c.out.null();
}

namespace {
/// The same unit once more is allowed, and counts.
bool may_follow(const std::optional<expiry_word>& before, const time_unit& in) {
    return !before || (before->in.absolute == in.absolute && before->in.seconds == in.seconds);
}
/// What a word names, if another follows it.
std::optional<time_unit> unit_at(const call& c, std::size_t i) {
    if (i + 1 >= c.size()) return std::nullopt;
    return time_unit::named(c[i]);
}

} // namespace

void set(call& c) {
    bool absent_only = false;
    bool present_only = false;
    bool give_old = false;
    bool keep_ttl = false;
    std::optional<expiry_word> expiry;
    for (std::size_t i = 3; i < c.size(); ++i) {
        const auto unit_of_time = unit_at(c, i);
        if (is(c[i], "nx") && !present_only) absent_only = true;
        else if (is(c[i], "xx") && !absent_only) present_only = true;
        else if (is(c[i], "get")) give_old = true;
        else if (is(c[i], "keepttl") && !expiry) keep_ttl = true;
        else if (unit_of_time && may_follow(expiry, *unit_of_time) && !keep_ttl)
            expiry = {*unit_of_time, c[++i]};
        else return c.syntax_error();
    }
    const auto at = expiry ? moment(c, *expiry, true) : std::optional<std::uint64_t>{0};
    if (!at) return;
    old_string old;
    if (give_old) {
        auto read = read_string(c, c[1]);
        if (!read) return;
        old = std::move(*read);
    }
    const head before = c.work.find(c.db, c[1]);
    const bool does = before.absent() ? !present_only : !absent_only;
    if (does) c.work.put_string(c.db, c[1], before, c[2], keep_ttl ? before.at : *at);
    if (give_old) return reply_value(c, old.text);
    if (does) c.out.ok();
    else c.out.null();
}

namespace {
void set_with(call& c, time_unit unit_of_time) {
    const auto at = moment(c, {unit_of_time, c[2]}, true);
    if (!at) return;
    c.work.put_string(c.db, c[1], c[3], *at);
    c.out.ok();
}
} // namespace
void setex(call& c) { set_with(c, {.absolute = false, .seconds = true}); }
void psetex(call& c) { set_with(c, {.absolute = false, .seconds = false}); }

void getex(call& c) {
    bool persist = false;
    std::optional<expiry_word> expiry;
    for (std::size_t i = 2; i < c.size(); ++i) {
        const auto unit_of_time = unit_at(c, i);
        if (is(c[i], "persist") && !expiry) persist = true;
        else if (unit_of_time && may_follow(expiry, *unit_of_time) && !persist)
            expiry = {*unit_of_time, c[++i]};
        else return c.syntax_error();
    }
    const auto old = read_string(c, c[1]);
    if (!old) return;
    count_lookup(c, old->text.has_value());
    if (!old->text) return c.out.null();
    const auto at = expiry ? moment(c, *expiry, true) : std::optional<std::uint64_t>{0};
    if (!at) return;
    c.out.bulk(*old->text);
    if (expiry && *at <= c.work.now()) c.work.erase_key(c.db, c[1]);
    else if (expiry || (persist && old->at != 0)) replace(c, c[1], *old->text, *at);
}

void setnx(call& c) {
    const bool there = c.work.contains(head_key_buffer{c.db, c[1]}.view());
    if (!there) c.work.put_string(c.db, c[1], head{}, c[2], 0);
    c.out.integer(there ? 0 : 1);
}

void getset(call& c) {
    const auto old = read_string(c, c[1]);
    if (!old) return;
    replace(c, c[1], c[2], 0);
    reply_value(c, old->text);
}

void getdel(call& c) {
    const auto old = read_string(c, c[1]);
    if (!old) return;
    if (old->text) c.work.erase_head(c.db, c[1]);
    reply_value(c, old->text);
}

void mget(call& c) {
    c.out.array(c.size() - 1);
    for (std::size_t i = 1; i < c.size(); ++i) {
        bool found = false;
        c.work.read(head_key_buffer{c.db, c[i]}.view(), [&](string_view row) {
            if (row[0] != 's') return; // a key of another type has no string
            found = true;
            c.out.bulk(row.substr(1));
        });
        count_lookup(c, found);
        if (!found) c.out.null();
    }
}

void mset(call& c) {
    if (c.size() % 2 == 0) return c.wrong_arity();
    assign_pairs(c);
    c.out.ok();
}

void msetnx(call& c) {
    if (c.size() % 2 == 0) return c.wrong_arity();
    for (std::size_t i = 1; i < c.size(); i += 2)
        if (c.work.contains(head_key(c.db, c[i]))) return c.out.integer(0);
    assign_pairs(c);
    c.out.integer(1);
}

void append(call& c) {
    auto old = read_string(c, c[1]);
    if (!old) return;
    std::string value = std::move(old->text).value_or(std::string{});
    if (too_long(c, value.size() + c[2].size())) return;
    value.append(c[2]);
    replace(c, c[1], value, old->at);
    c.out.integer(static_cast<long long>(value.size()));
}

void strlen(call& c) {
    std::size_t size = 0;
    if (with_string(c, c[1], [&](string_view value) { size = value.size(); }))
        c.out.integer(static_cast<long long>(size));
}

void getrange(call& c) {
    const auto start = c.integer(c[2]);
    if (!start) return;
    const auto end = c.integer(c[3]);
    if (!end) return;
    bool found = false;
    if (!with_string(c, c[1], [&](string_view value) {
            found = true;
            c.out.bulk(cut(value, *start, *end));
        }))
        return;
    if (!found) c.out.bulk({});
}

void setrange(call& c) {
    const auto offset = c.integer(c[2]);
    if (!offset) return;
    if (*offset < 0) return c.out.error("ERR offset is out of range");
    auto old = read_string(c, c[1]);
    if (!old) return;
    std::string value = std::move(old->text).value_or(std::string{});
    if (c[3].empty()) return c.out.integer(static_cast<long long>(value.size()));
    const auto at = static_cast<std::size_t>(*offset);
    if (too_long(c, at) || too_long(c, at + c[3].size())) return;
    if (value.size() < at + c[3].size()) value.resize(at + c[3].size());
    value.replace(at, c[3].size(), c[3]);
    replace(c, c[1], value, old->at);
    c.out.integer(static_cast<long long>(value.size()));
}

void incr(call& c) { add(c, 1); }
void decr(call& c) { add(c, -1); }
void incrby(call& c) {
    if (const auto delta = c.integer(c[2])) add(c, *delta);
}
void decrby(call& c) {
    const auto delta = c.integer(c[2]);
    if (!delta) return;
    if (*delta == INT64_MIN) return c.out.error("ERR decrement would overflow");
    add(c, -*delta);
}

void incrbyfloat(call& c) {
    const auto old = read_string(c, c[1]);
    if (!old) return;
    const auto value = parse_long_double(old->text ? string_view{*old->text} : string_view{"0"});
    const auto delta = value ? parse_long_double(c[2]) : std::nullopt;
    if (!value || !delta) return c.out.error("ERR value is not a valid float");
    const long double sum = *value + *delta;
    if (std::isnan(sum) || std::isinf(sum))
        return c.out.error("ERR increment would produce NaN or Infinity");
    const std::string text = format_decimals(sum);
    replace(c, c[1], text, old->at);
    c.out.bulk(text);
}

} // namespace cache::on
