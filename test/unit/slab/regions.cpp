// SPDX-License-Identifier: BSL-1.0
// Slabs are aligned and apart; a region goes back to the heap when its last slab does.
#include "catch.hpp"

#include <ashlar/slab/regions.hpp>

#include <cstring>
#include <set>
#include <utility>
#include <vector>

using ashlar::slab::region;
using ashlar::slab::regions;
using ashlar::slab::slab_size;

TEST_CASE("regions: slabs are aligned, apart, and all of their bytes are the taker's") {
    regions from;
    std::vector<std::pair<region*, std::byte*>> taken;
    std::set<std::byte*> apart;
    for (int i = 0; i < 700; ++i) {
        region* in = nullptr;
        std::byte* slab = from.take(in);
        REQUIRE(slab != nullptr);
        REQUIRE(reinterpret_cast<std::uintptr_t>(slab) % slab_size == 0);
        REQUIRE(apart.insert(slab).second);
        std::memset(slab, i, slab_size);
        taken.emplace_back(in, slab);
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        std::byte* slab = taken[i].second;
        REQUIRE(slab[0] == static_cast<std::byte>(i));
        REQUIRE(slab[slab_size - 1] == static_cast<std::byte>(i));
    }
    CHECK(from.bytes() >= 700 * slab_size);
    CHECK(from.bytes() <= 700 * slab_size * 5 / 4 + 4 * slab_size); // a quarter ahead at most
    for (const auto& [in, slab] : taken) from.give(in, slab);
    CHECK(from.bytes() <= region::most * slab_size);
}

TEST_CASE("regions: work at the border of a region takes none from the heap") {
    regions from;
    std::vector<std::pair<region*, std::byte*>> first;
    for (int i = 0; i < 4; ++i) { // the whole of the first region
        region* in = nullptr;
        first.emplace_back(in, from.take(in));
        first.back().first = in;
    }
    const std::size_t full = from.bytes();
    region* in = nullptr;
    std::byte* slab = from.take(in);
    const std::size_t begun = from.bytes();
    CHECK(begun > full);
    for (int i = 0; i < 100; ++i) {
        from.give(in, slab);
        CHECK(from.bytes() == begun); // kept
        slab = from.take(in);
        REQUIRE(slab != nullptr);
        CHECK(from.bytes() == begun);
    }
    from.give(in, slab);
    for (const auto& [of, at] : first) from.give(of, at);
    CHECK(from.bytes() < begun); // one is kept, not two
}
