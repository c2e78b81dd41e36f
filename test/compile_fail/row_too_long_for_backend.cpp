// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: values of this type are longer than the backend can hold
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/versioning/stamped.hpp>

struct small : ashlar_test::toy_backend {
    static constexpr std::size_t max_row_size = 64;
};
struct image {
    char bytes[60];
};
#ifdef PASSING_TWIN
ashlar::store<int, image, small, ashlar_test::toy_environment> db;
#else // 8 bytes of version come on top
ashlar::store<int, image, ashlar::stamped, small, ashlar_test::toy_environment> db;
#endif
