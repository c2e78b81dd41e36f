// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this store keeps nothing on disk; add ashlar::logged<>, or choose lmdb, rocksdb or sqlite
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#ifdef PASSING_TWIN
auto done = db.close();
#else
void use() { db.sync(); }
#endif
