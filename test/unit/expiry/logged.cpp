// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/expiry/evicting.hpp>

#include <optional>

using namespace ashlar_test;

namespace {

template <class... Policies>
using logged_counters = ashlar::store<std::string, std::int64_t, ashlar::sorted_map<>,
                                      ashlar::simulated, ashlar::logged<>, Policies...>;

} // namespace

TEMPLATE_TEST_CASE(
    "K-41 G16 expiry under a log: absolute times, and what sweeps erased stays gone", "",
    (logged_counters<ashlar::lazy_ttl>), (logged_counters<ashlar::lazy_ttl, ashlar::stamped>),
    (logged_counters<ashlar::evicting<ashlar::s3_fifo, 1 << 20, ashlar::lazy_ttl>>)) {
    const timed_world at;
    {
        auto store = TestType::open({.directory = "db"});
        REQUIRE(store);
        REQUIRE(store->put("short", 1, 1h));
        REQUIRE(store->put("long", 2, 5h));
        REQUIRE(store->put("swept", 3, 1s));
        at.pass(1s);
        CHECK(store->sweep().value_or(0) == 1);
        REQUIRE(store->checkpoint());                    // half is in the snapshot, half in the log
        CHECK(store->add("long", 40).value_or(0) == 42); // keeps its expiry, also when replayed
        CHECK(store->compare_exchange("short", 1, 10).value_or(false));
        REQUIRE(store->put("stays", 5));
        CHECK(store->expire_after("stays", 10h).value_or(false));
        REQUIRE(store->close());
    }
    at.pass(2h);
    auto store = TestType::open({.directory = "db"});
    REQUIRE(store);
    CHECK_FALSE(store->contains("short").value_or(true));
    CHECK_FALSE(store->contains("swept").value_or(true));
    CHECK(store->get("long").value_or(0) == 42);
    CHECK(store->get("stays").value_or(0) == 5);
    const auto left = store->ttl_of("long");
    REQUIRE(left);
    CHECK(left->nanoseconds <= 3 * 3'600'000'000'000U);
    CHECK(left->nanoseconds > 2 * 3'600'000'000'000U);
    at.pass(3h);
    CHECK_FALSE(store->contains("long").value_or(true));
    CHECK(store->ttl_of("stays").value_or(ashlar::face::time_left{}).expires);
    // What a sweep has erased is gone, wherever the clock is set before the next start.
    CHECK(store->sweep().value_or(0) == 2);
    REQUIRE(store->close());
    at.set_wall(-10h);
    auto again = TestType::open({.directory = "db"});
    REQUIRE(again);
    for (const char* key : {"short", "swept", "long"})
        CHECK_FALSE(again->contains(key).value_or(true));
    CHECK(again->contains("stays").value_or(false));
}

