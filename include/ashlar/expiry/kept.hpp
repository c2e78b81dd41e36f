// SPDX-License-Identifier: BSL-1.0
/// @file Defines kept: rows stay until they are erased.
#pragma once

#include <ashlar/expiry/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: rows stay until they are erased.
struct kept : null_layer {
    using axis = expiry_axis;
};
static_assert(expiry_policy<kept>);

} // namespace ashlar::inline v0_1
