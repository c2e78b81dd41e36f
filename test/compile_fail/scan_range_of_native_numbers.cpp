// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: this key codec does not keep the order of keys
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/codec/big_endian.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::big_endian, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db;
#else
ashlar::store<int, int, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
#endif

void use() { static_cast<void>(db.scan(1, 2)); }
