// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one place that names Catch2. Debian 12 has version 2 (a single header), vcpkg and Conan have
// version 3; tests use only the macros that mean the same in both: TEST_CASE, SECTION, CHECK,
// REQUIRE, CHECK_FALSE, STATIC_REQUIRE, GENERATE, INFO, CAPTURE, TEMPLATE_TEST_CASE,
// TEMPLATE_LIST_TEST_CASE. CHECK may be used from one thread only, in both versions.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
