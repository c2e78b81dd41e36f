// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// EXPECT: ashlar: update in place needs a backend that can
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/backend/sorted_map.hpp>

#ifdef PASSING_TWIN
ashlar::store<int, int, ashlar::sorted_map<>, ashlar_test::toy_environment> db;
#else
ashlar::store<int, std::string, ashlar::sorted_map<>, ashlar_test::toy_environment> db;
#endif

void use() {
    static_cast<void>(db.update(1, [](auto&, bool) { return ashlar::update_action::kind::keep; }));
}
