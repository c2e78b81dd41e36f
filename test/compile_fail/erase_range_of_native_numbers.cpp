// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: the keys of this store have no order, so there are no ranges
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/codec/big_endian.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::big_endian, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db;
#else
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { db.batch().erase_range(1, 2); }
