// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the value codec can't encode this Value; use reflected for structs
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct account {
#ifndef PASSING_TWIN
    std::string owner;
#endif
    std::int64_t balance;
};

ashlar::store<int, account, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
