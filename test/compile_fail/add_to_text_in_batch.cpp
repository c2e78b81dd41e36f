// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: add needs values of type std::int64_t; use transact
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<int, std::int64_t, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, std::string, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { db.batch().add(1, 2); }
