// SPDX-License-Identifier: BSL-1.0
#include "objects.hpp"

#include <ashlar/concurrency/single.hpp>
#include <ashlar/slab/together.hpp>

#include <random>
#include <vector>

namespace {

using ashlar::slab::longest;
using ashlar::slab::slab_size;
using ashlar_test::object;
using ashlar_test::take;

using single_pool = ashlar::slab::pool<ashlar::single, false>; // slabs with any sanitizer

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
            REQUIRE(o.intact());
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
        REQUIRE(o.intact());
        pool.give(o.at, o.size);
    }
    CHECK(pool.bytes() <= ashlar::slab::region::most * slab_size); // nothing is left behind
}
