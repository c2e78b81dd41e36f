// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the concurrency is not a concurrency_policy
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct lonely {
    using axis = ashlar::concurrency_axis;
    static constexpr bool threads = false;
};
#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::shared, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, lonely, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif
