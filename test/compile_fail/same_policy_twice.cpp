// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: two policies are given for one axis
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::kept, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar::kept, ashlar_test::toy_backend, ashlar_test::toy_environment,
              ashlar::kept>
    db;
#endif
