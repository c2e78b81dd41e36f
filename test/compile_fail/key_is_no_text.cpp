// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this argument is no Key and can't be viewed as text
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

ashlar::store<std::string, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#ifdef PASSING_TWIN
auto value = db.get("seven");
#else
auto value = db.get(7);
#endif
