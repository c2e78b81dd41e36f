// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash lmdb rocksdb sqlite threads
#include "matrix/smoke.hpp"

#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sqlite.hpp>

namespace matrix = ashlar_test::matrix;

TEST_CASE("lmdb goes with every policy that it may go with") {
    matrix::smoke_all<matrix::lmdb, ashlar::lmdb<>>(
        ashlar::lmdb_options{.sync = ashlar::lmdb_sync::none});
}
TEST_CASE("rocksdb goes with every policy that it may go with") {
    matrix::smoke_all<matrix::rocksdb, ashlar::rocksdb<>>(ashlar::rocksdb_options{.sync = false});
}
TEST_CASE("sqlite goes with every policy that it may go with") {
    matrix::smoke_all<matrix::sqlite, ashlar::sqlite<>>(
        ashlar::sqlite_options{.sync = ashlar::sqlite_sync::none});
}
