// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/concurrency/single.hpp>
#include <ashlar/slab/together.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace {

using ashlar::slab::longest;
using ashlar::slab::slab_size;

using single_pool = ashlar::slab::pool<ashlar::single, false>; // slabs with any sanitizer

struct object {
    unsigned char* at;
    std::size_t size;
    unsigned char filler;
};

template <class Pool>
[[nodiscard]] object take(Pool& from, std::size_t size, unsigned char filler) {
    auto* const at = static_cast<unsigned char*>(from.take(size));
    REQUIRE(at != nullptr);
    std::memset(at, filler, size);
    return {at, size, filler};
}
[[nodiscard]] bool intact(const object& o) {
    return std::all_of(o.at, o.at + o.size, [&](unsigned char byte) { return byte == o.filler; });
}

} // namespace

TEST_CASE("returned: objects that go back together go to the pools they are of") {
    single_pool pools[2];
    std::vector<object> live;
    for (std::size_t i = 0; i < 20'000; ++i) // runs of one pool, and long objects between them
        live.push_back(take(pools[i / 7 % 2], i % 50 == 0 ? longest + 1 : 300, 6));
    for (const auto& pool : pools) CHECK(pool.bytes() > 2'900'000);
    {
        ashlar::slab::returned<single_pool> together;
        for (const object& o : live) {
            REQUIRE(intact(o));
            together.add(o.at, o.size);
        }
    }
    for (const auto& pool : pools) CHECK(pool.bytes() <= ashlar::slab::region::most * slab_size);
}

TEST_CASE("supply: has objects of any size, and gives back what nobody took") {
    single_pool pool;
    std::mt19937 random{43};
    std::vector<object> live;
    {
        ashlar::slab::supply<single_pool> some;
        some.from(pool);
        for (std::size_t i = 0; i < 5'000; ++i) { // runs of a size, and ever other ones
            const std::size_t size = i % 100 < 50 ? 40 + i / 100 : random() % (longest + 100);
            live.push_back(take(some, size, static_cast<unsigned char>(i)));
        }
    }
    for (const object& o : live) {
        REQUIRE(intact(o));
        pool.give(o.at, o.size);
    }
    CHECK(pool.bytes() <= ashlar::slab::region::most * slab_size); // nothing is left behind
}
