// SPDX-License-Identifier: BSL-1.0
// What a backend is given that it can't be made of; each sentence stands alone.
// EXPECT: ashlar: hash_map can't have so many shards
// EXPECT: ashlar: sorted_map keeps keys and rows below 2 GiB each
// EXPECT: ashlar: static_map<0> could hold no row; give it a capacity
// EXPECT: ashlar: lmdb needs at least one reader and takes 4096 at most
// EXPECT: ashlar: SQLite holds 10^9 bytes in a row, key and value together
#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/backend/static_map.hpp>

#ifdef PASSING_TWIN
constexpr std::size_t shards = 256, longest = 1 << 20, rows = 1, readers = 4096;
#else
constexpr std::size_t shards = 24, longest = ~std::size_t{0}, rows = 0, readers = 4097;
#endif
constexpr std::size_t sizes[] = {
    sizeof(ashlar::hash_map<shards>),         sizeof(ashlar::sorted_map<longest>),
    sizeof(ashlar::static_map<rows>),         sizeof(ashlar::lmdb<readers>),
    sizeof(ashlar::sqlite<longest, longest>),
};
