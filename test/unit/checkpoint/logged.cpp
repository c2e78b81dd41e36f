// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/feed/bounded_events.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/quota/memory_limit.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>

namespace {

using namespace ashlar;

template <class Backend, class Sync, class... More>
using texts = store<std::string, std::string, Backend, logged<Sync>, simulated, More...>;
using sorted_texts = texts<sorted_map<>, sync::group, single>;
using hashed_texts = texts<hash_map<>, sync::group, single>;

constexpr open_options at{.directory = "db"};

struct place {
    simulated_world world;
    simulated_world::presence here{world};
    explicit place(std::uint64_t seed = 1) : world{seed} {}

    [[nodiscard]] std::size_t count_of(const std::string& prefix) const {
        std::size_t n = 0;
        for (const std::string& file : world.files())
            if (file.rfind("db/" + prefix, 0) == 0) ++n;
        return n;
    }
};

template <class Store>
std::map<std::string, std::string> rows_of(const Store& db) {
    std::map<std::string, std::string> all;
    REQUIRE(db.for_each([&](const std::string& k, const std::string& v) { all[k] = v; }));
    return all;
}

/// f() while the process can open no files. It checks nothing itself: sanitizers that look at what
/// Catch2 makes for a check open pipes.
template <class F>
auto without_files(F f) {
    struct ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct ::rlimit none = before;
    none.rlim_cur = 0;
    const bool limited = ::setrlimit(RLIMIT_NOFILE, &none) == 0;
    const auto answer = f();
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &before));
    REQUIRE(limited);
    return answer;
}

std::string key_of(int i) { return "key" + std::to_string(i % 37); }

template <class Store>
void change(Store& db, std::map<std::string, std::string>& model, int from, int to) {
    for (int i = from; i < to; ++i) {
        if (i % 5 == 4) {
            REQUIRE(db.erase(key_of(i - 2)));
            model.erase(key_of(i - 2));
        } else {
            const std::string value =
                std::to_string(i) + std::string(static_cast<std::size_t>(i) % 50, '.');
            REQUIRE(db.put(key_of(i), value));
            model[key_of(i)] = value;
        }
    }
}

} // namespace

TEMPLATE_TEST_CASE("logged: what was acknowledged survives losses of power and restarts", "",
                   sorted_texts, hashed_texts) {
    place p;
    std::map<std::string, std::string> model;
    for (int run = 0; run < 6; ++run) {
        {
            auto db = TestType::open(at, logged_options{.segment_size = 900});
            REQUIRE(db);
            CHECK(rows_of(*db) == model);
            change(*db, model, 100 * run, 100 * run + 100);
            if (run % 2 == 1) REQUIRE(db->checkpoint());
            change(*db, model, 7 * run, 7 * run + 20);
            if (run % 3 == 2) REQUIRE(db->close());
            if (run % 3 != 2) p.world.lose_power(power_loss::everything, 1);
        }
    }
    auto db = TestType::open(at);
    REQUIRE(db);
    CHECK(rows_of(*db) == model);
    CHECK(p.count_of("snapshot-") == 2);
    CHECK(db->recovered().snapshot != 0);
    CHECK(db->recovered().bad_snapshots == 0);
}

TEST_CASE("logged: a snapshot is written over the room of one that was dropped") {
    place p;
    std::map<std::string, std::string> model;
    std::uint64_t before = 0;
    for (int run = 0; run < 3; ++run) {
        auto db = hashed_texts::open(at, logged_options{.keep_snapshots = 1});
        REQUIRE(db);
        CHECK(rows_of(*db) == model);
        CHECK(p.count_of("snapshot.new") ==
              (run == 1 ? 1 : 0)); // opening gives it back, if not closed
        for (int i = 0; i < 5; ++i) {
            if (i % 2 == 0) {
                change(*db, model, 0, 200);
            } else {
                REQUIRE(db->clear());
                model.clear();
            }
            const auto made = db->checkpoint();
            REQUIRE(made);
            for (const std::string& file : p.world.files()) {
                const auto size = p.world.contents(file).size();
                if (file.rfind("db/snapshot-", 0) == 0) CHECK(size == made->bytes);
                if (file == "db/snapshot.new") CHECK(size == before);
            }
            before = made->bytes;
        }
        CHECK(p.count_of("snapshot.new") == 1);
        if (run == 0) REQUIRE(db->close());
        p.world.lose_power(power_loss::everything, 1);
    }
}

