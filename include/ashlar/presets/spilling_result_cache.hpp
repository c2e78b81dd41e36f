// SPDX-License-Identifier: BSL-1.0
/// @file Defines the preset spilling_result_cache.
#pragma once

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/tiered.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace ashlar::inline v0_1 {

/// result_cache for more than memory holds: rows that are used least rest in `Cold`, a backend on
/// disk. Both open each other's directories.
///
///   using results = ashlar::spilling_result_cache<std::string, std::string, ashlar::lmdb<>>;
///   auto db = results::open({.directory = "results"},
///                           ashlar::tiered_options<ashlar::lmdb_options>{
///                               .memory_limit = std::size_t{1} << 30, .directory = "cold"});
template <class Key, class Value, class Cold, sync::model Sync = sync::group>
using spilling_result_cache =
    store<Key, Value, tiered<sorted_map<>, Cold>, stamped, active_ttl<>, logged<Sync>>;

} // namespace ashlar::inline v0_1
