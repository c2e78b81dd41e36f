// SPDX-License-Identifier: BSL-1.0
/// @file Defines which compositions are legal: one named concept per rule (docs/rules.md).
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/checkpoint/concept.hpp>
#include <ashlar/codec/concept.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/concept.hpp>
#include <ashlar/expiry/concept.hpp>
#include <ashlar/feed/concept.hpp>
#include <ashlar/index/concept.hpp>
#include <ashlar/metrics/concept.hpp>
#include <ashlar/quota/concept.hpp>
#include <ashlar/replication/concept.hpp>
#include <ashlar/versioning/concept.hpp>

namespace ashlar::inline v0_1::rule {

/// Satisfied by policies whose definition has been included.
template <class P>
concept defined = requires { sizeof(P); };

/// Satisfied when every default or chosen policy of a composition is defined, not only named.
template <class C>
concept all_defined =
    defined<typename C::key_codec> && defined<typename C::value_codec> &&
    defined<typename C::backend> && defined<typename C::versioning> &&
    defined<typename C::replication> && defined<typename C::checkpoint> &&
    defined<typename C::expiry> && defined<typename C::index> && defined<typename C::quota> &&
    defined<typename C::feed> && defined<typename C::metrics> && defined<typename C::concurrency> &&
    defined<typename C::environment>;

/// Satisfied by layers whose axis concept holds: the eight axes between face and backend.
template <class C>
concept layers_are_policies =
    versioning_policy<typename C::versioning> && replication_policy<typename C::replication> &&
    checkpoint_policy<typename C::checkpoint> && expiry_policy<typename C::expiry> &&
    index_policy<typename C::index> && quota_policy<typename C::quota> &&
    feed_policy<typename C::feed> && metrics_policy<typename C::metrics>;

template <class C, class Key>
concept key_is_encodable = key_codec_policy<typename C::key_codec, Key>;

template <class C, class Value>
concept value_is_encodable = value_codec_policy<typename C::value_codec, Value>;

/// A backend without a heap needs to know the length of every key and row.
template <class C, class Key, class Value>
concept extents_are_fixed_where_needed =
    !backend_policy<typename C::backend> || !C::backend::needs_fixed_extents ||
    !key_is_encodable<C, Key> || !value_is_encodable<C, Value> ||
    (C::key_codec::template codec<Key>::extent != dynamic_extent &&
     C::value_codec::template codec<Value>::extent != dynamic_extent);

/// A key of fixed length must fit the backend's limit; dynamic ones are checked at run time.
template <class C, class Key>
concept key_fits_backend = !backend_policy<typename C::backend> || !key_is_encodable<C, Key> ||
                           C::key_codec::template codec<Key>::extent == dynamic_extent ||
                           C::key_codec::template codec<Key>::extent <= C::backend::max_key_size;

/// Bytes that the header of each row takes.
template <class C>
inline constexpr std::size_t header_size =
    row_layout<0, 0,
               merged(C::versioning::fields, C::expiry::fields, C::index::fields, C::quota::fields,
                      C::replication::fields, C::checkpoint::fields, C::feed::fields,
                      C::metrics::fields)>::header_size;

/// A row is header and value; dynamic ones are checked at run time.
template <class C, class Value>
concept row_fits_backend =
    !backend_policy<typename C::backend> || !value_is_encodable<C, Value> ||
    !layers_are_policies<C> || C::value_codec::template codec<Value>::extent == dynamic_extent ||
    (C::backend::max_row_size >= header_size<C> &&
     C::value_codec::template codec<Value>::extent <= C::backend::max_row_size - header_size<C>);

/// The row that a group keeps of itself has another length than the rows of its keys.
template <class C>
concept lengths_may_differ_where_needed =
    !backend_policy<typename C::backend> || !C::backend::needs_fixed_extents ||
    !requires { requires C::versioning::needs_groups; };

/// Some versionings group keys; how is between their scope and the key codec, so they are asked.
template <class C, class Key>
concept groups_are_known =
    !requires { requires C::versioning::needs_groups; } || !key_is_encodable<C, Key> || requires {
        requires C::versioning::template knows_groups<typename C::key_codec::template codec<Key>>;
    };

/// Satisfied by compositions whose checkpoint makes a backend in memory durable.
template <class C>
concept keeps_log = requires { requires C::checkpoint::persistent; };

/// A backend or a checkpoint that keeps files needs an environment that has them; a library
/// opens the system's, whatever the environment calls files.
template <class C>
concept files_where_needed =
    !backend_policy<typename C::backend> || !environment_policy<typename C::environment> ||
    ((!(C::backend::persistent || keeps_log<C>) || C::environment::has_files) &&
     (!requires { requires C::backend::opens_system_files; } ||
      requires { requires C::environment::has_system_files; }));

/// What a persistent backend keeps by itself needs no log beside it.
template <class C>
concept logs_only_memory =
    !backend_policy<typename C::backend> || !keeps_log<C> || !outlives_process<typename C::backend>;

/// Copying is for backends that can copy themselves.
template <class C>
concept native_where_copied = !requires { requires C::checkpoint::copies_backend; } ||
                              requires { requires C::backend::copies_itself; };

/// Who follows changes reads them in the log.
template <class C>
concept log_where_followed = !requires { requires C::feed::reads_log; } || keeps_log<C>;

/// Without threads there is nothing to lock; with an environment that has none, only `single`.
template <class C>
concept threads_where_needed =
    !concurrency_policy<typename C::concurrency> || !environment_policy<typename C::environment> ||
    !C::concurrency::threads || C::environment::has_threads;

/// A group's own row must not go before the group does.
template <class C>
concept groups_are_not_evicted = !requires { requires C::versioning::needs_groups; } ||
                                 !requires { requires C::expiry::evicts_single_rows; };

/// Only some versionings leave tombstones.
template <class C>
concept tombstones_where_retained = !requires { requires C::expiry::needs_tombstones; } ||
                                    requires { requires C::versioning::leaves_tombstones; };

/// Rows can't expire where nobody knows the time.
template <class C>
concept clock_where_needed =
    !expiry_policy<typename C::expiry> || !environment_policy<typename C::environment> ||
    C::environment::has_clock || !requires { requires C::expiry::needs_clock; };

/// Satisfied by compositions that break no rule. face/verdict.hpp has the sentences, in this order.
template <class C, class Key, class Value>
concept legal =
    all_defined<C> && backend_policy<typename C::backend> &&
    concurrency_policy<typename C::concurrency> && environment_policy<typename C::environment> &&
    layers_are_policies<C> && key_is_encodable<C, Key> && value_is_encodable<C, Value> &&
    extents_are_fixed_where_needed<C, Key, Value> && lengths_may_differ_where_needed<C> &&
    key_fits_backend<C, Key> && row_fits_backend<C, Value> && groups_are_known<C, Key> &&
    files_where_needed<C> && logs_only_memory<C> && native_where_copied<C> &&
    log_where_followed<C> && threads_where_needed<C> && clock_where_needed<C> &&
    groups_are_not_evicted<C> && tombstones_where_retained<C>;

} // namespace ashlar::inline v0_1::rule
