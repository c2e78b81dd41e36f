// SPDX-License-Identifier: BSL-1.0
// What a layer is given that it can't be made of; each sentence stands alone.
// EXPECT: ashlar: tombstones are retained for a while by letting them expire
// EXPECT: ashlar: tombstones are retained for 1 to 1,000,000,000 seconds
// EXPECT: ashlar: bounded_events needs room for one event at least
// EXPECT: ashlar: an interval of 0 has no time between two syncs
#include <ashlar/checkpoint/log/sync_models.hpp>
#include <ashlar/expiry/kept.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/expiry/retained.hpp>
#include <ashlar/feed/bounded_events.hpp>

#ifdef PASSING_TWIN
using expiry = ashlar::lazy_ttl;
constexpr std::size_t least = 1;
#else
using expiry = ashlar::kept;
constexpr std::size_t least = 0;
#endif
constexpr std::size_t sizes[] = {
    sizeof(ashlar::retained<60, expiry>),
    sizeof(ashlar::retained<least, ashlar::lazy_ttl>),
    sizeof(ashlar::bounded_events<least>),
    sizeof(ashlar::sync::interval<least>),
};
