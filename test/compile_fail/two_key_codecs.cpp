// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: two policies are given for one axis; leave one of them out
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/codec/big_endian.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::big_endian, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db;
#else
ashlar::store<int, int, ashlar::big_endian, ashlar::native_key, ashlar_test::toy_backend,
              ashlar_test::toy_environment>
    db;
#endif
