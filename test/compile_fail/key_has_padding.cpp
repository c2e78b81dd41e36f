// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the key codec can't encode this Key
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
struct place {
    std::uint32_t row, column;
};
#else
struct place {
    std::uint8_t row;
    std::uint32_t column;
};
#endif

ashlar::store<place, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
