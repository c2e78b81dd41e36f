// SPDX-License-Identifier: BSL-1.0
/// @file Defines how one key, or many together, are read from the shards of a hash map.
#pragma once

#include <ashlar/backend/hash/lookup.hpp>
#include <ashlar/backend/hash/shards.hpp>
#include <ashlar/concurrency/brief_guard.hpp>

namespace ashlar::inline v0_1::hash {

/// Brings the key's bucket into the cache. Needs no lock.
template <class Shard, class Probe>
[[gnu::always_inline]] inline void ask_for(const Shard& shard, const Probe& key) noexcept {
    static_cast<void>(shard.rows.template approach<true>(key));
}

/// The key by value: whoever never comes here keeps it in registers.
template <class Shard, class Probe, class Visit>
bool read_locked(const Shard& shard, Probe key, Visit& visit) {
    const brief_guard hold{shard.mutex};
    bytes_view row;
    if (!shard.rows.find(key, row)) return false;
    visit(row);
    return true;
}

/// visit(row) if the key is there, which is the answer. Without the lock where rows can be copied
/// while others write.
template <class Rows, class Concurrency, std::size_t Count, class Visit>
[[gnu::always_inline]] inline bool read_one(const shard_block<Rows, Concurrency, Count>& from,
                                            const typename Rows::probe& key, Visit& visit) {
    const auto& shard = from.shard_of(key.hash());
    if constexpr (!Concurrency::threads) { // nothing to lock: not worth a call
        bytes_view row;
        const bool found = shard.rows.find(key, row);
        if (found) visit(row);
        return found;
    } else if constexpr (Rows::sightable) {
        typename Rows::copy copy;
        const sighting seen = shard.rows.sight(shard.rows.template approach<false>(key), key, copy);
        if (seen == sighting::found) [[likely]]
            return visit(copy.view()), true;
        if (seen == sighting::absent) return false;
    }
    return read_locked(shard, key, visit);
}

/// How many keys are on their way at once: enough to hide a memory access behind the others.
inline constexpr std::size_t together = 32;

/// visit(index, row) for those of keys[first] to keys[first + n - 1] that are there. All are routed
/// and asked for before the first is looked at, so that their misses overlap.
/// REQUIRES: n <= together.
template <class Rows, class Concurrency, std::size_t Count, class Visit>
void read_group(const shard_block<Rows, Concurrency, Count>& from, const bytes_view* keys,
                std::size_t first, std::size_t n, Visit& visit) {
    struct asked {
        typename Rows::probe key;
        const shard<Rows, Concurrency>* in;
        way to;
    } all[together];
    for (std::size_t i = 0; i < n; ++i) {
        all[i].key = typename Rows::probe{keys[first + i], from.seed};
        all[i].in = &from.shard_of(all[i].key.hash());
        all[i].to = all[i].in->rows.template approach<true>(all[i].key);
    }
    if constexpr (Rows::far_slots)
        for (std::size_t i = 0; i < n; ++i) all[i].in->rows.prefetch_row(all[i].to, all[i].key);
    for (std::size_t i = 0; i < n; ++i) {
        const asked& a = all[i];
        auto visit_row = [&](bytes_view row) { visit(first + i, row); };
        if constexpr (Rows::sightable) {
            typename Rows::copy copy;
            const sighting seen = a.in->rows.sight(a.to, a.key, copy);
            if (seen == sighting::found) visit_row(copy.view());
            if (seen != sighting::busy) continue;
        } else if constexpr (!Concurrency::threads && Rows::in_place) {
            bytes_view row;
            if (a.in->rows.find(a.to, a.key, row)) visit_row(row);
            continue;
        }
        static_cast<void>(read_locked(*a.in, a.key, visit_row));
    }
}

} // namespace ashlar::inline v0_1::hash
