// SPDX-License-Identifier: BSL-1.0
// Stores that version 1 of the formats has written, kept for ever (G20): they open with all that
// they held; every changed bit and every lost end of their files is noticed (G5), by opening and by
// verify_log. ASHLAR_WRITE_GOLDEN=1 writes them again, which is right only before a release.
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/verify.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace ashlar;

using texts = store<std::string, std::string, raw, sorted_map<>, stamped, lazy_ttl, logged<>,
                    simulated, single>;
constexpr open_options at{.directory = "db"};
constexpr std::uint64_t some_day = 4'000'000'000'000'000'000; // in 2096

using picture = std::map<std::string, std::string>; // value, version and expiry by key

const auto home = std::filesystem::path(__FILE__).parent_path() / ".." / "golden" / "v1";

picture picture_of(const texts& db) {
    picture all;
    REQUIRE(db.for_each([&](const std::string& key, const std::string& value) {
        const auto version = db.version_of(key);
        const auto left = db.ttl_of(key);
        all[key] = value + " v" + std::to_string(version.value_or(0)) +
                   (left && left->expires ? " expires" : "");
    }));
    return all;
}

/// What has been done to both stores, state by state.
std::vector<picture> write(texts& db, int batches) {
    std::vector<picture> states{picture_of(db)};
    for (int i = 0; i < batches; ++i) {
        auto batch = texts::batch();
        batch.put("count", std::to_string(i + 1));
        batch.put("key" + std::to_string(i % 4), std::string(static_cast<std::size_t>(i * 5), 'v'));
        if (i % 3 == 2) batch.erase("key" + std::to_string((i + 1) % 4));
        REQUIRE(db.apply(batch));
        states.push_back(picture_of(db));
        if (i == 2 || i == 5) REQUIRE(db.checkpoint());
    }
    REQUIRE(db.put("mortal", "for a while", wall_time{some_day}));
    states.push_back(picture_of(db));
    return states;
}

void keep(const simulated_world& world, const char* name) {
    std::filesystem::create_directories(home / name);
    for (const std::string& file : world.files()) {
        const auto bytes = world.contents(file);
        std::ofstream out{home / name / file.substr(3), std::ios::binary | std::ios::trunc};
        out.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
    }
}

void load(simulated_world& world, const char* name) {
    REQUIRE(simulated{world}.make_directory("db"));
    for (const auto& file : std::filesystem::directory_iterator{home / name}) {
        std::ifstream in{file.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        const auto* const bytes = reinterpret_cast<const std::byte*>(text.data());
        world.overwrite("db/" + file.path().filename().string(), {bytes, bytes + text.size()});
    }
}

/// A lock file says who has the store open, and has no part in what it holds.
bool holds_data(const std::string& file) { return file != "db/ashlar.lock"; }

struct alterations {
    std::size_t tried = 0;
    std::size_t refused = 0;
    std::size_t unseen_by_verify = 0;
};

/// Every bit of every file flipped, every file cut off at every byte; judge(store) for those that
/// open all the same.
template <class Judge>
alterations alter(const simulated_world& sound, Judge judge) {
    alterations done;
    std::string uuid = "0123456789abcdef";
    for (const std::string& file : sound.files())
        if (file == "db/ashlar.manifest") {
            const auto bytes = sound.contents(file);
            uuid.assign(reinterpret_cast<const char*>(bytes.data()) + 16, 16);
        }
    for (const std::string& file : sound.files()) {
        if (!holds_data(file)) continue;
        const auto whole = sound.contents(file);
        for (std::size_t i = 0; i < whole.size() * 9; i += ashlar_test::stride) {
            auto bytes = whole;
            if (i < whole.size() * 8) bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
            else bytes.resize(i - whole.size() * 8);
            simulated_world altered{sound};
            const simulated_world::presence here{altered};
            altered.overwrite(file, bytes);
            ++done.tried;
            std::size_t flaws = 0;
            const simulated environment;
            const auto census = verify_log(environment, "db", bytes_view{uuid},
                                           [&](const flaw& f) { flaws += f.reason.size() != 0; });
            const bool is_manifest = file == "db/ashlar.manifest";
            if (!is_manifest && (!census || (flaws == 0 && census->closed)))
                ++done.unseen_by_verify;
            error_detail detail;
            auto db = texts::open({.directory = "db", .create = false, .detail = &detail});
            if (db) {
                if (!judge(*db)) FAIL("wrong rows after alteration " << i << " of " << file);
                continue;
            }
            ++done.refused;
            const auto e = db.error();
            if (e != errc::corrupt && e != errc::foreign && e != errc::unsupported_version)
                FAIL("alteration " << i << " of " << file << ": " << name_of(e.code));
            if (detail.message.empty()) FAIL("no sentence for " << i << " of " << file);
        }
    }
    return done;
}

} // namespace

TEST_CASE("golden: a closed store of format 1 opens, and every altered bit of it is noticed") {
    const bool writes = std::getenv("ASHLAR_WRITE_GOLDEN") != nullptr;
    simulated_world maker{2026};
    picture expected;
    {
        const simulated_world::presence here{maker};
        auto db = texts::open(at);
        REQUIRE(db);
        expected = write(*db, 8).back();
        REQUIRE(db->close());
        if (writes) keep(maker, "closed");
    }
    simulated_world kept{1};
    const simulated_world::presence here{kept};
    load(kept, "closed");
    const simulated_world sound{kept};
    {
        auto db = texts::open(at);
        REQUIRE(db);
        CHECK(picture_of(*db) == expected);
        CHECK(db->recovered().closed_well);
        CHECK(db->recovered().bad_snapshots == 0);
        REQUIRE(db->put("key0", "goes on"));
        REQUIRE(db->close());
    }
    const auto done = alter(sound, [&](const texts& db) { return picture_of(db) == expected; });
    CHECK(done.tried > ashlar_test::effort(10'000));
    CHECK(done.refused > done.tried / 4); // the rest stood in a snapshot that has an older one
    CHECK(done.unseen_by_verify == 0);
}

TEST_CASE("golden: a store of format 1 that a crash has left opens up to its torn end") {
    const bool writes = std::getenv("ASHLAR_WRITE_GOLDEN") != nullptr;
    simulated_world maker{2027};
    std::vector<picture> states;
    {
        const simulated_world::presence here{maker};
        auto db = texts::open(at);
        REQUIRE(db);
        states = write(*db, 5);
        REQUIRE(db->put("torn", "away"));
        std::string last;
        for (const std::string& file : maker.files())
            if (file.rfind("db/log-", 0) == 0) last = file;
        auto bytes = maker.contents(last);
        bytes.resize(bytes.size() - 3);
        maker.kill_process();
        maker.overwrite(last, bytes);
        if (writes) keep(maker, "crashed");
    }
    simulated_world kept{1};
    const simulated_world::presence here{kept};
    load(kept, "crashed");
    const simulated_world sound{kept};
    {
        auto db = texts::open(at);
        REQUIRE(db);
        CHECK(picture_of(*db) == states.back());
        CHECK(db->recovered().torn != 0);
        CHECK_FALSE(db->recovered().closed_well);
    }
    // What was not sealed may end earlier, but only where a commit did.
    const auto done = alter(sound, [&](const texts& db) {
        return std::find(states.begin(), states.end(), picture_of(db)) != states.end();
    });
    CHECK(done.refused > 0);
}
