// SPDX-License-Identifier: BSL-1.0
// NEEDS: rocksdb
#include "catch.hpp"
#include "unit/backend/rocksdb_facts.hpp"

using disk = ashlar::testing::on_disk<ashlar::testing::rocksdb_facts>;

TEST_CASE("rocksdb: kill -9 in mid-write loses nothing that was acknowledged") { disk::killing(); }
TEST_CASE("rocksdb: a full disk is no_space and loses nothing") { disk::full_disk(); }
