// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the hot tier of tiered says how many rows it has and how much memory they take
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/tiered.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

using ashlar_test::toy_backend, ashlar_test::toy_environment;
#ifdef PASSING_TWIN
using hot = ashlar::sorted_map<>;
#else
using hot = toy_backend;
#endif
using spilling =
    ashlar::store<int, int, ashlar::tiered<hot, toy_backend>, ashlar::single, toy_environment>;
std::size_t use() { return sizeof(spilling); }
