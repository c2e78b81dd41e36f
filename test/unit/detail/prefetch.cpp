// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/detail/prefetch.hpp>

#include <cstdint>

TEST_CASE("prefetch: any address may be asked for, and nothing is read") {
    const int there = 1;
    ashlar::detail::prefetch(&there);
    ashlar::detail::prefetch(nullptr);
    ashlar::detail::prefetch(reinterpret_cast<const void*>(UINTPTR_MAX));
    CHECK(there == 1);
}
