// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: rows of this store don't expire, so there is nothing to sweep; add ashlar::lazy_ttl
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/expiry/lazy_ttl.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::lazy_ttl, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db;
#else
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { static_cast<void>(db.sweep()); }
