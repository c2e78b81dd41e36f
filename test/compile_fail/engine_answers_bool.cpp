// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: what the backend makes is not an engine that can be opened
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct lax : ashlar_test::toy_backend {
#ifndef PASSING_TWIN
    template <class Row, class, class Concurrency>
    struct engine : ashlar_test::toy_engine<Row, Concurrency, true> {
        bool read(ashlar::bytes_view, auto&&) const { return false; }
    };
#endif
};
ashlar::store<int, int, lax, ashlar_test::toy_environment> db;
