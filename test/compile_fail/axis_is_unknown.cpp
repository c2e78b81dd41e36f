// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: a policy names an axis that the library does not know
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct colour_axis;
#ifdef PASSING_TWIN
struct green : ashlar::null_layer {
    using axis = ashlar::quota_axis;
};
#else
struct green : ashlar::null_layer {
    using axis = colour_axis;
};
#endif

ashlar::store<int, int, green, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