TEST_CASE(
    "logged: a snapshot stands for the log before it, and the newest that is sound is taken") {
    place p;
    std::map<std::string, std::string> model;
    {
        auto db = sorted_texts::open(at, logged_options{.segment_size = 500});
        REQUIRE(db);
        change(*db, model, 0, 100);
        CHECK(p.count_of("log-") > 5);
        const auto first = db->checkpoint();
        REQUIRE(first);
        CHECK(first->rows == model.size());
        change(*db, model, 100, 150);
        REQUIRE(db->checkpoint());
        change(*db, model, 150, 160);
        const auto third = db->checkpoint();
        REQUIRE(third);
        change(*db, model, 160, 170);
        CHECK(p.count_of("snapshot-") == 2);
        REQUIRE(db->close());
    }
    const simulated_world sound{p.world};
    std::string newest;
    for (const std::string& file : sound.files())
        if (file.rfind("db/snapshot-", 0) == 0) newest = file;
    const auto whole = sound.contents(newest);
    for (std::size_t i = 0; i < whole.size(); i += 3) {
        simulated_world altered{sound};
        const simulated_world::presence here{altered};
        auto bytes = whole;
        bytes[i] ^= std::byte{0x10};
        altered.overwrite(newest, bytes);
        auto db = sorted_texts::open(at);
        REQUIRE(db);
        CHECK(rows_of(*db) == model);
        CHECK(db->recovered().bad_snapshots == 1);
    }
    for (const std::string& file : sound.files()) {
        if (file.rfind("db/snapshot-", 0) != 0) continue;
        auto bytes = sound.contents(file);
        bytes[bytes.size() / 2] ^= std::byte{1};
        p.world.overwrite(file, bytes);
    }
    error_detail detail;
    const auto before = p.world.files();
    auto db = sorted_texts::open({.directory = "db", .detail = &detail});
    CHECK(db.error() == errc::corrupt);
    CHECK(std::string{detail.message.c_str()}.find("snapshot") != std::string::npos);
    CHECK(p.world.files() == before);
}

TEST_CASE("logged: a snapshot that was passed over is not kept in place of a sound one") {
    for (const std::size_t keep : {1U, 2U, 3U})
        for (const std::string damaged : {"0000000000000005", "ffffffffffffffff"}) {
            place p;
            std::map<std::string, std::string> model;
            const logged_options options{.keep_snapshots = keep};
            {
                auto db = sorted_texts::open(at, options);
                REQUIRE(db);
                for (int i = 0; i < 4; ++i) {
                    change(*db, model, 20 * i, 20 * i + 20);
                    REQUIRE(db->checkpoint());
                }
                REQUIRE(db->close());
            }
            const bool was_there = p.count_of("snapshot-" + damaged) == 1;
            if (keep == 1 && was_there) continue; // nothing to fall back to
            p.world.overwrite("db/snapshot-" + damaged, std::vector<std::byte>(100));
            {
                auto db = sorted_texts::open(at, options);
                REQUIRE(db);
                CHECK(db->recovered().bad_snapshots == 1);
                change(*db, model, 80, 100);
                REQUIRE(db->checkpoint());
                change(*db, model, 100, 120);
                CHECK(rows_of(*db) == model);
                REQUIRE(db->close());
            }
            CHECK(p.count_of("snapshot-") == keep);
            auto db = sorted_texts::open(at, options);
            REQUIRE(db);
            CHECK(db->recovered().bad_snapshots == 0);
            CHECK(rows_of(*db) == model);
        }
}

