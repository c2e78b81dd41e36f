// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: open() was given options of a policy that this store is not composed of
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct cache_options {
    int megabytes = 1;
};
using store = ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment>;
#ifdef PASSING_TWIN
auto db = store::open({}, ashlar::no_options{});
#else
auto db = store::open({}, cache_options{.megabytes = 64});
#endif
