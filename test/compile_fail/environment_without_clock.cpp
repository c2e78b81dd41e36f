// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the environment is not an environment_policy; use ashlar::posix or ashlar::bare
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct timeless : ashlar_test::toy_environment {
    static ashlar::wall_time wall_now() = delete; // but has_clock says yes
};
#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::shared, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar::shared, ashlar_test::toy_backend, timeless> db;
#endif
