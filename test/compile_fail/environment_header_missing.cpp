// SPDX-License-Identifier: BSL-1.0
// EXPECT: is declared but not defined; include its header
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#else
ashlar::store<int, int, ashlar_test::toy_backend> db;
#endif
