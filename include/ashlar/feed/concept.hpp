// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the feed axis is: who hears of a change?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: who hears of a change?
template <class P>
concept feed_policy = on_axis<P, feed_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
