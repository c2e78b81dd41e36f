// SPDX-License-Identifier: BSL-1.0
/// @file Defines how rows that have no order among each other get into a hash map.
#pragma once

#include <ashlar/backend/hash/reading.hpp>

namespace ashlar::inline v0_1::hash {

/// Puts rows of which no two have one key; if two have, either may be the one that stays. Some rows
/// at a time are listed by the shards they go to, and each shard is locked once for all of its: so
/// threads that load side by side seldom meet. The limit of entries counts rows and does not bind.
/// Errors: out_of_memory; corrupt for what is no put. Some rows may be in then.
/// REQUIRES: keys and rows of the engine's lengths.
template <class Rows, class Concurrency, std::size_t Count>
[[nodiscard]] result<void> load_rows(shard_block<Rows, Concurrency, Count>& to,
                                     operation_list rows) noexcept {
    constexpr std::size_t most = 8 * together;
    struct arrival {
        typename Rows::probe key;
        operation row;
        std::size_t next; ///< of the same shard, counted from 1
    } all[most];
    for (auto at = rows.begin(); at != rows.end();) {
        std::size_t first[Count]{};
        for (std::size_t n = 0; n < most && at != rows.end(); ++at) {
            const operation row = *at;
            if (row.kind != operation_kind::put) return errc::corrupt;
            const typename Rows::probe key{row.key, to.seed};
            std::size_t& head = first[to.shard_index(key.hash())];
            all[n] = {key, row, head};
            head = ++n;
            ask_for(to.shard_of(key.hash()), key);
        }
        for (std::size_t i = 0; i < Count; ++i) {
            const brief_guard hold{to.shards[i].mutex};
            for (std::size_t next = first[i]; next != 0; next = all[next - 1].next) {
                const auto& [key, row, behind] = all[next - 1];
                auto place = to.shards[i].rows.locate(key);
                const bool counts = to.limit != 0 && !place.found();
                if (!to.shards[i].rows.prepare(place, key, row.key, row.value.size()))
                    return errc::out_of_memory;
                to.shards[i].rows.finish(place, key, row.value);
                if (counts) to.entries.fetch_add(1);
            }
        }
    }
    return {};
}

} // namespace ashlar::inline v0_1::hash
