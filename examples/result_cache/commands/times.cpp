// SPDX-License-Identifier: BSL-1.0
// When keys end. The store's expiry does the ending.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache {

void set_expiry(call& c, string_view key, std::uint64_t at) {
    const head before = c.work.find(c.db, key);
    if (before.type == kind::string) {
        std::string row = *c.work.get(head_key(c.db, key));
        return c.work.put_head(c.db, key, std::move(row), at);
    }
    constexpr std::uint64_t minute = 60'000'000'000;
    const std::uint64_t now = c.work.now();
    const std::uint64_t left = at > now ? at - now : 0;
    const std::uint64_t slack = std::max(minute, left / 2);
    head h = before;
    h.at = at;
    const bool covered = at == 0
                             ? h.elements_at == 0
                             : h.elements_at >= at + minute && h.elements_at <= at + minute + slack;
    if (!covered) {
        h.elements_at = at == 0 ? 0 : at + minute + slack / 2;
        std::vector<std::pair<std::string, std::string>> elements;
        c.work.scan_prefix(element_prefix(c.db, h.id), [&](string_view element, string_view row) {
            elements.emplace_back(element, row);
            return true;
        });
        for (auto& [element, row] : elements)
            c.work.put(std::move(element), std::move(row), h.elements_at);
    }
    c.work.put_head(c.db, key, head_row(h), at);
}

namespace on {

namespace {

struct conditions {
    bool absent_only = false;
    bool present_only = false;
    bool later_only = false;
    bool earlier_only = false;
};

std::optional<conditions> conditions_of(call& c) {
    conditions o;
    for (std::size_t i = 3; i < c.size(); ++i) {
        if (is(c[i], "nx")) o.absent_only = true;
        else if (is(c[i], "xx")) o.present_only = true;
        else if (is(c[i], "gt")) o.later_only = true;
        else if (is(c[i], "lt")) o.earlier_only = true;
        else
            return c.out.error("ERR Unsupported option " +
                               std::string{c[i].substr(0, c[i].find('\0'))}),
                   std::nullopt;
    }
    if (o.absent_only && (o.present_only || o.later_only || o.earlier_only))
        return c.out.error("ERR NX and XX, GT or LT options at the same time are not compatible"),
               std::nullopt;
    if (o.later_only && o.earlier_only)
        return c.out.error("ERR GT and LT options at the same time are not compatible"),
               std::nullopt;
    return o;
}

void expire_in(call& c, time_unit in) {
    const auto o = conditions_of(c);
    if (!o) return;
    const auto at = moment(c, {in, c[2]}, false);
    if (!at) return;
    const head h = c.work.find(c.db, c[1]);
    if (h.absent()) return c.out.integer(0);
    const bool expires = h.at != 0;
    if ((o->absent_only && expires) || (o->present_only && !expires) ||
        (o->later_only && (!expires || *at <= h.at)) || (o->earlier_only && expires && *at >= h.at))
        return c.out.integer(0);
    if (*at <= c.work.now()) c.work.erase_key(c.db, c[1]);
    else set_expiry(c, c[1], *at);
    c.out.integer(1);
}

/// The end in milliseconds since 1970; otherwise -2 (no key) or -1 (no end) is replied.
std::optional<long long> end_of(call& c) {
    const head h = c.work.find(c.db, c[1]);
    if (h.absent()) return c.out.integer(-2), std::nullopt;
    if (h.at == 0) return c.out.integer(-1), std::nullopt;
    return static_cast<long long>(h.at / nanoseconds_per_ms);
}
long long left_until(const call& c, long long end) {
    return std::max(0LL, end - static_cast<long long>(c.work.now() / nanoseconds_per_ms));
}

} // namespace

void expire(call& c) { expire_in(c, {.absolute = false, .seconds = true}); }
void pexpire(call& c) { expire_in(c, {.absolute = false, .seconds = false}); }
void expireat(call& c) { expire_in(c, {.absolute = true, .seconds = true}); }
void pexpireat(call& c) { expire_in(c, {.absolute = true, .seconds = false}); }

void ttl(call& c) {
    if (const auto end = end_of(c)) c.out.integer((left_until(c, *end) + 500) / 1000);
}
void pttl(call& c) {
    if (const auto end = end_of(c)) c.out.integer(left_until(c, *end));
}
void expiretime(call& c) {
    if (const auto end = end_of(c)) c.out.integer((*end + 500) / 1000);
}
void pexpiretime(call& c) {
    if (const auto end = end_of(c)) c.out.integer(*end);
}

void persist(call& c) {
    const head h = c.work.find(c.db, c[1]);
    if (h.absent() || h.at == 0) return c.out.integer(0);
    set_expiry(c, c[1], 0);
    c.out.integer(1);
}

} // namespace on

} // namespace cache
