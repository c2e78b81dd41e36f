// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the expiry axis is: when is a row gone?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: when is a row gone?
template <class P>
concept expiry_policy = on_axis<P, expiry_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
