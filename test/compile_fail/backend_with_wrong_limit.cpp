// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the backend is not a backend_policy
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct limited : ashlar_test::toy_backend {
#ifndef PASSING_TWIN
    static constexpr const char* max_key_size = "511";
#endif
};

ashlar::store<int, int, limited, ashlar_test::toy_environment> db;
