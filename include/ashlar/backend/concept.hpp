// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a backend policy is: a recipe for engines.
#pragma once

#include <ashlar/axis.hpp>
#include <ashlar/engine.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// What a backend says of itself before any engine is made of it, so that rules can be checked
/// without instantiating one.
///
///   engine<Row, Environment, Concurrency>   the engine
///   options           aggregate of run-time options (or no_options)
///   ordered           its engines are ordered
///   persistent        its engines outlive the process and need a directory
///   durable_medium    only where true: they outlive it without one, on a medium of their own
///   opens_system_files  only where true: a library opens its files, past the environment
///   max_key_size, max_row_size   limits in bytes; dynamic_extent for none
///   needs_fixed_extents          keys and rows must have a fixed length
///   describe(text)    appends the format's explicit id: "lmdb/1"
///
/// An engine is made by `static result<engine> open(const opening<Environment>&, const options&)`.
/// It may also have a constexpr default constructor when it needs nothing to begin.
template <class P>
concept backend_policy = on_axis<P, backend_axis> && requires(sentence& text) {
    typename P::options;
    { P::ordered } -> std::convertible_to<bool>;
    { P::persistent } -> std::convertible_to<bool>;
    { P::max_key_size } -> std::convertible_to<std::size_t>;
    { P::max_row_size } -> std::convertible_to<std::size_t>;
    { P::needs_fixed_extents } -> std::convertible_to<bool>;
    P::describe(text);
};

/// Whether a backend's engines outlive the process, so that they may be there, or not, when opened.
template <class P>
inline constexpr bool outlives_process = P::persistent || requires { requires P::durable_medium; };

/// Satisfied by engines that a store can open.
template <class E, class Environment, class Options>
concept openable_engine =
    engine<E> && requires(const opening<Environment>& how, const Options& options) {
        { E::open(how, options) } -> std::same_as<result<E>>;
    };

} // namespace ashlar::inline v0_1
