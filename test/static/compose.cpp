// SPDX-License-Identifier: BSL-1.0

// Policies come in any order, and two spellings of one choice are one type.

#include "support/toy_backend.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace ashlar_test::composing {

using ashlar::store;
using env = ashlar_test::toy_environment;
using ashlar_test::toy_backend;

// Order does not matter.
using first = store<int, int, ashlar::big_endian, toy_backend, ashlar::stamped, env>;
static_assert(
    std::same_as<first, store<int, int, env, ashlar::stamped, toy_backend, ashlar::big_endian>>);
static_assert(
    std::same_as<first, store<int, int, toy_backend, env, ashlar::big_endian, ashlar::stamped>>);

// A default that is spelled out changes nothing.
using plain = store<int, int, toy_backend, env>;
static_assert(
    std::same_as<plain, store<int, int, ashlar::unversioned, toy_backend, ashlar::native_key, env,
                              ashlar::kept, ashlar::shared, ashlar::native_value, ashlar::ephemeral,
                              ashlar::unreplicated, ashlar::unindexed, ashlar::unlimited,
                              ashlar::silent, ashlar::unmetered>>);

// Different choices are different types.
static_assert(!std::same_as<plain, store<int, int, toy_backend, env, ashlar::stamped>>);
static_assert(!std::same_as<plain, store<int, int, toy_backend, env, ashlar::single>>);
static_assert(!std::same_as<plain, store<int, long, toy_backend, env>>);
static_assert(!std::same_as<store<int, int, ashlar::sorted_map<>, env>,
                            store<int, int, ashlar::sorted_map<64>, env>>);

// Each axis is answered by what the pack says, or else by the default that fwd.hpp names.
using chosen = first::composition;
static_assert(std::same_as<chosen::key_codec, ashlar::big_endian>);
static_assert(std::same_as<chosen::value_codec, ashlar::native_value>);
static_assert(std::same_as<chosen::backend, toy_backend>);
static_assert(std::same_as<chosen::versioning, ashlar::stamped>);
static_assert(std::same_as<chosen::replication, ashlar::unreplicated>);
static_assert(std::same_as<chosen::checkpoint, ashlar::ephemeral>);
static_assert(std::same_as<chosen::expiry, ashlar::kept>);
static_assert(std::same_as<chosen::index, ashlar::unindexed>);
static_assert(std::same_as<chosen::quota, ashlar::unlimited>);
static_assert(std::same_as<chosen::feed, ashlar::silent>);
static_assert(std::same_as<chosen::metrics, ashlar::unmetered>);
static_assert(std::same_as<chosen::concurrency, ashlar::shared>);
static_assert(std::same_as<chosen::environment, env>);

// Policies: what answers an axis, and what does not.
struct no_axis {};
struct value_for_axis {
    static constexpr int axis = 1;
};
struct strange_axis;
struct of_strange_axis {
    using axis = strange_axis;
};
static_assert(ashlar::policy<toy_backend> && ashlar::known_policy<toy_backend>);
static_assert(ashlar::on_axis<toy_backend, ashlar::backend_axis>);
static_assert(!ashlar::on_axis<toy_backend, ashlar::feed_axis>);
static_assert(!ashlar::policy<no_axis> && !ashlar::policy<int> && !ashlar::policy<value_for_axis>);
static_assert(!ashlar::policy<const toy_backend&>);
static_assert(ashlar::policy<of_strange_axis> && !ashlar::known_policy<of_strange_axis>);
static_assert(!ashlar::is_axis<toy_backend> && !ashlar::is_axis<int>);

} // namespace ashlar_test::composing
