// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: checksummed<Inner> wraps a value codec and Inner is none
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/raw.hpp>

#ifdef PASSING_TWIN
using policy = ashlar::checksummed<ashlar::raw>;
#else
using policy = ashlar::checksummed<int>;
#endif

constexpr auto extent = sizeof(policy);
