// SPDX-License-Identifier: BSL-1.0
/// @file Defines store_from: a store type from a Hana tuple of policy types, for metaprograms.
#pragma once

#include <ashlar/store.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

namespace ashlar::inline v0_1 {

/// `decltype(store_from<Key, Value>(hana::tuple_t<lmdb<>, stamped>))::type` is
/// `store<Key, Value, lmdb<>, stamped>`. Opt-in: the frame itself does without Hana, which costs
/// five times the compile time of the type map (docs/decisions/0003).
template <class Key, class Value, class... Types>
[[nodiscard]] constexpr auto store_from(const boost::hana::tuple<Types...>&) noexcept {
    return boost::hana::type_c<store<Key, Value, typename Types::type...>>;
}

} // namespace ashlar::inline v0_1
