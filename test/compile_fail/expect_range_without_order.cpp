// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: the keys of this store have no order, so there are no ranges
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<std::string, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<std::string, int, ashlar_test::unordered_toy, ashlar_test::toy_environment> db;
#endif

void use() { db.batch().expect_range_empty("a", "b"); }
