// SPDX-License-Identifier: BSL-1.0
// What the server's threads do to one keyspace at once, without a network: units, sweeps, syncs,
// snapshots; and what comes back.
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include "snapshots.hpp"

#include <future>
#include <random>

namespace {

using namespace cache;

constexpr int keys = 200;
std::string key_of(int i) { return "key " + std::to_string(i); }

/// One command: a string with or without a short life, in one of two ways, a number that grows, a
/// list, or an erasure.
/// Answers whether it was committed.
bool change(keyspace& space, std::mt19937& random) {
    const std::string key = key_of(static_cast<int>(random() % keys));
    const keyspace::hold stripes{space, stripe_of(key)};
    unit work{space};
    const std::uint64_t hour = 3'600'000'000'000;
    const std::uint64_t soon = space.now() + random() % 2 * hour + random() % 5'000'000;
    std::int64_t sum = 0;
    switch (random() % 7) {
    case 4: return space.assign(head_key(0, key), "assigned", random() % 2 * soon).has_value();
    case 5: return space.assign(head_key(0, key), "41", random() % 2 * soon).has_value();
    case 6: return space.add(head_key(0, key), 1, sum).has_value();
    case 0: work.put_string(0, key, "value", 0); break;
    case 1: work.put_string(0, key, "short", soon); break;
    case 2: work.erase_key(0, key); break;
    default: {
        work.erase_key(0, key);
        head list{.type = kind::list, .id = work.fresh_id(), .count = 1, .first = list_middle};
        work.put(list_key(0, list.id, list.first), key, 0);
        work.put_head(0, key, head_row(list), 0);
    }
    }
    return work.commit().has_value();
}

/// Every key with its value, a list's being its element.
std::map<std::string, std::string> contents(keyspace& space) {
    std::map<std::string, std::string> all;
    const unit work{space};
    for (int i = 0; i < keys; ++i) {
        const std::string key = key_of(i);
        const head h = work.find(0, key);
        if (h.type == kind::string) all[key] = *work.get(head_key(0, key));
        if (h.type == kind::list) all[key] = *work.get(list_key(0, h.id, h.first));
    }
    return all;
}

} // namespace

TEST_CASE("keyspace: counts, ids and durability stay right when all threads are at it",
          "[threads]") {
    const ashlar::testing::scratch folder;
    durability wanted;
    wanted.directory = folder / "data";
    wanted.snapshot_after = 20'000;
    std::map<std::string, std::string> before;
    key_totals known;
    std::uint64_t last_id = 0;
    {
        keyspace space;
        std::string error;
        auto rows = rows_in(wanted.directory, error);
        REQUIRE(rows != nullptr);
        space.use(std::move(rows));
        snapshots saves{space, wanted};
        std::atomic<bool> ends{false};
        std::thread sweeper{[&] {
            while (!ends) {
                space.sweep_some();
                saves.tend();
                std::this_thread::yield();
            }
        }};
        {
            disk_gate gate{space.rows(), wanted};
            std::vector<std::thread> writers;
            std::atomic<int> told{0};
            std::atomic<int> failed{0};
            for (unsigned seed = 1; seed <= 3; ++seed)
                writers.emplace_back([&, seed] {
                    std::mt19937 random{seed};
                    for (int i = 0; i < 600; ++i) {
                        failed += change(space, random) ? 0 : 1;
                        if (i % 20 != 0) continue;
                        std::promise<bool> durable;
                        gate.after_sync([&](bool is) { durable.set_value(is); });
                        if (durable.get_future().get()) ++told;
                    }
                });
            for (std::thread& one : writers) one.join();
            CHECK(told == 3 * 30);
            CHECK(failed == 0);
        }
        ends = true;
        sweeper.join();
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        while (space.sweep_some()) {
        }
        for (int i = 0; i < 8; ++i) space.sweep_some(); // all the way round
        before = contents(space);
        CHECK(!before.empty());
        CHECK(space.count(0) == static_cast<std::int64_t>(before.size()));
        known = space.totals(0);
        CHECK(known.keys == space.count(0));
        CHECK(known.mortal > 0);
        saves.finish();
        CHECK(saves.last_succeeded());
        last_id = space.fresh_id();
        REQUIRE(space.rows().flush());
        CHECK(space.rows().is_flushed());
        REQUIRE(space.rows().sync());
        CHECK(space.rows().is_synced());
        REQUIRE(space.rows().close());
    }
    keyspace again;
    std::string error;
    auto rows = rows_in(wanted.directory, error);
    REQUIRE(rows != nullptr);
    again.use(std::move(rows));
    CHECK(contents(again) == before);
    CHECK(again.count(0) == static_cast<std::int64_t>(before.size()));
    // What was kept count of is what a look at all of them gives.
    CHECK(again.totals(0).mortal == known.mortal);
    CHECK(again.totals(0).end_seconds == known.end_seconds);
    // An id may come again when nothing of it is left, never while there is.
    const std::uint64_t id = again.fresh_id();
    CHECK(id <= last_id);
    const unit work{again};
    for (int i = 0; i < keys; ++i) CHECK(work.find(0, key_of(i)).id < id);
}

TEST_CASE("durability: what --fsync may say") {
    durability chosen;
    CHECK((chosen.set_fsync("always") && chosen.fsync == fsync_policy::always));
    CHECK((chosen.set_fsync("interval:250") && chosen.fsync == fsync_policy::interval));
    CHECK(chosen.interval == 250);
    CHECK((chosen.set_fsync("no") && chosen.fsync == fsync_policy::no));
    CHECK((chosen.set_fsync("group") && chosen.fsync == fsync_policy::group));
    for (const char* word :
         {"", "Always", "interval:", "interval:0", "interval:3600001", "interval:1x"})
        CHECK(!chosen.set_fsync(word));
    CHECK(chosen.fsync == fsync_policy::group);
}
