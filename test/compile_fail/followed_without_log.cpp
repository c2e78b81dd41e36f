// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: change_log reads changes in the store's log, and this store keeps none
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/feed/change_log.hpp>
#include <ashlar/store.hpp>

#ifdef PASSING_TWIN
using texts = ashlar::store<int, int, ashlar::sorted_map<>, ashlar::logged<>, ashlar::change_log,
                            ashlar::single>;
#else
using texts = ashlar::store<int, int, ashlar::sorted_map<>, ashlar::change_log, ashlar::single>;
#endif

std::size_t use() { return sizeof(texts); }
