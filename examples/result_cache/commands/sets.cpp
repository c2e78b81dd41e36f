// SPDX-License-Identifier: BSL-1.0
// Sets: an empty row for each member, found by the member's hash and name.
#include "commands/handlers.hpp"

#include "commands/random_choice.hpp"
#include "commands/scan.hpp"

#include <algorithm>

namespace cache::on {

namespace {

std::string key_of_member(const call& c, const head& h, string_view member) {
    return member_key(c.db, h.id, member);
}

std::vector<std::string> members(call& c, const head& h) {
    std::vector<std::string> all;
    if (h.absent()) return all;
    const std::string prefix = element_prefix(c.db, h.id);
    c.work.scan_prefix(prefix, [&](string_view key, string_view) {
        all.emplace_back(key.substr(prefix.size() + sizeof(std::uint32_t)));
        return true;
    });
    return all;
}

bool erase_member(call& c, head& h, string_view member) {
    std::string key = key_of_member(c, h, member);
    if (!c.work.contains(key)) return false;
    c.work.erase(std::move(key));
    --h.count;
    return true;
}
bool add_member(call& c, head& h, string_view member) {
    std::string key = key_of_member(c, h, member);
    if (c.work.contains(key)) return false;
    c.work.put(std::move(key), {}, h.elements_at);
    ++h.count;
    return true;
}

} // namespace

void sadd(call& c) {
    const auto before = c.open(c[1], kind::set);
    if (!before) return;
    head h = before->absent() ? c.fresh(kind::set) : *before;
    for (std::size_t i = 2; i < c.size(); ++i) add_member(c, h, c[i]);
    if (h.count != before->count) c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(h.count - before->count));
}
void srem(call& c) {
    const auto before = c.open(c[1], kind::set);
    if (!before) return;
    head h = *before;
    if (!h.absent())
        for (std::size_t i = 2; i < c.size(); ++i) erase_member(c, h, c[i]);
    if (h.count != before->count) c.keep(c[1], *before, h);
    c.out.integer(static_cast<long long>(before->count - h.count));
}
void smembers(call& c) {
    const auto h = c.open(c[1], kind::set);
    if (!h) return;
    c.out.set(h->count);
    for (const std::string& member : members(c, *h)) c.out.bulk(member);
}
void scard(call& c) {
    if (const auto h = c.open(c[1], kind::set)) c.out.integer(static_cast<long long>(h->count));
}
void sismember(call& c) {
    const auto h = c.open(c[1], kind::set);
    if (!h) return;
    c.out.integer(!h->absent() && c.work.contains(key_of_member(c, *h, c[2])) ? 1 : 0);
}
void smismember(call& c) {
    const auto h = c.open(c[1], kind::set);
    if (!h) return;
    c.out.array(c.size() - 2);
    for (std::size_t i = 2; i < c.size(); ++i)
        c.out.integer(!h->absent() && c.work.contains(key_of_member(c, *h, c[i])) ? 1 : 0);
}
void smove(call& c) {
    const auto from = c.open(c[1], kind::set);
    if (!from) return;
    if (from->absent()) return c.out.integer(0);
    const auto to = c.open(c[2], kind::set);
    if (!to) return;
    if (c[1] == c[2]) return c.out.integer(c.work.contains(key_of_member(c, *from, c[3])) ? 1 : 0);
    head source = *from;
    if (!erase_member(c, source, c[3])) return c.out.integer(0);
    head target = to->absent() ? c.fresh(kind::set) : *to;
    const bool is_new = add_member(c, target, c[3]);
    c.keep(c[1], *from, source);
    if (is_new) c.keep(c[2], *to, target);
    c.out.integer(1);
}

void spop(call& c) {
    if (c.size() > 3) return c.syntax_error();
    std::size_t wanted = 1;
    if (c.size() == 3) {
        const auto count = parse_integer(c[2]);
        if (!count || *count < 0) return c.out.error("ERR value is out of range, must be positive");
        wanted = static_cast<std::size_t>(*count);
    }
    const auto before = c.open(c[1], kind::set);
    if (!before) return;
    head h = *before;
    std::vector<std::string> drawn;
    if (const bool few = wanted < before->count / 8; few) {
        for (std::size_t i = 0; i < wanted; ++i) {
            drawn.push_back(draw_one(c.work, element_prefix(c.db, h.id), h.count).first);
            erase_member(c, h, drawn.back());
        }
    } else {
        drawn = members(c, *before);
        choose(drawn, std::min(wanted, drawn.size()));
        for (const std::string& member : drawn) erase_member(c, h, member);
    }
    if (c.size() == 3) c.out.set(drawn.size());
    else if (drawn.empty()) return c.out.null();
    for (const std::string& member : drawn) c.out.bulk(member);
    if (!drawn.empty()) c.keep(c[1], *before, h);
}
void srandmember(call& c) {
    if (c.size() > 3) return c.syntax_error();
    std::optional<std::int64_t> count;
    if (c.size() == 3) {
        count = draws_of(c, c[2]);
        if (!count) return;
    }
    const auto h = c.open(c[1], kind::set);
    if (!h) return;
    if (h->absent()) return count ? c.out.array(0) : c.out.null();
    if (!count) return c.out.bulk(draw_one(c.work, element_prefix(c.db, h->id), h->count).first);
    const std::vector<std::string> drawn = draw(members(c, *h), *count);
    c.out.array(drawn.size());
    for (const std::string& member : drawn) c.out.bulk(member);
}

void sscan(call& c) {
    std::optional<head> h;
    const auto how =
        scan_options::parse(c, 3, false, [&] { return open_for_scan(c, kind::set, h); });
    if (!how) return;
    scan_page page = next_page(c.work, element_prefix(c.db, h->id), how->cursor, how->count);
    std::erase_if(page.rows, [&](const auto& row) { return !how->shows(row.first); });
    c.out.array(2);
    c.out.bulk(page.cursor());
    c.out.array(page.rows.size());
    for (const auto& [member, row] : page.rows) c.out.bulk(member);
}

} // namespace cache::on
