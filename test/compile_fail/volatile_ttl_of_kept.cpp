// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: volatile_ttl evicts what expires first, but rows of this store don't expire
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/expiry/kept.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>

#ifdef PASSING_TWIN
using expiry = ashlar::lazy_ttl;
#else
using expiry = ashlar::kept;
#endif

ashlar::evicting<ashlar::volatile_ttl, 1000, expiry> policy;
