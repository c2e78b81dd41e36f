// SPDX-License-Identifier: BSL-1.0
/// @file Defines logged: a write-ahead log and snapshots make a store in memory durable.
#pragma once

#include <ashlar/checkpoint/concept.hpp>
#include <ashlar/checkpoint/log/engine.hpp>

namespace ashlar::inline v0_1 {

/// Every commit is written to a log before it is acknowledged, as the sync model says: sync::group
/// (the default), sync::each, sync::interval<ms>, sync::none. Opening loads the newest sound
/// snapshot and replays the log behind it. Goes with backends in memory; the store needs a
/// directory. Costs a number per commit, no bytes in a row. log_start::early lets it be read before
/// the snapshot is loaded; a directory may be opened either way, whichever way it was made.
///
///   using ledger = ashlar::store<account_id, account, ashlar::sorted_map<>, ashlar::logged<>>;
///   auto db = ledger::open({.directory = "ledger"});
template <sync::model Sync = sync::group, log_start Start = log_start::loaded>
struct logged {
    using axis = checkpoint_axis;
    using options = logged_options;
    static constexpr bool persistent = true;
    static constexpr row_fields fields{.sequenced = true};
    static constexpr void describe(sentence& text) noexcept { text << " checkpoint=logged/1"; }

    template <engine Next, class, class Environment, class Concurrency>
    using layer_in = logged_engine<Next, Environment, Concurrency, Sync, Start>;
};
static_assert(checkpoint_policy<logged<>>);

} // namespace ashlar::inline v0_1
