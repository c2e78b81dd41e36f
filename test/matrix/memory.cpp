// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash threads
#include "matrix/smoke.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/static_map.hpp>

namespace matrix = ashlar_test::matrix;

TEST_CASE("hash_map goes with every policy that it may go with") {
    matrix::smoke_all<matrix::hash_map, ashlar::hash_map<>>();
}
TEST_CASE("sorted_map goes with every policy that it may go with") {
    matrix::smoke_all<matrix::sorted_map, ashlar::sorted_map<>>();
}
TEST_CASE("static_map goes with every policy that it may go with") {
    matrix::smoke_all<matrix::static_map, ashlar::static_map<16>>();
}
