// SPDX-License-Identifier: BSL-1.0
/// @file Names the store, its axes' defaults and the models, without including any of them.
#pragma once

#include <cstddef>

namespace ashlar::inline v0_1 {

// Null models and defaults: what an axis answers when the pack does not name it.
struct native_key;
struct native_value;
template <std::size_t Shards = 32> struct hash_map;
struct unversioned;
struct unreplicated;
struct ephemeral;
struct kept;
struct unindexed;
struct unlimited;
struct silent;
struct unmetered;
struct shared;
struct posix;

template <class Key, class Value, class Composition> class basic_store;

} // namespace ashlar::inline v0_1
