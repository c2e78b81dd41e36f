// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: native checkpoints are the backend's own copies of itself
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/checkpoint/native.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#ifdef PASSING_TWIN
using checkpoint = ashlar::logged<>;
#else
using checkpoint = ashlar::native;
#endif
using texts = ashlar::store<int, int, ashlar::sorted_map<>, checkpoint, ashlar::single>;

std::size_t use() { return sizeof(texts); }
