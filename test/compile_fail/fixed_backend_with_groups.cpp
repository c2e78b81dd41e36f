// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this versioning keeps a row per group, of another length than the rest
#include <ashlar/codec/composite.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/versioning/shared_version.hpp>

struct fixed : ashlar_test::toy_backend {
    static constexpr bool needs_fixed_extents = true;
};
#ifdef PASSING_TWIN
ashlar::store<std::pair<int, int>, int, fixed, ashlar::composite, ashlar_test::toy_environment> db;
#else
using grouped = ashlar::shared_version<ashlar::by_prefix>;
ashlar::store<std::pair<int, int>, int, fixed, ashlar::composite, grouped,
              ashlar_test::toy_environment>
    db;
#endif
