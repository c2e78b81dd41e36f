// SPDX-License-Identifier: BSL-1.0
// EXPECT: is the header of one of them missing?
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
#include <ashlar/versioning/stamped.hpp>
#else
namespace ashlar {
struct stamped;
}
#endif

ashlar::store<int, int, ashlar::stamped, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
