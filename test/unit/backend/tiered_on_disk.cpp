// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb threads
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/presets/spilling_result_cache.hpp>

#include <string>

namespace {

using namespace ashlar;

std::string value_of(std::size_t n) { return std::to_string(n) + std::string(2'000, 'v'); }

/// A store that spills, closed and opened again, and changed in both lives.
template <class Cold>
void spill_and_reopen(const typename Cold::options& cold) {
    using results = spilling_result_cache<std::string, std::string, Cold, sync::none>;
    const ashlar::testing::scratch place;
    const std::string store = place / "store";
    const std::string below = place / "cold";
    const tiered_options<typename Cold::options> tiers{
        .memory_limit = 200'000, .directory = below, .cold = cold};
    constexpr std::size_t count = 1'000;
    for (int life = 0; life < 3; ++life) {
        error_detail detail;
        auto db = results::open({.directory = store, .detail = &detail}, tiers);
        INFO(detail.message.c_str());
        REQUIRE(db);
        for (std::size_t n = 0; life == 0 && n < count; ++n)
            REQUIRE(db->put(std::to_string(n), value_of(n)));
        const auto& tier = db->stack().expiring().below().below();
        CHECK(tier.memory_used() < 220'000);
        CHECK(tier.counts().writes >
              count * 8 / 10); // anew in every life: the cold tier is scratch
        std::size_t rows = 0;
        REQUIRE(db->stack().scan({}, [&](bytes_view, bytes_view) { ++rows; }));
        CHECK(rows == count - static_cast<std::size_t>(life));
        const std::uint64_t fetches = tier.counts().fetches;
        std::size_t headers = 0;
        REQUIRE(db->stack().expiring().scan_headers({}, [&](bytes_view, bytes_view bytes) {
            rows -= 1;
            if (bytes.size() == results::row::header_size) ++headers;
        }));
        CHECK(rows == 0);
        CHECK(headers > count * 8 / 10);
        CHECK(tier.counts().fetches == fetches);
        REQUIRE(db->erase(std::to_string(life)).value());
        for (std::size_t n = 3; n < count; n += 3)
            REQUIRE(db->get(std::to_string(n)).value_or("") == value_of(n));
        CHECK(tier.counts().promotions > 100);
        CHECK(tier.counts().failures == 0);
        if (life == 1) REQUIRE(db->stack().expiring().below().checkpoint());
        REQUIRE(db->close());
    }
}

} // namespace

TEST_CASE("K-23: rows rest in LMDB and come back, in every life of the store") {
    spill_and_reopen<lmdb<>>({.sync = lmdb_sync::none});
}
TEST_CASE("K-23: rows rest in RocksDB and come back, in every life of the store") {
    spill_and_reopen<ashlar::rocksdb<>>({});
}
TEST_CASE("K-23: either tier in memory goes with a log, and forgets all its rows when told") {
    using rows =
        store<std::string, std::string, tiered<hash_map<>, ashlar::lmdb<>>, logged<sync::none>>;
    const ashlar::testing::scratch place;
    const std::string store = place / "store";
    const std::string below = place / "cold";
    const tiered_options<ashlar::lmdb<>::options> tiers{.memory_limit = 20'000, .directory = below};
    for (int life = 0; life < 2; ++life) {
        auto db = rows::open({.directory = store}, tiers);
        REQUIRE(db);
        CHECK(db->size() == 0);
        for (std::size_t n = 0; n < 50; ++n) REQUIRE(db->put(std::to_string(n), value_of(n)));
        CHECK(db->get("7").value_or("") == value_of(7));
        REQUIRE(db->clear());
        CHECK(db->get("7").error() == errc::not_found);
        REQUIRE(db->close());
    }
}
