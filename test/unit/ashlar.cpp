// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"

#include <ashlar/ashlar.hpp>

#include <string>

TEST_CASE("one include is enough for a store in memory") {
    auto db = ashlar::store<std::string, std::uint64_t>::open();
    REQUIRE(db);
    CHECK(db->put("answer", 42U));
    CHECK(db->get("answer").value_or(0U) == 42U);
}