TEST_CASE("logged: damage in the log is refused by file and byte, and repaired on request only") {
    place p;
    std::map<std::string, std::string> model;
    {
        auto db = hashed_texts::open(at, logged_options{.segment_size = 700});
        REQUIRE(db);
        change(*db, model, 0, 60);
        REQUIRE(db->close());
    }
    const std::string victim = "db/log-0000000000000003";
    auto bytes = p.world.contents(victim);
    REQUIRE(bytes.size() > 300);
    bytes[300] ^= std::byte{4};
    p.world.overwrite(victim, bytes);
    error_detail detail;
    const auto refused = hashed_texts::open({.directory = "db", .detail = &detail});
    CHECK(refused.error() == errc::corrupt);
    const std::string sentence = detail.message.c_str();
    CHECK(sentence.find("db/log-0000000000000003") != std::string::npos);
    CHECK(detail.position >= 64);
    CHECK(detail.position <= 300);
    {
        auto db = hashed_texts::open(at, logged_options{.repair = true});
        REQUIRE(db);
        CHECK(db->recovered().repaired);
        CHECK(rows_of(*db).size() > 3);
        CHECK(db->put("later", "x"));
        CHECK(p.world.contents(victim + ".damaged") == bytes);
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = hashed_texts::open(at);
    REQUIRE(db);
    CHECK_FALSE(db->recovered().repaired);
    CHECK(db->get("later").value_or("") == "x");
}

TEST_CASE("logged: the wrong directory, other formats and a second owner are refused") {
    place p;
    {
        auto db = sorted_texts::open(at);
        REQUIRE(db);
        CHECK(db->put("a", "1"));
        CHECK(sorted_texts::open(at).error() == errc::locked);
    }
    error_detail detail;
    using other =
        store<std::string, std::string, sorted_map<>, logged<>, stamped, simulated, single>;
    CHECK(other::open({.directory = "db", .detail = &detail}).error() == errc::foreign);
    CHECK(sorted_texts::open({}).error() == errc::invalid_argument);
    CHECK(sorted_texts::open({.directory = "none", .create = false}).error() ==
          errc::no_such_store);
    CHECK(sorted_texts::open({.directory = "db", .must_be_new = true}).error() ==
          errc::already_exists);
    // Another sync model is no other format.
    using relaxed = texts<sorted_map<>, sync::none, single>;
    auto db = relaxed::open(at);
    REQUIRE(db);
    CHECK(db->get("a").value_or("") == "1");
}

TEST_CASE("logged: what a process forks does not touch the store, whatever it does with it") {
    using files = store<std::string, std::string, hash_map<>, logged<sync::none>, posix, single>;
    const ashlar::testing::scratch disk;
    const std::string path = disk / "db";
    std::map<std::string, std::string> model;
    for (int run = 0; run < 2;
         ++run) { // which begins with a new log, then with one that was closed
        auto db = files::open({.directory = path});
        REQUIRE(db);
        const auto fork_and_close = [&](bool puts) {
            const ::pid_t child = ::fork();
            if (child == 0) {
                if (puts) static_cast<void>(db->put("a child's", "row"));
                if (puts) static_cast<void>(db->checkpoint());
                static_cast<void>(db->close());
                ::_exit(0);
            }
            int status = -1;
            REQUIRE(::waitpid(child, &status, 0) == child);
            CHECK(status == 0);
        };
        fork_and_close(run == 0);
        change(*db, model, 0, 50);
        fork_and_close(false);
        change(*db, model, 50, 90);
        fork_and_close(true);
        change(*db, model, 90, 100);
        CHECK_FALSE(files::open({.directory = path}));
        REQUIRE(db->close());
        db = files::open({.directory = path});
        REQUIRE(db);
        CHECK(rows_of(*db) == model);
        CHECK(db->recovered().closed_well);
        if (run == 0) continue;
        const ::pid_t child = ::fork(); // while the log rests
        if (child == 0) ::_exit(db->put("a child's", "row").error() == errc::locked ? 0 : 1);
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
}

TEMPLATE_TEST_CASE("logged: while no files can be opened the log gets longer, then changes wait",
                   "", sync::group, sync::none) {
    using files = store<std::string, std::string, hash_map<>, logged<TestType>, posix, single>;
    const ashlar::testing::scratch disk;
    const std::string path = disk / "db";
    const logged_options small{.segment_size = 2000, .queue_size = 400};
    const error refusal{errc::io, EMFILE};
    std::map<std::string, std::string> model;
    for (int run = 0; run < 2; ++run) {
        auto db = files::open({.directory = path}, small);
        REQUIRE(db);
        if (run == 1) // the log was closed: it has no segment to write to
            CHECK(without_files([&] { return db->put("a", "b").error(); }) == refusal);
        change(*db, model, 0, 100);
        const auto segment = db->stack().log().position().segment;
        CHECK(without_files([&] { return db->checkpoint().error(); }) == refusal);
        const int longer = without_files([&] {
            int puts = 0;
            while (db->put("more", "1")) ++puts;
            return puts;
        });
        if (TestType::waits) CHECK(longer > 10);
        CHECK(without_files([&] { return db->put("more", "2").error(); }) == refusal);
        CHECK(db->stack().log().position().segment == segment);
        model["more"] = "2"; // such an error says that it is done, and may not last
        CHECK(rows_of(*db) == model);
        change(*db, model, 200, 300);
        model["more"] = "3";
        REQUIRE(db->put("more", "3"));
        REQUIRE(db->checkpoint());
        change(*db, model, 300, 310);
        CHECK(without_files([&] { return db->close().error(); }) == refusal);
        db = files::open({.directory = path}, small);
        REQUIRE(db);
        CHECK(rows_of(*db) == model);
        CHECK_FALSE(db->recovered().closed_well);
    }
}

TEST_CASE("logged: a segment of another store is refused") {
    place p;
    for (const char* name : {"one", "two"}) {
        auto db = sorted_texts::open({.directory = name});
        REQUIRE(db);
        CHECK(db->put("a", name));
    }
    p.world.overwrite("one/log-0000000000000001", p.world.contents("two/log-0000000000000001"));
    CHECK(sorted_texts::open({.directory = "one"}).error() == errc::foreign);
}

TEST_CASE("logged: read-only shows everything and changes no byte") {
    place p;
    std::map<std::string, std::string> model;
    {
        auto db = hashed_texts::open(at);
        REQUIRE(db);
        change(*db, model, 0, 30);
        p.world.kill_process();
    }
    const auto changes = p.world.changes();
    auto db = hashed_texts::open({.directory = "db", .read_only = true});
    REQUIRE(db);
    CHECK(rows_of(*db) == model);
    CHECK(db->put("x", "y").error() == errc::read_only);
    CHECK(db->checkpoint().error() == errc::read_only);
    CHECK(db->sync());
    CHECK(db->close());
    CHECK(p.world.changes() == changes);
}

TEST_CASE("logged: versions are never given out twice, whatever was lost") {
    using versioned = store<std::string, std::string, sorted_map<>, logged<sync::none>, stamped,
                            simulated, single>;
    place p;
    std::uint64_t greatest = 0;
    for (int run = 0; run < 4; ++run) {
        auto db = versioned::open(at);
        REQUIRE(db);
        for (int i = 0; i < 5; ++i) {
            REQUIRE(db->put("k", "v"));
            const auto version = db->version_of("k");
            REQUIRE(version);
            CHECK(*version > greatest);
            greatest = *version;
        }
        p.world.lose_power(power_loss::everything, 1);
    }
}

TEST_CASE("logged: without a promise what was not synced may be lost, with sync() nothing is") {
    using relaxed = texts<sorted_map<>, sync::none, single>;
    place p;
    {
        auto db = relaxed::open(at);
        REQUIRE(db);
        CHECK(db->put("a", "1"));
        CHECK(db->sync());
        CHECK(db->put("b", "2"));
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = relaxed::open(at);
    REQUIRE(db);
    CHECK(db->contains("a").value_or(false));
    CHECK_FALSE(db->contains("b").value_or(true));
}

TEST_CASE("logged: a ticket is waited for later; what it answers is durable by its type") {
    place p;
    {
        auto db = hashed_texts::open(at);
        REQUIRE(db);
        const auto syncs = p.world.syncs();
        std::vector<
            std::remove_cvref_t<decltype(*db->submit(std::declval<hashed_texts::batch_type&>()))>>
            tickets;
        for (int i = 0; i < 20; ++i) {
            auto batch = db->batch();
            batch.put(key_of(i), "1").put(key_of(i + 1), "2");
            const auto ticket = db->submit(batch);
            REQUIRE(ticket);
            tickets.push_back(*ticket);
        }
        CHECK(p.world.syncs() == syncs);
        CHECK(db->contains(key_of(20)).value_or(false));
        const auto lasting = tickets.back().wait();
        REQUIRE(lasting);
        CHECK(lasting->sequence() == tickets.back().sequence());
        CHECK(p.world.syncs() == syncs + 1);
        CHECK(tickets.front().wait());
        CHECK(p.world.syncs() == syncs + 1);
        const auto alone = db->submit(key_of(21), "3");
        REQUIRE(alone);
        CHECK(p.world.syncs() == syncs + 1);
        CHECK(alone->wait());
        CHECK(p.world.syncs() == syncs + 2);
        hashed_texts::conflict found;
        auto refused = db->batch();
        refused.expect_absent(key_of(1)).put(key_of(1), "3");
        CHECK(db->submit(refused, &found).error() == errc::conflict);
        CHECK(found.found);
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = hashed_texts::open(at);
    REQUIRE(db);
    CHECK(rows_of(*db).size() == 22);
}

TEMPLATE_TEST_CASE("logged: layers between a store and its log hand on who takes a ticket", "",
                   (texts<hash_map<>, sync::none, shared, bounded_events<>>),
                   (texts<sorted_map<>, sync::interval<1000>, evicting<lru, 1 << 20>>),
                   (texts<hash_map<>, sync::group, stamped, evicting<s3_fifo, 1 << 20, lazy_ttl>,
                          bounded_events<>, counted<>, memory_limit<1 << 20>>)) {
    place p;
    {
        auto db = TestType::open(at);
        REQUIRE(db);
        const auto syncs = p.world.syncs();
        const auto one = db->submit("a", "1");
        REQUIRE(one);
        auto batch = db->batch();
        batch.put("b", "2").erase("a");
        const auto two = db->submit(batch);
        REQUIRE(two);
        CHECK(p.world.syncs() == syncs); // nobody has waited
        CHECK(static_cast<std::uint64_t>(one->sequence()) == 1);
        CHECK(static_cast<std::uint64_t>(two->sequence()) == 2);
        CHECK(two->wait());
        CHECK(p.world.syncs() == syncs + 1);
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = TestType::open(at);
    REQUIRE(db);
    CHECK(rows_of(*db) == std::map<std::string, std::string>{{"b", "2"}});
}

TEST_CASE("logged: a full disk refuses changes, loses none, and reading goes on") {
    place p;
    std::map<std::string, std::string> model;
    std::size_t acknowledged = 0;
    {
        auto db = sorted_texts::open(at, logged_options{.segment_size = 1000});
        REQUIRE(db);
        p.world.plan.capacity = 4000;
        error last{};
        for (int i = 0; i < 200 && last.code == errc::ok; ++i) {
            const auto done = db->put("key" + std::to_string(i), std::string(30, 'v'));
            if (done) ++acknowledged;
            else last = done.error();
        }
        CHECK(last == errc::no_space);
        CHECK(acknowledged > 10);
        CHECK(db->put("later", "x").error() == errc::no_space);
        CHECK(db->contains("key0").value_or(false));
        CHECK(db->close().error() == errc::no_space);
    }
    p.world.plan = {};
    auto db = sorted_texts::open(at);
    REQUIRE(db);
    CHECK(db->size() >= acknowledged);
    CHECK(db->size() <= acknowledged + 1);
    CHECK(db->put("later", "x"));
}

TEST_CASE(
    "logged: what a killed process has left of a snapshot is not what a full disk is full of") {
    place p;
    {
        auto db = sorted_texts::open(at);
        REQUIRE(db);
        REQUIRE(db->put("a", "1"));
        p.world.kill_process();
    }
    for (const char* const name : {"db/snapshot.new", "db/index.new"})
        p.world.overwrite(name, std::vector<std::byte>(5'000));
    REQUIRE(sorted_texts::open({.directory = "db", .read_only = true}));
    CHECK(p.count_of("snapshot.new") == 1);
    p.world.plan.capacity = 10'000; // no room for the segment to go on in
    auto db = sorted_texts::open(at);
    REQUIRE(db);
    CHECK(p.count_of("snapshot.new") + p.count_of("index.new") == 0);
    CHECK(db->put("b", "2"));
    CHECK(rows_of(*db).size() == 2);
}

TEST_CASE("logged: counters, updates in place and ranges survive as what they came to") {
    using counters =
        store<std::uint32_t, std::int64_t, big_endian, sorted_map<>, logged<>, simulated, single>;
    place p;
    {
        auto db = counters::open(at);
        REQUIRE(db);
        for (std::uint32_t i = 0; i < 50; ++i) CHECK(db->add(i % 10, i).has_value());
        CHECK(db->update(3U, [](std::int64_t& v, bool) {
            v = -7;
            return update_action::kind::write;
        }));
        auto batch = db->batch();
        batch.erase_range(5U, 8U).add(1U, 1000);
        CHECK(db->apply(batch));
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = counters::open(at);
    REQUIRE(db);
    CHECK(db->get(0U).value_or(-1) == 0 + 10 + 20 + 30 + 40);
    CHECK(db->get(1U).value_or(-1) == 1 + 11 + 21 + 31 + 41 + 1000);
    CHECK(db->get(3U).value_or(0) == -7);
    CHECK(db->size() == 7);
}

TEST_CASE("logged: snapshots are taken while threads write, and every acknowledged row is there",
          "[threads]") {
    using rows = store<std::uint64_t, std::uint64_t, hash_map<>, logged<>, simulated>;
    place p;
    std::atomic<std::uint64_t> snapshots{0};
    {
        auto db = rows::open(at, logged_options{.segment_size = 20'000, .queue_size = 2'000});
        REQUIRE(db);
        std::atomic<bool> failed{false};
        std::vector<std::thread> threads;
        for (std::uint64_t t = 0; t < 3; ++t)
            threads.emplace_back([&, t] {
                for (std::uint64_t i = 0; i < 3000; ++i)
                    if (!db->put(t << 32 | i % 500, i)) failed = true;
            });
        while (snapshots < 8)
            if (db->checkpoint()) ++snapshots;
            else failed = true;
        for (std::thread& t : threads) t.join();
        CHECK_FALSE(failed);
        p.world.lose_power(power_loss::everything, 1);
    }
    auto db = rows::open(at);
    REQUIRE(db);
    CHECK(db->size() == 1500);
    for (std::uint64_t t = 0; t < 3; ++t)
        for (std::uint64_t i = 0; i < 500; ++i)
            REQUIRE(db->get(t << 32 | i).value_or(0U) == 2500 + i);
}

TEST_CASE("logged: a store that is closed during a checkpoint leaves its files alone afterwards",
          "[threads]") {
    using rows = store<std::uint64_t, std::uint64_t, hash_map<>, logged<>, simulated>;
    place p;
    auto db = rows::open(at, logged_options{.queue_size = 1 << 20});
    REQUIRE(db);
    auto batch = rows::batch();
    for (std::uint64_t i = 0; i < 20'000; ++i) batch.put(i, i);
    REQUIRE(db->apply(batch));
    std::atomic<bool> begun{false};
    std::thread other{[&] {
        begun = true;
        static_cast<void>(db->checkpoint());
    }};
    while (!begun) std::this_thread::yield();
    CHECK(db->close());
    const std::uint64_t calls = p.world.calls();
    other.join();
    CHECK(p.world.calls() == calls);
    CHECK(rows::open(at)->size() == 20'000);
}

TEST_CASE("logged: closing beside threads that put keeps what they were told", "[threads]") {
    using rows = store<std::uint64_t, std::uint64_t, hash_map<>, logged<>, simulated>;
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
        place p{seed};
        std::uint64_t told[2]{};
        {
            auto db = rows::open(at, logged_options{.segment_size = 2'000, .queue_size = 1'000});
            REQUIRE(db);
            std::atomic<std::uint64_t> puts{0};
            std::vector<std::thread> threads;
            for (std::uint64_t t = 0; t < 2; ++t)
                threads.emplace_back([&, t] {
                    while (db->put(t, told[t] + 1)) ++told[t], ++puts;
                });
            while (puts < 100 * seed) std::this_thread::yield();
            CHECK(db->close());
            for (std::thread& t : threads) t.join();
            p.world.lose_power(power_loss::everything, seed);
        }
        auto db = rows::open(at);
        REQUIRE(db);
        for (std::uint64_t t = 0; t < 2; ++t) CHECK(db->get(t).value_or(0U) >= told[t]);
    }
}
