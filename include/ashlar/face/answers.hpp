// SPDX-License-Identifier: BSL-1.0
/// @file Defines what verbs of a store answer beside a value or an error.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ashlar::inline v0_1::face {

/// What get_versioned answers.
template <class Value>
struct versioned {
    Value value;
    std::uint64_t version; ///< it was written at: the row's, or its group's then
};

/// What exchange answers.
template <class Value>
struct exchanged {
    bool existed = false;
    Value value{}; ///< the old one, if there was one
};

/// What a failed check found, in numbers. For the row itself use the stack's own apply.
struct conflict {
    std::size_t index = 0;      ///< of the check, in the order the user made them
    bool found = false;         ///< whether there was a live row (or, for a range, any row)
    std::uint64_t expected = 0; ///< for version checks: asked for
    std::uint64_t actual = 0;   ///< for version checks: stored; 0 for absence
};

} // namespace ashlar::inline v0_1::face
