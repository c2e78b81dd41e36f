// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: rows of this store are to expire, but the environment has no clock; choose posix
#include <ashlar/concurrency/single.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/expiry/lazy_ttl.hpp>

#ifdef PASSING_TWIN
using environment = ashlar_test::toy_environment;
#else
using environment = ashlar_test::small_environment;
#endif

ashlar::store<int, int, ashlar::lazy_ttl, ashlar::single, ashlar_test::toy_backend, environment> db;
