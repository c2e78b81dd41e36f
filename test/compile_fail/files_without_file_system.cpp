// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this backend keeps files, but the environment has none
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/concurrency/single.hpp>

struct on_disk : ashlar_test::toy_backend {
    static constexpr bool persistent = true;
};
#ifdef PASSING_TWIN
ashlar::store<int, int, on_disk, ashlar::single, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, on_disk, ashlar::single, ashlar_test::small_environment> db;
#endif
