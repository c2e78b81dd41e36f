// SPDX-License-Identifier: BSL-1.0
/// @file Defines a policy of the versioning axis: what is a version, and who gets a new one?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: what is a version, and who gets a new one?
template <class P>
concept versioning_policy = on_axis<P, versioning_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
