// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/environment/bare.hpp>

TEST_CASE("bare: says openly what it lacks") {
    using ashlar::bare;
    STATIC_REQUIRE(ashlar::environment_policy<bare>);
    STATIC_REQUIRE_FALSE(bare::has_files || bare::has_clock || bare::has_random);
    STATIC_REQUIRE_FALSE(bare::has_threads);
    STATIC_REQUIRE_FALSE(ashlar::secret_random_source<bare>);
}
