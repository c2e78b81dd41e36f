// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: a store is not copied; move it, or pass a reference
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

using store = ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment>;
#ifdef PASSING_TWIN
store copy(store& db) { return std::move(db); }
#else
store copy(store& db) { return db; }
#endif
