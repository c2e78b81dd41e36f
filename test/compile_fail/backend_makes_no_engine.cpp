// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: what the backend makes is not an engine that can be opened
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct broken : ashlar_test::toy_backend {
#ifndef PASSING_TWIN
    template <class Row, class, class>
    struct engine {
        using row = Row;
        struct position {};
    };
#endif
};

ashlar::store<int, int, broken, ashlar_test::toy_environment> db;
