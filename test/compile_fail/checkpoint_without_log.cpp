// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this store makes no checkpoints; add ashlar::logged<> to a backend in memory
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#ifdef PASSING_TWIN
using texts = ashlar::store<int, int, ashlar::sorted_map<>, ashlar::logged<>, ashlar::single>;
#else
using texts = ashlar::store<int, int, ashlar::sorted_map<>, ashlar::single>;
#endif

void use(texts& db) { static_cast<void>(db.checkpoint()); }
