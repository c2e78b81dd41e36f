// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this backend has no heap and needs keys and values of fixed length
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct fixed : ashlar_test::toy_backend {
    static constexpr bool needs_fixed_extents = true;
};

#ifdef PASSING_TWIN
ashlar::store<int, int, fixed, ashlar_test::toy_environment> db;
#else
ashlar::store<int, std::string, fixed, ashlar_test::toy_environment> db;
#endif
