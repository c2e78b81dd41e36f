// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/checkpoint/log/replay.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/simulated.hpp>

#include <thread>

namespace {

using namespace ashlar;
using namespace ashlar::literals;

template <class Sync, class Concurrency = single>
using log_of = write_ahead_log<simulated, Concurrency, Sync>;

const std::string uuid(16, 'u');

struct place {
    simulated_world world;
    simulated environment{world};
    explicit place(std::uint64_t seed = 1) : world{seed} {
        REQUIRE(environment.make_directory("log"));
        REQUIRE(environment.sync_directory("."));
    }
};

template <class Log>
result<std::uint64_t> add(Log& log, const std::string& text, std::uint64_t sequence) {
    if (const auto room = log.reserve(text.size()); !room) return room.error();
    return log.append(log_record_kind::opaque, sequence, text.size(), text.size(),
                      [&](std::byte* to) {
                          copy_bytes(to, text);
                          return crc32c(text);
                      });
}

struct replayed {
    std::vector<std::string> texts;
    std::vector<log_position> positions;
    result<log_end> end = errc::io;
    error_detail detail;
};

replayed replay(const simulated& environment, std::uint64_t first = 1) {
    replayed seen;
    log_replay<simulated> from{environment, "log", uuid, &seen.detail};
    seen.end = from.run(first, [&](const log_record_view& record, log_position at) {
        seen.texts.push_back(record.payload.as<std::string>());
        seen.positions.push_back(at);
        return result<void>{};
    });
    return seen;
}

std::string text_of(std::size_t i) { return std::to_string(i) + std::string(i * 7 % 90, 'x'); }

template <class Log>
void reopen(Log& log, const replayed& seen) {
    REQUIRE(seen.end);
    REQUIRE(log.resume("log", uuid, *seen.end));
}

} // namespace

TEST_CASE("log: what was waited for is replayed, in order, over segments and reopenings") {
    place p;
    std::vector<std::string> all;
    for (int run = 0; run < 4; ++run) {
        log_of<sync::group> log{p.environment, {.segment_size = 600}};
        if (run == 0) REQUIRE(log.create("log", uuid));
        else reopen(log, replay(p.environment));
        for (int i = 0; i < 20; ++i) {
            all.push_back(text_of(all.size()));
            const auto ticket = add(log, all.back(), all.size());
            REQUIRE(ticket);
            REQUIRE(log.wait(*ticket));
        }
        if (run % 2 == 0) REQUIRE(log.close());
        p.world.lose_power(power_loss::everything, 1);
    }
    const auto seen = replay(p.environment);
    REQUIRE(seen.end);
    CHECK(seen.texts == all);
    CHECK(seen.end->records == 80);
    CHECK(seen.end->sequence == 80);
    CHECK(p.world.files().size() > 8);
    CHECK(seen.end->position.segment == p.world.files().size());
}

TEST_CASE("log: each model syncs as often as it says") {
    const auto syncs = [](auto model) {
        place p;
        log_of<decltype(model)> log{p.environment, {}};
        REQUIRE(log.create("log", uuid));
        const auto before = p.world.syncs();
        for (std::size_t i = 0; i < 10; ++i) {
            const auto ticket = add(log, "x", i);
            REQUIRE(ticket);
            REQUIRE(log.acknowledge(*ticket));
            p.world.pass(10'000'000);
        }
        return p.world.syncs() - before;
    };
    CHECK(syncs(sync::each{}) == 10);
    CHECK(syncs(sync::group{}) == 10);
    CHECK(syncs(sync::interval<20>{}) == 4);
    CHECK(syncs(sync::none{}) == 0);
}

// What waited most beside a snapshot were commits that began a sync when one had just ended (C2).
TEST_CASE("log: under interval a sync that takes longer does not make the next commit sync") {
    place p;
    log_of<sync::interval<20>> log{p.environment, {}};
    REQUIRE(log.create("log", uuid));
    p.world.plan.nanoseconds_per_call = 30'000'000;
    const auto before = p.world.syncs();
    const auto commit = [&](std::size_t i) {
        const auto ticket = add(log, "x", i);
        REQUIRE(ticket);
        REQUIRE(log.acknowledge(*ticket));
    };
    p.world.pass(20'000'000);
    for (std::size_t i = 0; i < 10; ++i) commit(i);
    CHECK(p.world.syncs() == before + 1);
    p.world.pass(20'000'000);
    commit(10);
    CHECK(p.world.syncs() == before + 2);
    REQUIRE(log.sync()); // a timer's counts like a commit's
    commit(11);
    CHECK(p.world.syncs() == before + 2); // there was nothing to sync
}

