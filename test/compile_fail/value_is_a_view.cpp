// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the value codec can't encode this Value
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <string_view>

#ifdef PASSING_TWIN
ashlar::store<int, std::string, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, std::string_view, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db; // whose text would be gone with its owner
#endif
