// SPDX-License-Identifier: BSL-1.0
/// @file Defines silent: nobody hears of a change.
#pragma once

#include <ashlar/feed/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: nobody hears of a change.
struct silent : null_layer {
    using axis = feed_axis;
};
static_assert(feed_policy<silent>);

} // namespace ashlar::inline v0_1
