// SPDX-License-Identifier: BSL-1.0
// EXPECT: but its scope finds no groups in these keys; use composite, object_entry or namespaced keys
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#ifdef PASSING_TWIN
using versions = ashlar::stamped;
#else
using versions = ashlar::shared_version<ashlar::by_prefix>;
#endif

ashlar::store<std::string, int, versions, ashlar_test::toy_backend, ashlar_test::toy_environment>
    db;
