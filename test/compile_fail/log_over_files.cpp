// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this backend keeps its rows itself, and logged would log what is durable already
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct on_disk : ashlar_test::toy_backend {
    static constexpr bool persistent = true;
};
#ifdef PASSING_TWIN
ashlar::store<int, int, on_disk, ashlar::single> db;
#else
ashlar::store<int, int, on_disk, ashlar::logged<>, ashlar::single> db;
#endif
