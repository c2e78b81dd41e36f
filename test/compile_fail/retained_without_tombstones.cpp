// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this versioning leaves no tombstones that could be retained
#include <ashlar/codec/composite.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/expiry/retained.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include "support/toy_backend.hpp"

#include <utility>

#ifdef PASSING_TWIN
using versions = ashlar::shared_version<ashlar::by_prefix>;
#else
using versions = ashlar::stamped;
#endif
using entries = ashlar::store<std::pair<std::string, int>, int, ashlar::composite, versions,
                              ashlar::retained<60, ashlar::lazy_ttl>, ashlar_test::toy_backend,
                              ashlar_test::toy_environment>;

constexpr bool is_a_store = sizeof(entries) != 0;
