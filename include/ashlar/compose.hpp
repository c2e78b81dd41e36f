// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an unordered pack of policies becomes one canonical composition.
#pragma once

#include <ashlar/axis.hpp>
#include <ashlar/fwd.hpp>

namespace ashlar::inline v0_1 {

/// One policy per axis, in the library's order: two spellings of one choice are one type.
template <class KeyCodec, class ValueCodec, class Backend, class Versioning, class Replication,
          class Checkpoint, class Expiry, class Index, class Quota, class Feed, class Metrics,
          class Concurrency, class Environment>
struct composition {
    using key_codec = KeyCodec;
    using value_codec = ValueCodec;
    using backend = Backend;
    using versioning = Versioning;
    using replication = Replication;
    using checkpoint = Checkpoint;
    using expiry = Expiry;
    using index = Index;
    using quota = Quota;
    using feed = Feed;
    using metrics = Metrics;
    using concurrency = Concurrency;
    using environment = Environment;
};

namespace detail {

template <class Axis, class Policy>
struct choice {};

/// The type map: overload resolution finds the base whose axis is asked for (no recursion, one
/// function instantiation per axis; docs/decisions/0003 has the measurements).
template <class... Policies>
struct choices : choice<typename Policies::axis, Policies>... {};

template <class Policy>
struct found {
    using type = Policy;
};
template <class Axis, class Default, class Policy>
found<Policy> find(const choice<Axis, Policy>*);
template <class Axis, class Default>
found<Default> find(const void*);

template <class Axis, class Default, class Choices>
using chosen = typename decltype(find<Axis, Default>(static_cast<const Choices*>(nullptr)))::type;

/// How many of the policies answer the same question as P does.
template <class P, class... Policies>
inline constexpr std::size_t answers =
    (std::size_t{} + ... + std::size_t{__is_same(typename P::axis, typename Policies::axis)});

template <class... Policies>
concept one_per_axis = ((answers<Policies, Policies...> == 1) && ...);

/// Stands where a store would, after its pack was refused by a sentence.
struct refused {};

template <bool Accepted, class Key, class Value, class... Policies>
struct resolved {
    using type = refused;
};

template <class Key, class Value, class... Policies>
struct resolved<true, Key, Value, Policies...> {
    using all = choices<Policies...>;
    using type = basic_store<
        Key, Value,
        composition<
            chosen<key_codec_axis, native_key, all>, chosen<value_codec_axis, native_value, all>,
            chosen<backend_axis, hash_map<>, all>, chosen<versioning_axis, unversioned, all>,
            chosen<replication_axis, unreplicated, all>, chosen<checkpoint_axis, ephemeral, all>,
            chosen<expiry_axis, kept, all>, chosen<index_axis, unindexed, all>,
            chosen<quota_axis, unlimited, all>, chosen<feed_axis, silent, all>,
            chosen<metrics_axis, unmetered, all>, chosen<concurrency_axis, shared, all>,
            chosen<environment_axis, posix, all>>>;
};

template <class Key, class Value, class... Policies>
struct resolve {
    static constexpr bool are_policies = (policy<Policies> && ...);
    static_assert(are_policies,
                  "ashlar: every argument of store after Key and Value must be a policy, a type "
                  "that names its axis (using axis = ashlar::backend_axis;); is the header of one "
                  "of them missing?");
    static constexpr bool are_known = [] {
        if constexpr (are_policies) return (known_policy<Policies> && ...);
        else return false;
    }();
    static_assert(are_known || !are_policies,
                  "ashlar: a policy names an axis that the library does not know; the axes are "
                  "listed in ashlar/axis.hpp");
    static constexpr bool are_distinct = [] {
        if constexpr (are_known) return one_per_axis<Policies...>;
        else return false;
    }();
    static_assert(are_distinct || !are_known,
                  "ashlar: two policies are given for one axis; leave one of them out");
    using type = typename resolved<are_distinct, Key, Value, Policies...>::type;
};

} // namespace detail
} // namespace ashlar::inline v0_1
