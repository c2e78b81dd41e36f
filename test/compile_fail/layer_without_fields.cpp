// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: a policy between face and backend lacks fields, layer or describe
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
struct forever : ashlar::null_layer {
    using axis = ashlar::expiry_axis;
};
#else
struct forever {
    using axis = ashlar::expiry_axis;
};
#endif

ashlar::store<int, int, forever, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
