// SPDX-License-Identifier: BSL-1.0
/// @file Defines how rows that somebody names are erased from all of a hash map, in the order of
/// slots.
#pragma once

#include <ashlar/backend/hash/shards.hpp>

namespace ashlar::inline v0_1::hash {

/// Where a walk or a sweep stands. Valid for the engine it was used with, however it has changed
/// since.
struct block_position {
    std::uint32_t shard = 0;
    bucket_position in{};
};

/// Asks for what a sweep needs next while it is at some buckets of a shard: the rows of the step
/// behind this one, and the buckets of the step behind that. Needs no lock.
template <class Rows, class Concurrency, std::size_t Count>
void ask_for_next_steps(const shard_block<Rows, Concurrency, Count>& of, std::uint32_t shard,
                        std::uint32_t first) noexcept {
    constexpr std::uint32_t some = Rows::swept_at_once;
    constexpr auto all = static_cast<std::uint32_t>(Count);
    const std::uint32_t next = shard + 1;
    const std::uint32_t later = shard + 2;
    of.shards[later % all].rows.ask_for_buckets(first + later / all * some, some);
    of.shards[next % all].rows.ask_for_rows(first + next / all * some, some);
}

/// Erases rows for which gone(row), until `most` rows or empty buckets were looked at. Takes some
/// buckets of each shard in turn: they stand side by side, and whoever waits for a shard has it
/// before the sweep comes back. Answers how many went; `more` says whether buckets are left behind
/// `at`.
template <class Rows, class Concurrency, std::size_t Count, class Gone>
std::size_t sweep(shard_block<Rows, Concurrency, Count>& of, block_position& at, std::size_t most,
                  bool& more, Gone& gone) noexcept {
    constexpr std::uint32_t some = Rows::swept_at_once;
    sweep_budget budget{most};
    std::size_t erased = 0;
    bool ahead = at.shard != 0; // whether a shard of this round has more; in doubt it has
    more = true;
    while (budget.left != 0) {
        const std::uint32_t first = at.in.bucket / some * some;
        const std::uint32_t end = first + some;
        ask_for_next_steps(of, at.shard, first);
        typename Rows::dropped dropped; // goes back when the lock is free again
        {
            auto& shard = of.shards[at.shard];
            const brief_guard hold{shard.mutex};
            const std::size_t went =
                shard.rows.erase_where(at.in, end - at.in.bucket, budget, dropped, gone);
            of.release_entries(went);
            erased += went;
            const bool ends = shard.rows.ends(at.in);
            ahead = ahead || !ends;
            if (at.in.bucket < end && !ends) return erased; // the budget's end
        }
        if (++at.shard < Count) {
            at.in = {first, 0, 0};
        } else if (std::exchange(ahead, false)) {
            at = {0, {end, 0, 0}};
        } else {
            more = false;
            return erased;
        }
    }
    return erased;
}

} // namespace ashlar::inline v0_1::hash
