// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a policy of the quota axis is: how much may a store take?
#pragma once

#include <ashlar/layer.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that answer: how much may a store take?
template <class P>
concept quota_policy = on_axis<P, quota_axis> && layer_policy<P>;

} // namespace ashlar::inline v0_1
