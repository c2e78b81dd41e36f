// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/concurrency_laws.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

using namespace ashlar;

struct no_environment {};

template <class Row, class Concurrency>
auto opened() {
    return sorted_map<>::engine<Row, no_environment, Concurrency>::open(opening<no_environment>{},
                                                                        {});
}
void report(bool held, const char* law) {
    INFO(law);
    CHECK(held);
}
template <class Row, class Concurrency>
void hold_to_the_laws() {
    testing::engine_laws(opened<Row, Concurrency>, report, ashlar_test::law_effort());
}

} // namespace

TEST_CASE("sorted_map of texts keeps the laws of engines") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, row_fields{}>, shared>();
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent,
                                row_fields{.version = true, .expiry = true, .sequenced = true}>,
                     single>();
    hold_to_the_laws<row_layout<20, 8, row_fields{.version = true}>, shared>();
}

TEST_CASE("sorted_map of words keeps the laws of engines") {
    hold_to_the_laws<row_layout<8, 8, row_fields{.sequenced = true}>, shared>();
    hold_to_the_laws<row_layout<3, dynamic_extent, row_fields{.version = true}>, shared>();
    hold_to_the_laws<row_layout<8, 200, row_fields{}>, single>();
}

TEST_CASE("sorted_map keeps the laws of threads", "[threads]") {
    testing::concurrency_laws(opened<row_layout<8, 8, row_fields{.sequenced = true}>, shared>,
                              report);
    testing::concurrency_laws(opened<row_layout<dynamic_extent, dynamic_extent,
                                                row_fields{.version = true, .sequenced = true}>,
                                     shared>,
                              report);
}
