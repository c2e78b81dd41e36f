// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"
#include "unit/backend/tight_tiers.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

using namespace ashlar;

struct no_environment {};

/// With no memory at all every row rests below; with a little it comes back when it is read.
template <class Row, class Hot, class Concurrency, std::size_t MemoryLimit>
void hold_to_the_laws() {
    using backend = ashlar_tiers::tight_tiers<Hot, ashlar_tiers::cold_in_weather, MemoryLimit>;
    using engine = typename backend::template engine<Row, no_environment, Concurrency>;
    testing::law_options options = testing::law_options::of<backend>();
    options.steps = ashlar_test::effort(5'000);
    ashlar_tiers::weather = {};
    testing::engine_laws([] { return engine::open(opening<no_environment>{}, {}); },
                         [](bool held, const char* law) {
                             INFO(law);
                             CHECK(held);
                         },
                         options);
    CHECK(ashlar_tiers::weather.puts > ashlar_test::effort(10'000));
    CHECK(ashlar_tiers::weather.erases > ashlar_test::effort(5'000));
}

} // namespace

TEST_CASE("K-23: tiered keeps the laws of engines while its rows rest below, or come and go") {
    constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, all>, sorted_map<>, single, 0>();
    hold_to_the_laws<row_layout<8, 200, row_fields{}>, hash_map<>, shared, 10'000>();
}
