// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: active_ttl<0> would never sweep; use lazy_ttl for that
#include <ashlar/expiry/active_ttl.hpp>

#ifdef PASSING_TWIN
constexpr std::size_t rows = 1;
#else
constexpr std::size_t rows = 0;
#endif

ashlar::active_ttl<rows> policy;
