// SPDX-License-Identifier: BSL-1.0
/// @file Defines unmetered: nobody counts.
#pragma once

#include <ashlar/metrics/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: nobody counts.
struct unmetered : null_layer {
    using axis = metrics_axis;
};
static_assert(metrics_policy<unmetered>);

} // namespace ashlar::inline v0_1
