// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: cereal_value stores no pointers
#include <ashlar/codec/cereal.hpp>
#include <cereal/types/memory.hpp>

#ifdef PASSING_TWIN
using value = int;
#else
using value = std::unique_ptr<int>;
#endif

auto size_of(const value& v) { return ashlar::cereal_value<>::codec<value>::size(v); }
