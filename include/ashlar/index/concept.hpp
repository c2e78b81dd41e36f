// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the index axis is: what else finds a row?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: what else finds a row?
template <class P>
concept index_policy = on_axis<P, index_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
