// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: values of this type are longer than the backend can hold
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct small : ashlar_test::toy_backend {
    static constexpr std::size_t max_row_size = 64;
};
#ifdef PASSING_TWIN
struct image {
    char bytes[64];
};
#else
struct image {
    char bytes[65];
};
#endif

ashlar::store<int, image, small, ashlar_test::toy_environment> db;
