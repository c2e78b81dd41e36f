// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the checkpoint axis is: what survives, and how is it cut?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: what survives, and how is it cut?
template <class P>
concept checkpoint_policy = on_axis<P, checkpoint_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