TEST_CASE("log: what was flushed is in the file, without a sync") {
    place p;
    log_of<sync::none> log{p.environment, {}};
    REQUIRE(log.create("log", uuid));
    const auto before = p.world.syncs();
    REQUIRE(add(log, "one", 1));
    REQUIRE(add(log, "two", 2));
    CHECK(replay(p.environment).texts.empty());
    REQUIRE(log.flush());
    CHECK(replay(p.environment).texts == std::vector<std::string>{"one", "two"});
    REQUIRE(add(log, "three", 3));
    REQUIRE(log.flush());
    REQUIRE(log.flush());
    CHECK(replay(p.environment).texts.size() == 3);
    CHECK(p.world.syncs() == before);
    REQUIRE(log.sync());
    CHECK(p.world.syncs() == before + 1);
}

TEST_CASE("log: tickets that are waited for together share a sync, alone they don't") {
    const auto syncs = [](auto model) {
        place p;
        log_of<decltype(model)> log{p.environment, {}};
        REQUIRE(log.create("log", uuid));
        std::uint64_t last = 0;
        for (std::size_t i = 0; i < 10; ++i) last = add(log, "x", i).value_or(0U);
        const auto before = p.world.syncs();
        REQUIRE(log.wait(last));
        return p.world.syncs() - before;
    };
    CHECK(syncs(sync::group{}) == 1);
    CHECK(syncs(sync::each{}) == 10);
}

TEST_CASE("log: the queue is bounded: it waits or refuses, and makes room for one long record") {
    place p;
    log_of<sync::none> waiting{p.environment, {.queue_size = 256}};
    REQUIRE(waiting.create("log", uuid));
    for (std::size_t i = 0; i < 50; ++i) REQUIRE(add(waiting, text_of(i), i));
    REQUIRE(add(waiting, std::string(5000, 'l'), 50));
    REQUIRE(waiting.close());
    const auto seen = replay(p.environment);
    REQUIRE(seen.texts.size() == 51);
    CHECK(seen.texts.back().size() == 5000);

    place q;
    log_of<sync::none> refusing{q.environment, {.queue_size = 256, .refuse_when_full = true}};
    REQUIRE(refusing.create("log", uuid));
    std::size_t held = 0;
    while (add(refusing, "1234567", held)) ++held;
    CHECK(held == 256 / log_record_size(7));
    CHECK(refusing.reserve(1).error() == errc::backpressure);
    REQUIRE(refusing.sync());
    CHECK(refusing.reserve(1));
    refusing.release(1);
    CHECK(refusing.reserve(max_log_payload + 1).error() == errc::value_too_long);
}

// Half of a long queue at once would be a pause that shows.
TEST_CASE("log: who waits for no sync writes a long queue part by part") {
    place p;
    constexpr std::size_t queue = 4U << 20, part = 512U << 10;
    log_of<sync::none> log{p.environment, {.segment_size = 3U << 20, .queue_size = queue}};
    REQUIRE(log.create("log", uuid));
    std::uint64_t most = 0;
    std::size_t records = 0;
    const auto add_some = [&](std::size_t bytes) {
        for (const auto end = log.appended() + bytes; log.appended() < end; ++records) {
            const auto ticket = add(log, std::string(1000, 'x'), records);
            REQUIRE(ticket);
            const auto before = log.flushed();
            const bool in_segment = log.position().offset < 6U << 20;
            REQUIRE(log.acknowledge(*ticket));
            if (in_segment) most = (std::max)(most, log.flushed() - before);
            CHECK(log.appended() - log.flushed() <= queue / 2);
        }
    };
    add_some(5U << 20);
    CHECK(most == part);
    CHECK(log.position().segment == 1); // twice as long before one who only writes begins another
    add_some(2U << 20);
    CHECK(log.position().segment == 2);
    CHECK(most == part);
    SECTION("and a flush writes what is left") {
        add_some(5U << 20);
        CHECK(log.flushed() < log.appended());
        REQUIRE(log.flush());
        CHECK(log.flushed() == log.appended());
        CHECK(replay(p.environment).texts.size() == records);
    }
    SECTION("and so do a sync and another segment") {
        add_some(5U << 20);
        REQUIRE(log.sync());
        CHECK(log.durable() == log.appended());
        add_some(3U << 20);
        REQUIRE(log.rotate());
        p.world.lose_power(power_loss::everything, 1);
        const auto seen = replay(p.environment);
        REQUIRE(seen.end);
        CHECK(seen.texts.size() == records);
    }
    SECTION("and a process that ends between two parts leaves whole records") {
        add_some(5U << 20);
        const auto seen = replay(p.environment);
        REQUIRE(seen.end);
        CHECK(seen.texts.size() == log.flushed() / log_record_size(1000));
    }
}

