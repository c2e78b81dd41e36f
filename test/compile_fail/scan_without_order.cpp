// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this backend keeps no order, so there is no scan; choose sorted_map
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar_test::unordered_toy, ashlar_test::toy_environment> db;
#endif

void use() {
    for (const auto& row : db.scan()) static_cast<void>(row);
}
