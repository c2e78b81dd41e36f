// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: cereal_value stores no long double
#include <ashlar/codec/cereal.hpp>

#ifdef PASSING_TWIN
using value = double;
#else
using value = long double;
#endif

auto size_of(const value& v) { return ashlar::cereal_value<>::codec<value>::size(v); }