TEST_CASE("log: a queue of no bytes has room for one record, one of all bytes for a segment's") {
    for (const std::size_t size : {std::size_t{0}, ~std::size_t{0}}) {
        place p;
        log_of<sync::none> log{p.environment, {.queue_size = size, .refuse_when_full = true}};
        REQUIRE(log.create("log", uuid));
        REQUIRE(add(log, "first", 1));
        REQUIRE(log.sync());
        REQUIRE(add(log, "second", 2));
        REQUIRE(log.close());
        CHECK(replay(p.environment).texts == std::vector<std::string>{"first", "second"});
    }
}

TEST_CASE("log: a segment whose number leaves none for the next is no segment, repair or not") {
    place p;
    log_of<sync::group> log{p.environment, {}};
    REQUIRE(log.create("log", uuid));
    REQUIRE(add(log, "first", 1));
    REQUIRE(log.close());
    p.world.overwrite("log/log-ffffffffffffffff", p.world.contents("log/log-0000000000000002"));
    log_replay<simulated> from{p.environment, "log", uuid};
    CHECK(from.run(1, [](const auto&, auto) { return result<void>{}; }).error() == errc::foreign);
    CHECK_FALSE(from.damage().found);
    const std::string said = replay(p.environment).detail.message.c_str();
    CHECK(said.find("log-ffffffffffffffff' at byte 0: no log comes") != std::string::npos);
}

TEST_CASE("log: a reservation that is given back leaves the room it took") {
    place p;
    log_of<sync::none> log{p.environment, {.queue_size = 256, .refuse_when_full = true}};
    REQUIRE(log.create("log", uuid));
    for (int i = 0; i < 100; ++i) {
        REQUIRE(log.reserve(200));
        if (i % 2 == 0) log.release(200);
        else
            static_cast<void>(log.append(log_record_kind::opaque, 1, 0, 200,
                                         [](std::byte*) { return crc32c({}); }));
        if (i % 2 == 1) REQUIRE(log.sync());
    }
}

TEST_CASE("log: after a failed write or sync nothing is acknowledged any more") {
    for (std::uint64_t n = 1; n < 40; ++n) {
        for (const bool sticky : {false, true}) {
            place p{n};
            log_of<sync::group> log{p.environment, {.segment_size = 300}};
            REQUIRE(log.create("log", uuid));
            p.world.plan.fail_at_call = p.world.calls() + n;
            p.world.plan.sticky = sticky;
            std::size_t acknowledged = 0;
            bool failed = false;
            for (std::size_t i = 0; i < 12; ++i) {
                const auto ticket = add(log, text_of(i), i);
                const bool durable = ticket && log.wait(*ticket);
                CHECK_FALSE((failed && durable));
                if (durable) acknowledged = i + 1;
                else failed = true;
            }
            if (failed) CHECK(log.poison() == errc::io);
            if (failed) CHECK_FALSE(log.close());
            p.world.lose_power(power_loss::everything, n);
            const auto seen = replay(p.environment);
            REQUIRE(seen.end);
            CHECK(seen.texts.size() >= acknowledged);
        }
    }
}

TEST_CASE("log: what never began leaves no file when it is closed") {
    place p;
    log_of<sync::group> log{p.environment, {}};
    CHECK(log.create("absent", uuid).error().native == ENOENT);
    REQUIRE(p.environment.make_directory("absent"));
    const std::uint64_t calls = p.world.calls();
    CHECK(log.close());
    CHECK(log_of<sync::group>{p.environment, {}}.close());
    CHECK(p.world.calls() == calls); // nor in the directory of no name, which is the root
}

TEST_CASE("log: segments in front of a number can be dropped; what is missing is said") {
    place p;
    log_of<sync::group> log{p.environment, {.segment_size = 200}};
    REQUIRE(log.create("log", uuid));
    for (std::size_t i = 0; i < 30; ++i) REQUIRE(log.wait(add(log, text_of(i), i).value_or(0U)));
    const auto whole = replay(p.environment);
    const std::uint64_t middle = whole.positions[15].segment + 1;
    REQUIRE(log.drop_before(middle));
    const auto rest = replay(p.environment, middle);
    REQUIRE(rest.end);
    CHECK(rest.texts == std::vector<std::string>(whole.texts.end() -
                                                     static_cast<std::ptrdiff_t>(rest.texts.size()),
                                                 whole.texts.end()));
    const auto none = replay(p.environment);
    CHECK(none.end.error() == errc::corrupt);
    CHECK(std::string{none.detail.message.c_str()}.find("log-0000000000000001") !=
          std::string::npos);
    CHECK(p.environment.remove("log/log-0000000000000001").error().native == ENOENT);
}

