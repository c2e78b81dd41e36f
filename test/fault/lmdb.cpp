// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb
#include "catch.hpp"
#include "unit/backend/lmdb_facts.hpp"

using disk = ashlar::testing::on_disk<ashlar::testing::lmdb_facts>;

TEST_CASE("lmdb: kill -9 in mid-write loses nothing that was acknowledged") { disk::killing(); }
TEST_CASE("lmdb: a full disk is no_space and loses nothing") { disk::full_disk(); }
