// SPDX-License-Identifier: BSL-1.0
/// @file Defines unreplicated: nobody else holds the data.
#pragma once

#include <ashlar/replication/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: nobody else holds the data.
struct unreplicated : null_layer {
    using axis = replication_axis;
};
static_assert(replication_policy<unreplicated>);

} // namespace ashlar::inline v0_1
