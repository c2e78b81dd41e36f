// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the cold tier of tiered keeps rows of any length under keys of 8 bytes
#include <ashlar/backend/tiered.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct below : ashlar_test::toy_backend {
#ifdef PASSING_TWIN
    static constexpr bool needs_fixed_extents = false;
#else
    static constexpr bool needs_fixed_extents = true;
#endif
};
using tiers = ashlar::tiered<ashlar_test::toy_backend, below>;
std::size_t use() { return sizeof(tiers); }
