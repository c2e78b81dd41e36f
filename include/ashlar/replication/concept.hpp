// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the replication axis is: who else holds the data?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: who else holds the data?
template <class P>
concept replication_policy = on_axis<P, replication_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
