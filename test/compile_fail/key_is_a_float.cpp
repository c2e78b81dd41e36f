// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the key codec can't encode this Key; use big_endian for numbers
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/codec/big_endian.hpp>

#ifdef PASSING_TWIN
ashlar::store<double, int, ashlar::big_endian, ashlar_test::toy_backend,
              ashlar_test::toy_environment>
    db;
#else
ashlar::store<double, int, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db; // -0 and 0 are one key of two images
#endif
