// SPDX-License-Identifier: BSL-1.0
/// @file Defines unindexed: rows are found by their key alone.
#pragma once

#include <ashlar/index/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: rows are found by their key alone.
struct unindexed : null_layer {
    using axis = index_axis;
};
static_assert(index_policy<unindexed>);

} // namespace ashlar::inline v0_1
