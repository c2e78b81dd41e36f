// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the metrics axis is: who counts?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: who counts?
template <class P>
concept metrics_policy = on_axis<P, metrics_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
