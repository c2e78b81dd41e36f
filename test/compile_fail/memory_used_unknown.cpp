// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this stack does not know the memory its rows take
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/backend/sorted_map.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::sorted_map<>, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { static_cast<void>(db.memory_used()); }
