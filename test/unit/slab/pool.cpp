// SPDX-License-Identifier: BSL-1.0
// Objects keep their bytes and never overlap, slabs that are empty serve other sizes and go back to
// the heap.
#include "objects.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/slab/pool.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace {

using ashlar::slab::longest;
using ashlar::slab::slab_size;
using ashlar_test::object;
using ashlar_test::take;

using single_pool = ashlar::slab::pool<ashlar::single, false>; // slabs with any sanitizer
using shared_pool = ashlar::slab::pool<ashlar::shared, false>;

} // namespace

TEST_CASE("pool: objects of all sizes keep their bytes while others come and go") {
    single_pool pool;
    std::mt19937 random{42};
    std::vector<object> live;
    for (int step = 0; step < 20'000; ++step) {
        if (live.empty() || random() % 100 < 55) {
            const std::size_t size = random() % (longest + 100);
            live.push_back(take(pool, size, static_cast<unsigned char>(random())));
            const auto address = reinterpret_cast<std::uintptr_t>(live.back().at);
            REQUIRE(address % (size % 8 == 0 && size != 0 ? 8 : 4) == 0);
        } else {
            std::swap(live[random() % live.size()], live.back());
            REQUIRE(live.back().intact());
            pool.give(live.back().at, live.back().size);
            live.pop_back();
        }
    }
    for (const object& o : live) {
        REQUIRE(o.intact());
        pool.give(o.at, o.size);
    }
}

TEST_CASE("pool: no header beside an object, and what is empty goes back") {
    single_pool pool;
    constexpr std::size_t count = 100'000;
    constexpr std::size_t size = 144;
    std::vector<object> live;
    for (std::size_t i = 0; i < count; ++i) live.push_back(take(pool, size, 1));
    CHECK(pool.bytes() < count * size * 102 / 100 + ashlar::slab::region::most * slab_size);
    const std::size_t at_most = pool.bytes();
    for (const object& o : live) pool.give(o.at, o.size);
    CHECK(pool.bytes() <= ashlar::slab::region::most * slab_size); // one region is kept
    live.clear();

    for (std::size_t i = 0; i < count; ++i) live.push_back(take(pool, 72, 2));
    CHECK(pool.bytes() < at_most * 6 / 10); // other sizes stand where the first ones were
    for (const object& o : live) pool.give(o.at, o.size);
}

TEST_CASE("pool: objects may be given back by other threads [threads]", "[threads]") {
    shared_pool pool;
    std::vector<object> first;
    for (std::size_t i = 0; i < 2'000; ++i) first.push_back(take(pool, 1 + i % 200, 3));
    std::atomic<int> broken{0};
    const auto work = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            const object& given = first[i];
            if (!given.intact()) ++broken;
            pool.give(given.at, given.size);
            auto* const mine = static_cast<unsigned char*>(pool.take(given.size));
            if (mine == nullptr) ++broken;
            else std::memset(mine, 4, given.size), pool.give(mine, given.size);
        }
    };
    std::thread other{work, 0, 1'000};
    work(1'000, 2'000);
    other.join();
    CHECK(broken == 0);
}

TEST_CASE("own_pool: made when it is first needed, and its objects survive a move") {
    ashlar::slab::own_pool<ashlar::single> owner;
    REQUIRE(owner.get() != nullptr);
    const object o = take(*owner.get(), 100, 5);
    ashlar::slab::own_pool<ashlar::single> heir{std::move(owner)};
    REQUIRE(o.intact());
    heir.get()->give(o.at, o.size);
}
