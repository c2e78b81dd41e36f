// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this store keeps no versions; add ashlar::stamped
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/versioning/stamped.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::stamped, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { db.batch().expect_version(1, 2); }
