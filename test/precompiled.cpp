// SPDX-License-Identifier: BSL-1.0

// Owns the precompiled Catch2 header that all test programs reuse.
#include "catch.hpp"
