// SPDX-License-Identifier: BSL-1.0
// EXPECT: result<int>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

int use(ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment>& db) {
#ifdef PASSING_TWIN
    return db.get(1).value_or(0);
#else
    return db.get(1);
#endif
}
