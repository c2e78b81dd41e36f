// SPDX-License-Identifier: BSL-1.0
// Hashes: a row for each field, found by the field's hash and name.
#include "commands/handlers.hpp"

#include "commands/scan.hpp"

namespace cache::on {

namespace {

std::string field_key(const call& c, const head& h, string_view field) {
    return member_key(c.db, h.id, field);
}

/// The hash to write to; `h` is a new one where there was none.
struct opened {
    head before;
    head h;
};
std::optional<opened> open_to_write(call& c) {
    const auto before = c.open(c[1], kind::hash);
    if (!before) return std::nullopt;
    return opened{*before, before->absent() ? c.fresh(kind::hash) : *before};
}

/// Answers whether the field is new.
bool put_field(call& c, head& h, string_view field, string_view value) {
    const std::string key = field_key(c, h, field);
    const bool is_new = !c.work.contains(key);
    if (is_new) ++h.count;
    c.work.put(key, value, h.elements_at);
    return is_new;
}

template <class Visit>
void each_field(call& c, const head& h, Visit&& visit) {
    const std::string prefix = element_prefix(c.db, h.id);
    c.work.scan_prefix(prefix, [&](string_view key, string_view value) {
        visit(key.substr(prefix.size() + sizeof(std::uint32_t)), value);
        return true;
    });
}

/// Answers how many fields were new; none when an error was replied.
std::optional<long long> put_fields(call& c) {
    if (c.size() % 2 != 0) return c.wrong_arity(), std::nullopt;
    auto at = open_to_write(c);
    if (!at) return std::nullopt;
    long long made = 0;
    for (std::size_t i = 2; i < c.size(); i += 2)
        if (put_field(c, at->h, c[i], c[i + 1])) ++made;
    c.keep(c[1], at->before, at->h);
    return made;
}

} // namespace

void hset(call& c) {
    if (const auto made = put_fields(c)) c.out.integer(*made);
}
void hmset(call& c) {
    if (put_fields(c)) c.out.ok();
}
void hsetnx(call& c) {
    auto at = open_to_write(c);
    if (!at) return;
    if (c.work.contains(field_key(c, at->h, c[2]))) return c.out.integer(0);
    put_field(c, at->h, c[2], c[3]);
    c.keep(c[1], at->before, at->h);
    c.out.integer(1);
}

void hget(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    if (h->absent() || !c.work.read(field_key(c, *h, c[2]), [&](string_view v) { c.out.bulk(v); }))
        c.out.null();
}
void hmget(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    c.out.array(c.size() - 2);
    for (std::size_t i = 2; i < c.size(); ++i)
        if (h->absent() ||
            !c.work.read(field_key(c, *h, c[i]), [&](string_view v) { c.out.bulk(v); }))
            c.out.null();
}
void hstrlen(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    std::size_t size = 0;
    if (!h->absent()) c.work.read(field_key(c, *h, c[2]), [&](string_view v) { size = v.size(); });
    c.out.integer(static_cast<long long>(size));
}
void hexists(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    c.out.integer(!h->absent() && c.work.contains(field_key(c, *h, c[2])) ? 1 : 0);
}
void hlen(call& c) {
    if (const auto h = c.open(c[1], kind::hash)) c.out.integer(static_cast<long long>(h->count));
}
void hgetall(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    c.out.map(h->count);
    if (h->absent()) return;
    each_field(c, *h, [&](string_view field, string_view value) {
        c.out.bulk(field);
        c.out.bulk(value);
    });
}
void hkeys(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    c.out.array(h->count);
    if (!h->absent()) each_field(c, *h, [&](string_view field, string_view) { c.out.bulk(field); });
}
void hvals(call& c) {
    const auto h = c.open(c[1], kind::hash);
    if (!h) return;
    c.out.array(h->count);
    if (!h->absent()) each_field(c, *h, [&](string_view, string_view value) { c.out.bulk(value); });
}

void hdel(call& c) {
    const auto before = c.open(c[1], kind::hash);
    if (!before) return;
    if (before->absent()) return c.out.integer(0);
    head h = *before;
    for (std::size_t i = 2; i < c.size(); ++i) {
        std::string key = field_key(c, h, c[i]);
        if (!c.work.contains(key)) continue;
        c.work.erase(std::move(key));
        --h.count;
    }
    if (h.count != before->count) c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(before->count - h.count));
}

void hincrby(call& c) {
    const auto delta = c.integer(c[3]);
    if (!delta) return;
    auto at = open_to_write(c);
    if (!at) return;
    const auto old = c.work.get(field_key(c, at->h, c[2]));
    const auto value = parse_integer(old ? string_view{*old} : string_view{"0"});
    if (!value) return c.out.error("ERR hash value is not an integer");
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*value, *delta, &sum))
        return c.out.error("ERR increment or decrement would overflow");
    put_field(c, at->h, c[2], std::to_string(sum));
    c.keep(c[1], at->before, at->h);
    c.out.integer(sum);
}
void hincrbyfloat(call& c) {
    const auto delta = parse_long_double(c[3]);
    if (!delta) return c.out.error("ERR value is not a valid float");
    if (std::isinf(*delta)) return c.out.error("ERR value is NaN or Infinity");
    auto at = open_to_write(c);
    if (!at) return;
    const auto old = c.work.get(field_key(c, at->h, c[2]));
    const auto value = parse_long_double(old ? string_view{*old} : string_view{"0"});
    if (!value) return c.out.error("ERR hash value is not a float");
    const long double sum = *value + *delta;
    if (std::isnan(sum) || std::isinf(sum))
        return c.out.error("ERR increment would produce NaN or Infinity");
    const std::string text = format_decimals(sum);
    put_field(c, at->h, c[2], text);
    c.keep(c[1], at->before, at->h);
    c.out.bulk(text);
}

void hscan(call& c) {
    std::optional<head> h;
    const auto how =
        scan_options::parse(c, 3, false, [&] { return open_for_scan(c, kind::hash, h); });
    if (!how) return;
    scan_page page = next_page(c.work, element_prefix(c.db, h->id), how->cursor, how->count);
    std::erase_if(page.rows, [&](const auto& row) { return !how->shows(row.first); });
    c.out.array(2);
    c.out.bulk(page.cursor());
    c.out.array(2 * page.rows.size());
    for (const auto& [field, value] : page.rows) {
        c.out.bulk(field);
        c.out.bulk(value);
    }
}

} // namespace cache::on
