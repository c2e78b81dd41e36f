// SPDX-License-Identifier: BSL-1.0
/// @file Defines what commands on sorted sets have in common: members, their scores, and replies.
/// Each member has a row that tells its score, and one that stands in order of scores.
#pragma once

#include "commands/command.hpp"
#include "keyspace/sorted_range.hpp"

namespace cache {

/// The number itself: unlike its place in the order, it knows -0 from 0.
[[nodiscard]] inline std::string score_row(double score) {
    std::string row;
    append_big(row, std::bit_cast<std::uint64_t>(score));
    return row;
}
[[nodiscard]] inline double score_in(string_view row) {
    return std::bit_cast<double>(load_big_at<std::uint64_t>(row, 0));
}
[[nodiscard]] inline std::optional<double> score_of_member(const call& c, const head& h,
                                                           string_view member) {
    std::optional<double> score;
    if (!h.absent())
        c.work.read(member_key(c.db, h.id, member, "m"),
                    [&](string_view row) { score = score_in(row); });
    return score;
}

/// REQUIRES: `old` is what score_of_member answers.
inline void set_score(call& c, head& h, string_view member, std::optional<double> old,
                      double score) {
    if (old) c.work.erase(score_key(c.db, h.id, *old, member));
    else ++h.count;
    c.work.put(member_key(c.db, h.id, member, "m"), score_row(score), h.elements_at);
    c.work.put(score_key(c.db, h.id, score, member), zero_mark(score), h.elements_at);
}
/// REQUIRES: the member is there with that score.
inline void erase_scored(call& c, head& h, string_view member, double score) {
    c.work.erase(member_key(c.db, h.id, member, "m"));
    c.work.erase(score_key(c.db, h.id, score, member));
    --h.count;
}
/// Puts a sorted set of these rows over whatever the key holds; of none, it is gone. Replies how
/// many there are. REQUIRES: no member stands twice.
inline void store_scored(call& c, string_view key, const std::vector<scored>& rows) {
    c.work.erase_key(c.db, key);
    if (!rows.empty()) {
        head h = c.fresh(kind::zset);
        for (const scored& row : rows) set_score(c, h, row.member, std::nullopt, row.score);
        c.keep(key, head{}, h);
        c.note_push(key, kind::zset);
    }
    c.out.integer(static_cast<long long>(rows.size()));
}

/// A pair in version 3, where scores are wanted; else two elements of the array around it.
inline void reply_row(call& c, const scored& row, bool with_scores) {
    if (with_scores && c.out.version() == 3) c.out.array(2);
    c.out.bulk(row.member);
    if (with_scores) c.out.real(row.score);
}
inline void reply_rows(call& c, const std::vector<scored>& rows, bool with_scores) {
    c.out.array(with_scores && c.out.version() == 2 ? 2 * rows.size() : rows.size());
    for (const scored& row : rows) reply_row(c, row, with_scores);
}

} // namespace cache
