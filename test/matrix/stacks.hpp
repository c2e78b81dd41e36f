// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "matrix/layers.hpp"

// Stores that are made and run, so that each legal pair of the policies between face and backend
// stands in one of them (native apart). Over sorted_map and the simulated world, which hold every
// one of them; the last two show that flash holds them, too.
namespace ashlar_test::layers {

[[nodiscard]] constexpr choice in(policy backend, policy versioning, policy checkpoint,
                                  policy expiry, policy feed, policy concurrency, policy quota,
                                  policy metrics) noexcept {
    return {backend, versioning, checkpoint, expiry, feed, concurrency, simulated, quota, metrics};
}

// clang-format off: a line for each store
inline constexpr choice stacks[] = {
    in(sorted_map, unversioned, ephemeral, kept, silent, single, limited, counted),
    in(sorted_map, stamped, logged, kept, bounded_events, shared, unlimited, unmetered),
    in(sorted_map, shared_version, logged, kept, change_log, single, limited, unmetered),
    in(sorted_map, unversioned, ephemeral, lazy_ttl, bounded_events, shared, unlimited, counted),
    in(sorted_map, stamped, logged, lazy_ttl, change_log, single, limited, counted),
    in(sorted_map, shared_version, logged, lazy_ttl, silent, shared, unlimited, unmetered),
    in(sorted_map, unversioned, logged, active_ttl, change_log, shared, unlimited, unmetered),
    in(sorted_map, stamped, ephemeral, active_ttl, silent, single, limited, unmetered),
    in(sorted_map, shared_version, ephemeral, active_ttl, bounded_events, single, limited, counted),
    in(sorted_map, unversioned, logged, evicting, silent, single, unlimited, unmetered),
    in(sorted_map, stamped, ephemeral, evicting, bounded_events, shared, limited, counted),
    in(sorted_map, unversioned, logged, evicting, change_log, shared, limited, counted),
    in(sorted_map, shared_version, ephemeral, retained, silent, shared, limited, counted),
    in(sorted_map, shared_version, logged, retained, bounded_events, single, unlimited, unmetered),
    in(sorted_map, shared_version, logged, retained, change_log, single, unlimited, counted),
    in(flash_log, stamped, ephemeral, lazy_ttl, bounded_events, single, limited, counted),
    in(flash_log, shared_version, ephemeral, retained, silent, single, unlimited, unmetered),
};
// clang-format on

using stack_key = std::pair<std::uint32_t, std::uint32_t>;
template <choice C>
using stack_of =
    ashlar::store<stack_key, std::int64_t, ashlar::composite, typename named<C[0]>::type,
                  typename named<C[1]>::type, typename named<C[2]>::type,
                  typename named<C[3]>::type, typename named<C[4]>::type,
                  typename named<C[5]>::type, typename named<C[6]>::type,
                  typename named<C[7]>::type, typename named<C[8]>::type>;

/// What every store does, through all of its layers; then, where there is a log, once more from it.
template <choice C>
[[nodiscard]] bool runs() {
    using store = stack_of<C>;
    ashlar::simulated_world world{1};
    const ashlar::simulated_world::presence here{world};
    const stack_key one{1, 1}, two{1, 2};
    flash_chip::chip_type chip;
    auto db = [&] {
        if constexpr (C[0] == flash_log)
            return store::open({}, typename store::composition::backend::options{{&chip}});
        else return store::open({.directory = "db"});
    }();
    if (!db) return false;
    bool right = db->put(one, 10) && db->put(two, 20) && db->get(one).value_or(0) == 10;
    auto batch = store::batch();
    batch.expect_equals(one, 10).expect_present(two).put(one, 11).erase(two);
    right = right && db->apply(batch) && !db->apply(batch);
    right = right && db->get(one).value_or(0) == 11 && !db->contains(two).value_or(true);
    right = right && db->put(two, 21) && db->erase(two).value_or(false);
    right = right && bool(db->close());
    if constexpr (C[2] == logged) {
        db = store::open({.directory = "db", .create = false});
        right = right && db && db->get(one).value_or(0) == 11 && !db->contains(two).value_or(true);
    }
    return right;
}

} // namespace ashlar_test::layers
