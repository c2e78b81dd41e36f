// SPDX-License-Identifier: BSL-1.0
/// @file Defines native: checkpoints that are the backend's own copies of itself.
#pragma once

#include <ashlar/checkpoint/concept.hpp>
#include <ashlar/checkpoint/native/layer.hpp>

namespace ashlar::inline v0_1 {

/// Gives a store on disk `checkpoint()`: a consistent copy under load, by LMDB's own copying,
/// RocksDB's checkpoints (hard links, next to no space) or SQLite's online backup. Each copy is a
/// store that can be opened where it stands; restore_checkpoint makes a new store of one. Costs
/// nothing between checkpoints, and changes no byte of the store (docs/policies/native.md).
///
///   using ledger = ashlar::store<std::string, std::string, ashlar::lmdb<>, ashlar::native>;
///   auto db = ledger::open({.directory = "ledger"}, ashlar::native_options{.keep = 7});
///   const auto made = db->checkpoint();
struct native {
    using axis = checkpoint_axis;
    using options = native_options;
    static constexpr bool copies_backend = true;
    static constexpr row_fields fields{};
    static constexpr void describe(sentence&) noexcept {}

    template <class Next, class, class Environment, class Concurrency>
    using layer_in = native_layer<Next, Environment, Concurrency>;
};
static_assert(checkpoint_policy<native>);

} // namespace ashlar::inline v0_1
