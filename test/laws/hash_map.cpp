// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/concurrency_laws.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {
using namespace ashlar;

struct no_environment {};

template <class Row, class Concurrency>
auto opened() {
    return hash_map<>::engine<Row, no_environment, Concurrency>::open(opening<no_environment>{},
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
template <class... Rows>
void hold_to_the_laws_of_threads() {
    (testing::concurrency_laws(opened<Rows, shared>, report), ...);
}
constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
} // namespace

TEST_CASE("hash_map of words keeps the laws of engines") {
    hold_to_the_laws<row_layout<8, 8, row_fields{.sequenced = true}>, shared>();
    hold_to_the_laws<row_layout<8, 16, all>, single>();
    hold_to_the_laws<row_layout<3, 200, row_fields{}>, shared>();
}

TEST_CASE("hash_map of wide keys keeps the laws of engines") {
    hold_to_the_laws<row_layout<20, 8, row_fields{.version = true}>, shared>();
    hold_to_the_laws<row_layout<20, 8, all>, single>();
}

TEST_CASE("hash_map of entries keeps the laws of engines") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, row_fields{}>, single>();
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, all>, shared>();
    hold_to_the_laws<row_layout<8, 1000, row_fields{.sequenced = true}>, shared>();
}

TEST_CASE("hash_map keeps the laws of threads", "[threads]") {
    hold_to_the_laws_of_threads<row_layout<8, 8, row_fields{.sequenced = true}>,
                                row_layout<3, 200, row_fields{}>,
                                row_layout<20, 8, row_fields{.version = true}>,
                                row_layout<dynamic_extent, dynamic_extent, all>,
                                row_layout<8, 1000, row_fields{.sequenced = true}>>();
}
