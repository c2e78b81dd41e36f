// SPDX-License-Identifier: BSL-1.0
// EXPECT: nodiscard
// EXPECT: ashlar: an error may be lost; test it, or cast it to void
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#pragma GCC diagnostic error "-Wunused-result"

void use(ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment>& db) {
#ifdef PASSING_TWIN
    static_cast<void>(db.put(1, 2));
#else
    db.put(1, 2);
#endif
}
