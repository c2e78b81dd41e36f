// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: keys of this type are longer than the backend can hold
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <array>

struct small : ashlar_test::toy_backend {
    static constexpr std::size_t max_key_size = 511;
};
#ifdef PASSING_TWIN
using key = std::array<std::byte, 511>;
#else
using key = std::array<std::byte, 512>;
#endif

ashlar::store<key, int, small, ashlar_test::toy_environment> db;
