// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include <catch.hpp>

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/concurrency/visit_scope.hpp>

#include <thread>
#include <type_traits>

using checked = ashlar::visit_scope<ashlar::shared, true>;
using unchecked = ashlar::visit_scope<ashlar::shared, false>;

TEST_CASE("visit_scope: marks the thread inside a visitor, nests, and leaves no mark behind",
          "[threads]") {
    const int outer = 1, inner = 2;
    CHECK(ashlar::shared::visited() == nullptr);
    {
        const checked in_outer{&outer};
        CHECK(ashlar::shared::visited() == &outer);
        checked::check(&inner); // another store may be called
        {
            const checked in_inner{&inner};
            CHECK(ashlar::shared::visited() == &inner);
        }
        CHECK(ashlar::shared::visited() == &outer);
        const void* elsewhere = &outer;
        std::jthread{[&] { elsewhere = ashlar::shared::visited(); }}.join();
        CHECK(elsewhere == nullptr); // other threads are not inside
    }
    CHECK(ashlar::shared::visited() == nullptr);
}

TEST_CASE("visit_scope: unchecked it is nothing") {
    STATIC_REQUIRE(std::is_empty_v<unchecked>);
    STATIC_REQUIRE(std::is_empty_v<ashlar::visit_scope<ashlar::single, false>>);
    const int store = 1;
    const unchecked scope{&store};
    CHECK(ashlar::shared::visited() == nullptr);
    unchecked::check(&store);
}
