// SPDX-License-Identifier: BSL-1.0

// Catch2's own main, compiled once for all test programs (version 2; version 3 brings a library).
#define CATCH_CONFIG_MAIN
#include "catch.hpp"
