// SPDX-License-Identifier: BSL-1.0
/// @file Defines the preset result_cache.
#pragma once

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace ashlar::inline v0_1 {

/// Results of tasks, sessions, caches (examples/result_cache): rows in memory, in the order of
/// their keys, each with a version and an end of its life, and a log from which they come back.
/// `Sync` says when a commit is acknowledged.
///
///   using results = ashlar::result_cache<std::string, std::string>;
///   auto db = results::open({.directory = "results"});
///   db->put("task-1", "SUCCESS", ashlar::time_to_live{std::chrono::hours{1}});
template <class Key, class Value, sync::model Sync = sync::group>
using result_cache = store<Key, Value, sorted_map<>, stamped, active_ttl<>, logged<Sync>>;

/// The same without the log: it is gone when the process ends.
template <class Key, class Value>
using fleeting_result_cache = store<Key, Value, sorted_map<>, stamped, active_ttl<>>;

} // namespace ashlar::inline v0_1
