// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "support/effort.hpp"
#include <catch.hpp>

#include <ashlar/backend/static_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/concurrency_laws.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

struct nowhere {};

template <std::size_t Capacity, class Row, class Concurrency>
void obeys() {
    using engine = ashlar::static_map_engine<Capacity, Row, Concurrency>;
    static_assert(ashlar::ordered_engine<engine> && ashlar::in_place_engine<engine>);
    static_assert(ashlar::direct_engine<engine> && ashlar::sized_engine<engine>);
    static_assert(ashlar::openable_engine<engine, nowhere, ashlar::no_options>);
    auto options = ashlar_test::law_effort();
    options.keys = Capacity;
    ashlar::testing::engine_laws([] { return engine::open(ashlar::opening<nowhere>{}, {}); },
                                 [](bool held, const char* law) {
                                     INFO(law);
                                     CHECK(held);
                                 },
                                 options);
}

} // namespace

TEST_CASE("static_map obeys the laws of engines") {
    using ashlar::row_fields;
    using ashlar::row_layout;
    SECTION("single, counters") { obeys<32, row_layout<2, 8, row_fields{}>, ashlar::single>(); }
    SECTION("shared, all fields") {
        constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
        obeys<200, row_layout<8, 12, all>, ashlar::shared>();
    }
    SECTION("keys without a payload") {
        obeys<100, row_layout<5, 0, row_fields{}>, ashlar::single>();
    }
}

TEST_CASE("static_map obeys the laws of threads", "[threads]") {
    constexpr ashlar::row_fields all{.version = true, .sequenced = true};
    using engine = ashlar::static_map_engine<300, ashlar::row_layout<8, 8, all>, ashlar::shared>;
    ashlar::testing::concurrency_laws([] { return engine::open(ashlar::opening<nowhere>{}, {}); },
                                      [](bool held, const char* law) {
                                          INFO(law);
                                          CHECK(held);
                                      });
}
