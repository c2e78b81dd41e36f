// SPDX-License-Identifier: BSL-1.0
/// @file Defines the axes on which a store is chosen, and what it takes to answer one.
#pragma once

#include <concepts>

namespace ashlar::inline v0_1 {

struct key_codec_axis;
struct value_codec_axis;
struct backend_axis;
struct versioning_axis;
struct replication_axis;
struct checkpoint_axis;
struct expiry_axis;
struct index_axis;
struct quota_axis;
struct feed_axis;
struct metrics_axis;
struct concurrency_axis;
struct environment_axis;

/// The thirteen questions; an axis that is not listed here is an error, not an extension point.
template <class>
inline constexpr bool is_axis = false;
template <> inline constexpr bool is_axis<key_codec_axis> = true;
template <> inline constexpr bool is_axis<value_codec_axis> = true;
template <> inline constexpr bool is_axis<backend_axis> = true;
template <> inline constexpr bool is_axis<versioning_axis> = true;
template <> inline constexpr bool is_axis<replication_axis> = true;
template <> inline constexpr bool is_axis<checkpoint_axis> = true;
template <> inline constexpr bool is_axis<expiry_axis> = true;
template <> inline constexpr bool is_axis<index_axis> = true;
template <> inline constexpr bool is_axis<quota_axis> = true;
template <> inline constexpr bool is_axis<feed_axis> = true;
template <> inline constexpr bool is_axis<metrics_axis> = true;
template <> inline constexpr bool is_axis<concurrency_axis> = true;
template <> inline constexpr bool is_axis<environment_axis> = true;

/// Satisfied by types that answer one of the questions: they name it by `using axis = ...`.
template <class P>
concept policy = requires { typename P::axis; };

template <class P, class Axis>
concept on_axis = policy<P> && std::same_as<typename P::axis, Axis>;

/// Satisfied by policies whose axis the library knows.
template <class P>
concept known_policy = policy<P> && is_axis<typename P::axis>;

} // namespace ashlar::inline v0_1
