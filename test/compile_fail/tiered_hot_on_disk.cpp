// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the hot tier of tiered rests in memory; give it hash_map<> or sorted_map<>
#include <ashlar/backend/tiered.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct below : ashlar_test::toy_backend {
    static constexpr bool persistent = true;
};
#ifdef PASSING_TWIN
using tiers = ashlar::tiered<ashlar_test::toy_backend, below>;
#else
using tiers = ashlar::tiered<below, ashlar_test::toy_backend>;
#endif
std::size_t use() { return sizeof(tiers); }
