// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/store.hpp>

#include <map>
#include <string>

namespace {

using namespace ashlar;

// Nothing is left of it but in simulated worlds: it is a constant.
static_assert(fault_source<simulated> && !fault_source<posix> && !fault_source<bare>);
static_assert(reach<fault_point::queue_memory>(posix{}).has_value());
static_assert(reach<fault_point::queue_memory>(bare{}).has_value());

using texts = store<std::string, std::string, hash_map<>, logged<>, simulated, shared>;

constexpr fault_point all_points[] = {
    fault_point::queue_memory,      fault_point::lane_opened,     fault_point::snapshot_published,
    fault_point::snapshots_dropped, fault_point::snapshot_loaded, fault_point::log_replayed};
static_assert(std::size(all_points) == fault_points);

/// What a store was told: keys have the values that were acknowledged, or those tried since.
struct history {
    std::map<std::string, std::string> acknowledged;
    std::map<std::string, std::string> tried;
    std::size_t refused = 0;

    void put(texts& db, const std::string& key, const std::string& value) {
        tried[key] = value;
        if (db.put(key, value)) acknowledged[key] = value;
        else ++refused;
    }
    /// One process: opens, writes with three checkpoints in between, and ends without closing.
    void live(int run) {
        auto db = texts::open({.directory = "db"},
                              logged_options{.queue_size = 4096, .keep_snapshots = 1});
        if (!db) {
            ++refused;
            return;
        }
        for (int i = 0; i < 12; ++i) {
            put(*db, "key" + std::to_string(run * 4 + i % 5), std::to_string(i));
            if (i % 4 == 1) put(*db, "long" + std::to_string(i), std::string(100'000, 'l'));
            if (i % 4 == 3) refused += !db->checkpoint();
        }
    }
    /// What a store that was opened without any fault shows beside what it should.
    [[nodiscard]] std::string wrong_in(const texts& db) const {
        for (const auto& [key, value] : acknowledged) {
            const auto found = db.get(key);
            if (!found) return key + " is gone";
            if (*found != value && *found != tried.at(key)) return key + " has another value";
        }
        std::string wrong;
        const auto shown = db.for_each([&](const std::string& key, const std::string&) {
            if (tried.count(key) == 0) wrong = key + " was never put";
        });
        return shown ? wrong : "the rows can't be read";
    }
};

} // namespace

TEST_CASE("fault_point: a logged store comes by every one of them") {
    simulated_world world{1};
    const simulated_world::presence here{world};
    history past;
    past.live(0);
    for (int run = 1; run < 3; ++run) {
        world.kill_process();
        past.live(run);
    }
    CHECK(past.refused == 0);
    for (const fault_point at : all_points) CHECK(world.reached(at) >= 2);
}

TEST_CASE("fault_point: failing once or for ever at any of them loses nothing acknowledged") {
    for (const fault_point at : all_points)
        for (const bool sticky : {false, true})
            for (const power_loss loss : {power_loss::everything, power_loss::nothing}) {
                INFO("point " << static_cast<int>(at) << (sticky ? " sticky" : ""));
                simulated_world world{2};
                const simulated_world::presence here{world};
                history past;
                const bool late =
                    at == fault_point::snapshot_loaded || at == fault_point::log_replayed;
                if (late) past.live(0), world.kill_process(); // reached when there is something
                world.plan.fail_at_point = at;
                world.plan.failure = {errc::out_of_memory};
                world.plan.sticky = sticky;
                past.live(1);
                CHECK(world.reached(at) >= 1);
                // Without its files there is one lane: that is no error.
                if (sticky || at != fault_point::lane_opened) CHECK(past.refused != 0);
                else CHECK(past.refused == 0);
                world.lose_power(loss, 3);
                {
                    const auto db = texts::open({.directory = "db"}, logged_options{});
                    REQUIRE(db);
                    CHECK(past.wrong_in(*db) == "");
                }
                past.refused = 0; // and the store is as good as any
                past.live(2);
                CHECK(past.refused == 0);
            }
}

TEST_CASE("fault_point: a snapshot that was published counts, though its checkpoint failed") {
    simulated_world world{4};
    const simulated_world::presence here{world};
    auto db = texts::open({.directory = "db"}, logged_options{.keep_snapshots = 1});
    REQUIRE(db);
    REQUIRE(db->put("k", "v"));
    REQUIRE(db->checkpoint());
    REQUIRE(db->put("k", "w"));
    world.plan.fail_at_point = fault_point::snapshot_published;
    world.plan.failure = {errc::io};
    CHECK_FALSE(db->checkpoint());
    CHECK(db->put("l", "x")); // the log is none the worse for it
    world.lose_power(power_loss::everything, 5);
    db = texts::open({.directory = "db"}, logged_options{.keep_snapshots = 1});
    REQUIRE(db);
    CHECK(db->recovered().rows == 1);
    CHECK(db->recovered().bad_snapshots == 0);
    CHECK(db->get("k").value() == "w");
    CHECK(db->get("l").value() == "x");
    CHECK(db->checkpoint()); // and drops what the first had no time for
    CHECK(world.files().size() < 7);
}
