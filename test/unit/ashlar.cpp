// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/ashlar.hpp>

#include <string>

TEST_CASE("one include is enough for a store in memory") {
    auto db = ashlar::store<std::string, std::uint64_t>::open();
    REQUIRE(db);
    CHECK(db->put("answer", 42U));
    CHECK(db->get("answer").value_or(0U) == 42U);
}

TEMPLATE_TEST_CASE("a store in memory is made, never found", "", ashlar::hash_map<>,
                   ashlar::sorted_map<>, ashlar::static_map<4>) {
    using store = ashlar::store<std::uint64_t, std::uint64_t, TestType>;
    ashlar::error_detail detail;
    CHECK(store::open({.create = false, .detail = &detail}).error() == ashlar::errc::no_such_store);
    CHECK_FALSE(detail.message.empty());
    CHECK(store::open({.read_only = true}).error() == ashlar::errc::invalid_argument);
    CHECK(store::open({.must_be_new = true}).has_value());
}
