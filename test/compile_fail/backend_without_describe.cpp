// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the backend is not a backend_policy
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct mute : ashlar_test::toy_backend {
#ifndef PASSING_TWIN
  private:
    static void describe(ashlar::sentence&);
#endif
};

ashlar::store<int, int, mute, ashlar_test::toy_environment> db;
