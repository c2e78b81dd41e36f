// SPDX-License-Identifier: BSL-1.0
// Fields of hashes and members of sorted sets, drawn by lot.
#include "commands/handlers.hpp"

#include "commands/random_choice.hpp"
#include "commands/sorted_set.hpp"

#include <algorithm>

namespace cache::on {

namespace {

using pair = std::pair<std::string, std::string>; ///< name and row

/// "key [count [word]]": `word` asks for pairs, which reply(row) ends.
template <class Reply>
void draw_pairs(call& c, kind type, string_view word, Reply reply) {
    std::optional<std::int64_t> count;
    if (c.size() > 2) {
        count = draws_of(c, c[2]);
        if (!count) return;
    }
    const bool with_rows = c.size() == 4 && is(c[3], word);
    if (c.size() > 3 && !with_rows) return c.syntax_error();
    if (with_rows && (*count > INT64_MAX / 2 || *count < -INT64_MAX / 2))
        return c.out.error("ERR value is out of range");
    const auto h = c.open(c[1], type);
    if (!h) return;
    if (h->absent()) return count ? c.out.array(0) : c.out.null();
    const std::string prefix = element_prefix(c.db, h->id, type == kind::zset ? "m" : "");
    if (!count) return c.out.bulk(draw_one(c.work, prefix, h->count).first);
    std::vector<pair> all;
    c.work.scan_prefix(prefix, [&](string_view key, string_view row) {
        all.emplace_back(key.substr(prefix.size() + sizeof(std::uint32_t)), row);
        return true;
    });
    const std::vector<pair> drawn = draw(std::move(all), *count);
    const bool flat = with_rows && c.out.version() == 2;
    c.out.array(flat ? 2 * drawn.size() : drawn.size());
    for (const auto& [name, row] : drawn) {
        if (with_rows && !flat) c.out.array(2);
        c.out.bulk(name);
        if (with_rows) reply(row);
    }
}

} // namespace

void hrandfield(call& c) {
    draw_pairs(c, kind::hash, "withvalues", [&](string_view value) { c.out.bulk(value); });
}
void zrandmember(call& c) {
    draw_pairs(c, kind::zset, "withscores", [&](string_view row) { c.out.real(score_in(row)); });
}

} // namespace cache::on