// A sync that makes a file longer takes twice as long (docs/decisions/0183).
TEST_CASE("log: there is room behind the records, which is made seldom and given back in the end") {
    place p;
    const std::string path = "log/log-0000000000000001";
    const auto length = [&] { return p.world.contents(path).size(); };
    const auto put = [&](auto& log, std::size_t size) {
        return log.wait(add(log, std::string(size, 'x'), 1).value_or(0U));
    };
    log_of<sync::group> log{p.environment, {}};
    REQUIRE(log.create("log", uuid));
    std::size_t lengthened = 0;
    for (int i = 0; i < 500; ++i) {
        const std::size_t before = length();
        REQUIRE(put(log, 200));
        CHECK(length() % 4096 == 0);
        if (length() != before) ++lengthened;
    }
    CHECK(lengthened < 10);
    CHECK(length() < log.position().offset + 100'000);
    auto seen = replay(p.environment);
    REQUIRE(seen.end);
    CHECK(seen.texts.size() == 500);
    CHECK(seen.end->position == log.position());
    CHECK(seen.end->torn == 0);

    // None for long records, of which the next would need more. None where the disk is full.
    REQUIRE(put(log, 100'000));
    CHECK(length() == log.position().offset);
    p.world.plan.capacity = length() + 1000;
    REQUIRE(put(log, 200));
    CHECK(length() <= p.world.plan.capacity);
    p.world.plan = {};
    REQUIRE(put(log, 200));
    CHECK(length() > log.position().offset);

    const auto end = log.position();
    REQUIRE(log.rotate());
    CHECK(length() == end.offset);

    // What a crash has torn is counted without the room behind it.
    REQUIRE(put(log, 200));
    const auto last = log.position();
    REQUIRE(add(log, std::string(200, 'x'), 1));
    REQUIRE(log.flush());
    p.world.kill_process();
    auto bytes = p.world.contents("log/log-0000000000000002");
    bytes[last.offset + 50] ^= std::byte{1};
    p.world.overwrite("log/log-0000000000000002", bytes);
    seen = replay(p.environment);
    REQUIRE(seen.end);
    CHECK(seen.end->position == last);
    CHECK(seen.end->torn == log_record_size(200));
    CHECK(bytes.size() > last.offset + log_record_size(200));
}

TEST_CASE("log: the tail can be cut at any record, and another takes its place") {
    for (std::size_t cut = 0; cut < 20; ++cut) {
        place p;
        log_of<sync::group> log{p.environment, {.segment_size = 400}};
        REQUIRE(log.create("log", uuid));
        for (std::size_t i = 0; i < 20; ++i) REQUIRE(add(log, text_of(i), i));
        REQUIRE(log.sync());
        const auto whole = replay(p.environment);
        REQUIRE(whole.texts.size() == 20);
        REQUIRE(log.truncate(whole.positions[cut]));
        REQUIRE(log.wait(add(log, "instead", 99).value_or(0U)));
        p.world.lose_power(power_loss::everything, 1);
        const auto seen = replay(p.environment);
        REQUIRE(seen.end);
        REQUIRE(seen.texts.size() == cut + 1);
        CHECK(seen.texts.back() == "instead");
    }
}

TEST_CASE("log: from many threads, everything acknowledged is there, each thread's in its order",
          "[threads]") {
    simulated_world world{1};
    const simulated environment{world};
    REQUIRE(environment.make_directory("log"));
    log_of<sync::group, shared> log{environment, {.segment_size = 5000, .queue_size = 500}};
    REQUIRE(log.create("log", uuid));
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                const auto ticket = add(log, std::to_string(t) + ":" + std::to_string(i), 1);
                if (!ticket || !log.wait(*ticket)) ++failures;
            }
        });
    for (std::thread& t : threads) t.join();
    CHECK(failures == 0);
    REQUIRE(log.close());
    const auto seen = replay(environment);
    REQUIRE(seen.end);
    CHECK(seen.texts.size() == 800);
    int next[4]{};
    for (const std::string& text : seen.texts) {
        int& expected = next[text[0] - '0'];
        CHECK(text.substr(2) == std::to_string(expected));
        ++expected;
    }
}
