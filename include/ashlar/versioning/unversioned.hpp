// SPDX-License-Identifier: BSL-1.0
/// @file Defines unversioned: rows carry no version.
#pragma once

#include <ashlar/versioning/concept.hpp>

namespace ashlar::inline v0_1 {

/// The default of its axis: rows carry no version.
struct unversioned : null_layer {
    using axis = versioning_axis;
};
static_assert(versioning_policy<unversioned>);

} // namespace ashlar::inline v0_1