TEST_CASE("evicting under a log: evictions are replayed, and rows of earlier runs count") {
    using store_type = logged_counters<ashlar::evicting<ashlar::lru, 100'000>>;
    const timed_world at;
    std::size_t rows = 0;
    const auto count = [&](store_type& store) {
        std::size_t n = 0;
        REQUIRE(store.for_each([&](const auto&, const auto&) { ++n; }));
        return n;
    };
    {
        auto store = store_type::open({.directory = "db"});
        REQUIRE(store);
        for (int i = 0; i < 3000; ++i) REQUIRE(store->put("k" + std::to_string(i), i));
        rows = count(*store);
        CHECK(rows < 1000);
        CHECK(store->stack().evicting().evicted() == 3000 - rows);
        REQUIRE(store->close());
    }
    auto store = store_type::open({.directory = "db"});
    REQUIRE(store);
    CHECK(count(*store) == rows);
    REQUIRE(store->put("new", 1));
    CHECK(store->stack().evicting().used() <= 100'000);
    CHECK(count(*store) + 2 > rows);
    // Who does not wait for the disk pays for evictions as well.
    const std::size_t before = store->stack().evicting().evicted();
    auto one = store->batch();
    for (int i = 0; i < 500; ++i) {
        one.clear();
        one.put("later" + std::to_string(i), i);
        REQUIRE(store->submit(one));
        REQUIRE(store->stack().evicting().used() <= 100'000);
    }
    CHECK(store->stack().evicting().evicted() >= before + 490);
}

// --- G16, K-17, K-18: a wall clock that was set back between two runs brings nothing back --------

namespace {

using mortal = logged_counters<ashlar::lazy_ttl>;

mortal reopened(timed_world& at, bool crashed) {
    if (crashed) at.lose_power();
    auto store = mortal::open({.directory = "db"});
    if (!store) FAIL("the store does not open: " << ashlar::name_of(store.error().code));
    return std::move(*store);
}

} // namespace

TEST_CASE("G16 K-17 what a read has found gone stays gone after a loss of power and a wall clock "
          "that was set back") {
    timed_world at;
    std::optional<mortal> store{reopened(at, false)};
    REQUIRE(store->put("seen", 1, 10s));
    REQUIRE(store->put("unseen", 2, 5s));
    REQUIRE(store->put("later", 3, 1h));
    REQUIRE(store->put("stays", 4));
    at.pass(20s);
    SECTION("a read") { CHECK_FALSE(store->contains("seen").value_or(true)); }
    SECTION("a scan") {
        int shown = 0;
        REQUIRE(store->for_each([&](const auto&, const auto&) { ++shown; }));
        CHECK(shown == 2);
    }
    SECTION("an insertion that finds its place free") {
        CHECK(store->insert("seen", 10, 1h).value_or(false));
        CHECK(store->erase("seen").value_or(false));
    }
    SECTION("a snapshot") { REQUIRE(store->snapshot()); }
    SECTION("nothing but a later commit") { REQUIRE(store->put("other", 5)); }
    SECTION("a commit whose record a checkpoint has made dispensable") {
        REQUIRE(store->put("other", 5));
        for (int i = 0; i < 3; ++i) REQUIRE(store->checkpoint());
    }
    store.reset();
    at.set_wall(-24h);
    store.emplace(reopened(at, true));
    for (const char* key : {"seen", "unseen"}) CHECK_FALSE(store->contains(key).value_or(true));
    for (const char* key : {"later", "stays"}) CHECK(store->contains(key).value_or(false));
    // What is put now lives exactly as long as it was told to, and what was there goes in its time.
    REQUIRE(store->put("new", 6, 10s));
    at.pass(9s);
    CHECK(store->contains("new").value_or(false));
    at.pass(1s);
    CHECK_FALSE(store->contains("new").value_or(true));
    at.pass(1h);
    CHECK_FALSE(store->contains("later").value_or(true));
    CHECK(store->contains("stays").value_or(false));
}

TEST_CASE("G16 a wall clock that jumps ahead for a moment leaves no note, and one that is right "
          "costs no life") {
    timed_world at;
    std::optional<mortal> store{reopened(at, false)};
    REQUIRE(store->put("hour", 1, 1h));
    at.set_wall(24h * 365);
    REQUIRE(store->put("stays", 2));
    REQUIRE(store->close());
    at.set_wall(-24h * 365);
    for (const bool crashed : {false, true}) {
        store.reset();
        store.emplace(reopened(at, crashed));
        CHECK(store->contains("hour").value_or(false));
        CHECK(store->ttl_of("hour").value_or(ashlar::face::time_left{}).nanoseconds >
              3'590'000'000'000U);
    }
}

TEST_CASE("G16 K-18 a store that is opened and only looked at writes nothing") {
    timed_world at;
    REQUIRE(reopened(at, false).put("short", 1, 1s));
    const auto before = at.files();
    at.pass(1h);
    {
        auto store = reopened(at, false);
        CHECK_FALSE(store.contains("absent").value_or(true));
        REQUIRE(store.close());
    }
    CHECK(at.files() == before);
}

// Without jumps ahead two things must hold, whatever is crashed, closed or set back in between:
// what was once found gone is never found again, and nothing goes before its time.
TEST_CASE("G16 random lives, crashes, restarts and backward clocks") {
    constexpr int keys = 8;
    struct life {
        std::uint64_t ends = 0; ///< by a clock that is never set; 0: not put
        bool gone = true;
    };
    std::uint64_t looks = 0, restarts = 0, set_back = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        timed_world at;
        ashlar::simulated_parts::random dice{seed};
        life lives[keys];
        std::optional<mortal> store{reopened(at, false)};
        for (int step = 0; step < 1'500; ++step) {
            const auto k = static_cast<std::size_t>(dice.below(keys));
            const std::string key(1, static_cast<char>('a' + k));
            at.pass(std::chrono::nanoseconds{dice.below(2'000'000'000)});
            switch (dice.below(16)) {
            case 0: at.set_wall(-std::chrono::seconds{1 + dice.below(100)}), ++set_back; break;
            case 1:
            case 2: {
                const bool crash = dice.one_in(2);
                if (!crash) REQUIRE(store->close());
                store.reset();
                if (dice.one_in(2)) at.set_wall(-std::chrono::hours{1 + dice.below(100)});
                store.emplace(reopened(at, crash));
                ++restarts;
                break;
            }
            case 3: REQUIRE(store->checkpoint()); break;
            case 4:
            case 5:
            case 6: {
                const auto ttl = 1 + dice.below(60'000'000'000);
                lives[k] = {at.elapsed() + ttl, false};
                REQUIRE(store->put(key, 1, ashlar::time_to_live::of_nanoseconds(ttl)));
                break;
            }
            default: {
                const bool there = store->contains(key).value_or(false);
                ++looks;
                if (there && lives[k].gone) FAIL(key << " came back, seed " << seed);
                if (!there && !lives[k].gone && at.elapsed() < lives[k].ends)
                    FAIL(key << " went too early, seed " << seed);
                if (!there) lives[k].gone = true;
            }
            }
        }
    }
    CHECK(looks > 9'000);
    CHECK(restarts > 1'500);
    CHECK(set_back > 800);
}
