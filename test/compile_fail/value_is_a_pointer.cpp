// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the value codec can't encode this Value
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<int, char, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, const char*, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif
