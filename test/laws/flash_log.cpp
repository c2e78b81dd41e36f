// SPDX-License-Identifier: BSL-1.0
#include "support/effort.hpp"
#include <catch.hpp>

#include <ashlar/backend/flash_log.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/engine_laws.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <list>

namespace {

struct nowhere {};

/// Engines on chips of their own, which live as long as the test.
template <class Model, ashlar::flash_limits Limits, class Row>
struct factory {
    using policy = ashlar::flash_log<Model, Limits>;
    using engine = typename policy::template engine<Row, nowhere, ashlar::single>;
    std::list<typename Model::chip_type>* chips;

    auto operator()() const {
        chips->emplace_back();
        return engine::open(ashlar::opening<nowhere>{},
                            typename policy::options{Model{&chips->back()}});
    }
};

template <class Model, ashlar::flash_limits Limits, class Row>
void obeys(std::size_t keys, std::size_t steps) {
    using make = factory<Model, Limits, Row>;
    using engine = typename make::engine;
    static_assert(ashlar::backend_policy<typename make::policy>);
    static_assert(ashlar::in_place_engine<engine> && ashlar::direct_engine<engine>);
    static_assert(ashlar::ordered_engine<engine> ==
                  (Limits.walk_order == ashlar::flash_order::key));
    static_assert(ashlar::metered_engine<engine>);
    std::list<typename Model::chip_type> chips;
    ashlar::testing::law_options options;
    options.keys = keys;
    options.steps = ashlar_test::effort(steps);
    options.max_key_size = Limits.max_key;
    options.max_row_size = Limits.max_row;
    ashlar::testing::engine_laws(
        make{&chips},
        [](bool held, const char* law) {
            INFO(law);
            CHECK(held);
        },
        options);
    for (const auto& chip : chips) CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
}

} // namespace

TEST_CASE("flash_log obeys the laws of engines") {
    using ashlar::dynamic_extent;
    using ashlar::row_fields;
    using ashlar::row_layout;
    using ashlar::testing::flash_model;
    constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
    SECTION("rows of fixed length") {
        obeys<flash_model<4096, 4, 4>, {.max_key = 8}, row_layout<2, 8, row_fields{}>>(40, 2000);
    }
    SECTION("all fields, granule 8, in the order of keys") {
        obeys<flash_model<8192, 3, 8>,
              {.max_key = 8, .cached = 16, .walk_order = ashlar::flash_order::key},
              row_layout<8, 12, all>>(24, 1000);
    }
    SECTION("any lengths, granule 1") {
        obeys<flash_model<32768, 3, 1>, {.max_key = 100, .max_row = 1200},
              row_layout<dynamic_extent, dynamic_extent, row_fields{.version = true}>>(24, 1000);
    }
    SECTION("two sectors, granule 32") {
        obeys<flash_model<32768, 2, 32>, {.max_key = 8}, row_layout<5, 0, row_fields{}>>(30, 1500);
    }
}
