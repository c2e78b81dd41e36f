// SPDX-License-Identifier: BSL-1.0
// EXPECT: composite for structs (adapted by BOOST_HANA_ADAPT_STRUCT)
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
using key = std::string;
#else
struct key {
    std::string first, second;
};
#endif

ashlar::store<key, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
