// SPDX-License-Identifier: BSL-1.0
/// @file Defines ashlar::store, the alias by which store types are spelled.
#pragma once

#include <ashlar/checkpoint/ephemeral.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/compose.hpp>
#include <ashlar/expiry/kept.hpp>
#include <ashlar/face/basic_store.hpp>
#include <ashlar/feed/silent.hpp>
#include <ashlar/index/unindexed.hpp>
#include <ashlar/metrics/unmetered.hpp>
#include <ashlar/quota/unlimited.hpp>
#include <ashlar/replication/unreplicated.hpp>
#include <ashlar/versioning/unversioned.hpp>

namespace ashlar::inline v0_1 {

/// A store type: policies in any order, one per axis, the rest by default.
///
///   using ledger = ashlar::store<account_id, account, ashlar::sorted_map<>, ashlar::stamped>;
///   auto db = ledger::open({.directory = "ledger"});
///
/// Two spellings of one choice are one type. A wrong choice is answered by one sentence.
template <class Key, class Value, class... Policies>
using store = typename detail::resolve<Key, Value, Policies...>::type;

} // namespace ashlar::inline v0_1
