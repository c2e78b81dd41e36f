// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this store tells nobody of its changes; add ashlar::bounded_events<>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/feed/bounded_events.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

#ifdef PASSING_TWIN
using feed = ashlar::bounded_events<>;
#else
using feed = ashlar::silent;
#endif

using numbers =
    ashlar::store<int, int, feed, ashlar_test::toy_backend, ashlar_test::toy_environment>;

void use(numbers& db) { static_cast<void>(ashlar::subscribe(db)); }
