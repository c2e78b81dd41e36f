// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the environment has no threads; add ashlar::single
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/concurrency/single.hpp>

using namespace ashlar_test;
#ifdef PASSING_TWIN
ashlar::store<int, int, toy_backend, small_environment, ashlar::single> db;
#else
ashlar::store<int, int, toy_backend, small_environment> db;
#endif
