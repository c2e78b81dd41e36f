// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "catch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/hana.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace hana = boost::hana;

TEST_CASE("a tuple of policies names the same type as the pack") {
    constexpr auto policies = hana::tuple_t<ashlar::single, ashlar::stamped>;
    using from_tuple = decltype(ashlar::store_from<int, int>(policies))::type;
    STATIC_REQUIRE(
        std::is_same_v<from_tuple, ashlar::store<int, int, ashlar::stamped, ashlar::single>>);

    auto db = from_tuple::open();
    REQUIRE(db);
    CHECK(db->put(1, 2));
    CHECK(db->get(1).value_or(0) == 2);
}
