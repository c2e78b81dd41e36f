// SPDX-License-Identifier: BSL-1.0
/// @file Defines unlimited: a store takes what the backend gives.
#pragma once

#include <ashlar/quota/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: a store takes what the backend gives.
struct unlimited : null_layer {
    using axis = quota_axis;
};
static_assert(quota_policy<unlimited>);

} // namespace ashlar::inline v0_1
