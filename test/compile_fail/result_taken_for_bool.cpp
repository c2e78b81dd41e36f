// SPDX-License-Identifier: BSL-1.0
// EXPECT: result<bool>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

bool use(ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment>& db) {
#ifdef PASSING_TWIN
    return db.contains(1).value_or(false);
#else
    return db.contains(1); // an error would read as yes or no
#endif
}
