// SPDX-License-Identifier: BSL-1.0
/// @file Defines ephemeral: what survives is what the backend itself keeps.
#pragma once

#include <ashlar/checkpoint/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: what survives is what the backend itself keeps.
struct ephemeral : null_layer {
    using axis = checkpoint_axis;
};
static_assert(checkpoint_policy<ephemeral>);

} // namespace ashlar::inline v0_1
