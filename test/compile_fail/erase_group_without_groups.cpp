// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this store has no groups to erase
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/codec/composite.hpp>
#include <ashlar/versioning/shared_version.hpp>

#ifdef PASSING_TWIN
ashlar::store<std::pair<int, int>, int, ashlar::composite,
              ashlar::shared_version<ashlar::by_prefix>, ashlar_test::toy_backend,
              ashlar_test::toy_environment>
    db;
#else
ashlar::store<std::pair<int, int>, int, ashlar::composite, ashlar_test::toy_backend,
              ashlar_test::toy_environment>
    db;
#endif

void use() { static_cast<void>(db.erase_group(std::pair{1, 2})); }
