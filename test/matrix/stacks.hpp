// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "matrix/layers.hpp"
#include "unit/environment/scratch.hpp"

// Stores that are made and run, so that each legal pair of policies stands in one of them. Their
// keys are pairs of numbers and their values numbers; plan.hpp has the codecs.
namespace ashlar_test::layers {

// clang-format off: a line for each store
inline constexpr choice stacks[] = {
    {hash_map, unversioned, ephemeral, lazy_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {hash_map, unversioned, ephemeral, active_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {hash_map, unversioned, logged, kept, change_log, shared, simulated, limited, counted, fixed},
    {hash_map, stamped, ephemeral, evicting, silent, single, bare, limited, unmetered, dynamic},
    {hash_map, shared_version, logged, retained, bounded_events,
     single, simulated, unlimited, unmetered, fixed},
    {sorted_map, unversioned, ephemeral, active_ttl, silent,
     shared, simulated, limited, unmetered, fixed},
    {sorted_map, unversioned, ephemeral, evicting, silent,
     single, posix, unlimited, unmetered, fixed},
    {sorted_map, stamped, logged, lazy_ttl, change_log,
     single, simulated, unlimited, unmetered, dynamic},
    {sorted_map, shared_version, ephemeral, kept, bounded_events,
     single, bare, unlimited, counted, fixed},
    {sorted_map, shared_version, logged, retained, change_log,
     single, posix, unlimited, unmetered, fixed},
    {static_map, unversioned, ephemeral, kept, silent, single, bare, unlimited, unmetered, fixed},
    {static_map, unversioned, ephemeral, lazy_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {static_map, unversioned, ephemeral, active_ttl, bounded_events,
     single, simulated, unlimited, unmetered, fixed},
    {static_map, stamped, logged, evicting, change_log, shared, posix, limited, counted, fixed},
    {flash_log, unversioned, ephemeral, lazy_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {flash_log, unversioned, ephemeral, active_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {flash_log, unversioned, ephemeral, evicting, bounded_events,
     single, simulated, unlimited, unmetered, fixed},
    {flash_log, stamped, ephemeral, kept, silent, single, bare, unlimited, unmetered, fixed},
    {flash_log, shared_version, ephemeral, retained, silent,
     shared, posix, limited, counted, dynamic},
    {lmdb, unversioned, ephemeral, evicting, silent, single, posix, unlimited, unmetered, fixed},
    {lmdb, unversioned, native, lazy_ttl, bounded_events, shared, posix, limited, counted, fixed},
    {lmdb, unversioned, native, active_ttl, silent, single, posix, unlimited, unmetered, dynamic},
    {lmdb, stamped, ephemeral, kept, silent, single, posix, unlimited, unmetered, fixed},
    {lmdb, shared_version, ephemeral, retained, silent, single, posix, unlimited, unmetered, fixed},
    {rocksdb, unversioned, ephemeral, kept, silent, single, posix, unlimited, unmetered, fixed},
    {rocksdb, unversioned, ephemeral, lazy_ttl, silent, single, posix, unlimited, unmetered, fixed},
    {rocksdb, unversioned, ephemeral, evicting, silent, single, posix, unlimited, unmetered, fixed},
    {rocksdb, stamped, ephemeral, active_ttl, bounded_events,
     shared, posix, limited, counted, dynamic},
    {rocksdb, shared_version, native, retained, silent, single, posix, unlimited, unmetered, fixed},
    {sqlite, unversioned, ephemeral, active_ttl, silent,
     single, posix, unlimited, unmetered, fixed},
    {sqlite, unversioned, native, kept, bounded_events,
     single, posix, unlimited, unmetered, dynamic},
    {sqlite, stamped, native, evicting, silent, shared, posix, unlimited, unmetered, fixed},
    {sqlite, shared_version, ephemeral, lazy_ttl, silent, single, posix, limited, counted, fixed},
    {sqlite, shared_version, ephemeral, retained, silent,
     single, posix, unlimited, unmetered, fixed},
    {tiered, unversioned, ephemeral, lazy_ttl, bounded_events,
     single, posix, unlimited, unmetered, fixed},
    {tiered, unversioned, ephemeral, evicting, silent, single, posix, unlimited, unmetered, fixed},
    {tiered, stamped, logged, kept, silent, single, posix, unlimited, unmetered, fixed},
    {tiered, shared_version, ephemeral, retained, silent,
     single, posix, unlimited, unmetered, fixed},
    {tiered, shared_version, logged, active_ttl, change_log,
     shared, posix, limited, counted, dynamic},
};
// clang-format on

template <choice C>
using stack_of = ashlar::store<
    stack_key, stack_value<C>, ashlar::composite, typename named<C[9]>::type,
    typename named<C[0]>::type, typename named<C[1]>::type, typename named<C[2]>::type,
    typename named<C[3]>::type, typename named<C[4]>::type, typename named<C[5]>::type,
    typename named<C[6]>::type, typename named<C[7]>::type, typename named<C[8]>::type>;

/// What every store does, through all of its layers; then, where rows outlive the process, once
/// more from where they rest.
template <choice C>
[[nodiscard]] bool runs() {
    using store = stack_of<C>;
    ashlar::simulated_world world{1};
    const ashlar::simulated_world::presence here{world};
    const ashlar::testing::scratch place;
    const std::string directory = C[6] == simulated ? "db" : place / "db", below = place / "below";
    flash_chip::chip_type chip;
    typename store::composition::backend::options options{};
    if constexpr (C[0] == flash_log) options = {{&chip}};
    if constexpr (C[0] == tiered) options.directory = below;
    const auto opened = [&](bool create) {
        return store::open({.directory = directory, .create = create}, options);
    };
    const stack_key one{1, 1}, two{1, 2};
    const stack_value<C> v{1}, w{2}; // numbers, or texts of one byte

    auto db = opened(true);
    if (!db) return false;
    const auto holds_only_one = [&] {
        const auto found = db->get(one);
        return found && *found == w && db->get(two).error() == ashlar::errc::not_found;
    };
    bool right = db->put(one, v) && db->put(two, v);
    auto batch = store::batch();
    batch.expect_equals(one, v).expect_present(two).put(one, w).erase(two);
    right = right && db->apply(batch) && !db->apply(batch) && holds_only_one();
    right = right && db->put(two, w) && db->erase(two).value_or(false);
    right = right && bool(db->close());
    if constexpr (C[2] == logged || ashlar::outlives_process<typename named<C[0]>::type>) {
        db = opened(false);
        right = right && db && holds_only_one();
    }
    return right;
}

} // namespace ashlar_test::layers
