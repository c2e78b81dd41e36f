// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: evicting rows one by one would take those that groups of this versioning keep
#include <ashlar/codec/composite.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include "support/toy_backend.hpp"

#include <utility>

#ifdef PASSING_TWIN
using versions = ashlar::stamped;
#else
using versions = ashlar::shared_version<ashlar::by_prefix>;
#endif

using entries = ashlar::store<std::pair<std::string, int>, int, ashlar::composite, versions,
                              ashlar::evicting<ashlar::lru, 1000>, ashlar_test::toy_backend,
                              ashlar_test::toy_environment>;

constexpr bool is_a_store = sizeof(entries) != 0;
