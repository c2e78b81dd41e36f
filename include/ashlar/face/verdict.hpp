// SPDX-License-Identifier: BSL-1.0
/// @file Defines the sentences by which an illegal composition is refused.
#pragma once

#include <ashlar/rules.hpp>

namespace ashlar::inline v0_1::face {

/// One flat list: the first rule that is broken is the first line the compiler prints. Each
/// assertion asks only what the ones before it have made sure can be asked.
template <class Key, class Value, class C>
struct verdict {
    static_assert(rule::all_defined<C>,
                  "ashlar: a policy of this store (or the default of an axis that was left out) is "
                  "declared but not defined; include its header, e.g. "
                  "<ashlar/backend/hash_map.hpp> for the default backend or <ashlar/ashlar.hpp>");
    static_assert(!rule::all_defined<C> || backend_policy<typename C::backend>,
                  "ashlar: the backend is not a backend_policy; docs/concepts.md lists what it "
                  "must say of itself, the notes below say what is missing");
    static_assert(!rule::all_defined<C> || concurrency_policy<typename C::concurrency>,
                  "ashlar: the concurrency is not a concurrency_policy; use ashlar::shared or "
                  "ashlar::single, or see docs/concepts.md");
    static_assert(!rule::all_defined<C> || environment_policy<typename C::environment>,
                  "ashlar: the environment is not an environment_policy; use ashlar::posix or "
                  "ashlar::bare, or give yours the parts that it says it has (docs/concepts.md)");
    static_assert(!rule::all_defined<C> || rule::layers_are_policies<C>,
                  "ashlar: a policy between face and backend lacks fields, layer or describe; see "
                  "layer_policy in docs/concepts.md");
    static_assert(rule::key_is_encodable<C, Key>,
                  "ashlar: the key codec can't encode this Key; use big_endian for numbers, text "
                  "for strings, composite for structs (adapted by BOOST_HANA_ADAPT_STRUCT), or "
                  "write a codec");
    static_assert(rule::value_is_encodable<C, Value>,
                  "ashlar: the value codec can't encode this Value; use reflected for structs "
                  "(adapted by BOOST_HANA_ADAPT_STRUCT), cereal_value for the rest, raw for "
                  "bytes, or write a codec");
    static_assert(rule::extents_are_fixed_where_needed<C, Key, Value>,
                  "ashlar: this backend has no heap and needs keys and values of fixed length; "
                  "choose codecs with a fixed extent (big_endian, native, reflected without "
                  "strings), or another backend");
    static_assert(rule::lengths_may_differ_where_needed<C>,
                  "ashlar: this versioning keeps a row per group, of another length than the rest, "
                  "but the backend needs rows of fixed length; use stamped versions or another "
                  "backend");
    static_assert(rule::key_fits_backend<C, Key>,
                  "ashlar: keys of this type are longer than the backend can hold; shorten the "
                  "key or choose another backend");
    static_assert(rule::row_fits_backend<C, Value>,
                  "ashlar: values of this type are longer than the backend can hold; shorten the "
                  "value or choose another backend");
    static_assert(rule::groups_are_known<C, Key>,
                  "ashlar: this versioning gives one version to a group of keys, but its scope "
                  "finds no groups in these keys; use composite, object_entry or namespaced "
                  "keys, stamped versions, or a version_scope of your own");
    static_assert(rule::files_where_needed<C>,
                  "ashlar: this backend keeps files, but the environment has none (or not the "
                  "system's, which lmdb, rocksdb and sqlite open); choose posix, or a backend "
                  "without files such as static_map, and no log");
    static_assert(rule::logs_only_memory<C>,
                  "ashlar: this backend keeps its rows itself, and logged would log what is "
                  "durable already; leave logged out, or choose a backend in memory");
    static_assert(rule::native_where_copied<C>,
                  "ashlar: native checkpoints are the backend's own copies of itself, and this one "
                  "makes none; choose lmdb, rocksdb or sqlite, or ashlar::logged<> over a backend "
                  "in memory");
    static_assert(rule::log_where_followed<C>,
                  "ashlar: change_log reads changes in the store's log, and this store keeps none; "
                  "add ashlar::logged<>, or use ashlar::bounded_events<>");
    static_assert(rule::threads_where_needed<C>,
                  "ashlar: the environment has no threads; add ashlar::single");
    static_assert(rule::clock_where_needed<C>,
                  "ashlar: rows of this store are to expire, but the environment has no clock; "
                  "choose posix, or give yours wall_now, monotonic_now and has_clock");
    static_assert(rule::groups_are_not_evicted<C>,
                  "ashlar: evicting rows one by one would take those that groups of this "
                  "versioning keep of themselves; use stamped versions, or let rows expire");
    static_assert(rule::tombstones_where_retained<C>,
                  "ashlar: this versioning leaves no tombstones that could be retained; use "
                  "ashlar::shared_version<by_prefix>, or leave retained out");
};

/// A class of its own, so that of a wrong backend the compiler prints this sentence and little
/// else.
template <class Engine, class C>
struct engine_verdict {
    static_assert(openable_engine<Engine, typename C::environment, typename C::backend::options>,
                  "ashlar: what the backend makes is not an engine that can be opened; see engine "
                  "and openable_engine in docs/concepts.md, the notes below say which verb is "
                  "missing or answers another type");
};

} // namespace ashlar::inline v0_1::face
