// SPDX-License-Identifier: BSL-1.0
// What the server's threads do to one keyspace at once, without a network: units, sweeps, syncs,
// snapshots; and what comes back.
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include "keyspace/packed_json.hpp"
#include "keyspace/snapshots.hpp"

#include <future>
#include <random>

namespace {

using namespace cache;

constexpr int keys = 200;
std::string key_of(int i) { return "key " + std::to_string(i); }

/// What Celery writes for a task.
std::string result_under(std::string_view key, int number) {
    return R"({"status": "SUCCESS", "result": )" + std::to_string(number) +
           R"(, "traceback": null, "children": [], "date_done": "2026-11-21T12:00:00.123456", )"
           R"("task_id": ")" +
           std::string{key.substr(key.size() - 36)} + "\"}";
}

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
    case 4:
        return space
            .assign(head_key(0, key), R"({"assigned": ")" + std::string(60, 'a') + key + R"("})",
                    random() % 2 * soon)
            .has_value();
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
                        if (i % 40 == 0) durable.set_value(gate.pass());
                        else gate.after_sync([&](bool is) { durable.set_value(is); });
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
        CHECK(space.rows().unsynced() == 0);
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

TEST_CASE("packed_json: texts come back, and results of tasks take a third") {
    const std::string key = "celery-task-meta-a3f1c2d4-5b6e-4f70-8a9b-0c1d2e3f4a5b";
    packed_json::room room;
    packed_json::unpacked out;
    const std::string result = result_under(key, 123456);
    REQUIRE(result.size() > 130);
    const std::string packed{packed_json::pack(key, result, room)};
    REQUIRE(!packed.empty());
    CHECK(packed.size() * 3 <= result.size() + 8);
    REQUIRE(out.read(key, packed));
    CHECK(out.text() == result);
    CHECK(out.text_behind('s') == 's' + result);
    for (std::size_t size = 0; size < packed.size(); ++size)
        CHECK(!out.read(key, std::string_view{packed}.substr(0, size)));
    CHECK(!out.read(key, packed + "x"));
    // Not worth a try, or not worth it.
    for (const std::string& text :
         {std::string{}, std::string{"{}"}, '[' + result + ']', result + ' ',
          '{' + std::string(packed_json::longest_text, 'a') + '}',
          '{' + std::string(77, 'a') + '}'})
        CHECK(packed_json::pack(key, text, room).empty());
    CHECK(packed_json::pack(std::string(packed_json::longest_key + 1, 'k'), result, room).empty());

    std::mt19937 random{7};
    const std::string alphabet =
        "\" ,:{}[]/-\\ abcdefnrstu0123456789\xc3\xa9\xff\x80" + std::string(1, 0);
    int packs = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string text = "{";
        const std::size_t size =
            packed_json::shortest_text + random() % (round % 8 == 0 ? 1960 : 200);
        while (text.size() + 1 < size) {
            if (random() % 8 == 0) text.append(result, random() % 100, random() % 60);
            else if (random() % 8 == 0) text.append(text, random() % text.size(), random() % 300);
            else text += alphabet[random() % (round % 2 == 0 ? alphabet.size() : 30)];
        }
        text.resize(size - 1);
        text += '}';
        const std::string_view form = packed_json::pack(key, text, room);
        if (form.empty()) continue;
        ++packs;
        if (form.size() * 4 > text.size() * 3 || !out.read(key, form) || out.text() != text)
            FAIL(text);
        // What is broken is refused or is another text; nothing is read or written outside.
        std::string broken{form};
        for (int i = 0; i < 3; ++i) broken[random() % broken.size()] = static_cast<char>(random());
        if (out.read(key, broken)) CHECK(out.text().size() <= packed_json::longest_text);
    }
    CHECK(packs > 300);
}

TEST_CASE("packed_json: what was written once can be read for ever") {
    // The whole dictionary, as one match 1,283 bytes back (token, offset, length), then letters.
    packed_json::unpacked out;
    REQUIRE(out.read({}, std::string_view{"\x08\x05"
                                          "\x0f\x03\x05\xff\xff\xff\xff\xf4"
                                          "\x50"
                                          "ended",
                                          16}));
    const std::string_view known = out.text().substr(0, 1283);
    CHECK(hash_of(known) == 0x775ba47U);
    CHECK(out.text().substr(1283) == "ended");
    // Two letters, a match in the key, which stands behind the dictionary, and letters.
    REQUIRE(out.read("-=KEYS", std::string_view{"\x12\0"
                                                "\x20"
                                                "ab\x06\0"
                                                "\xc0"
                                                "ended by now",
                                                20}));
    CHECK(out.text() == "abKEYSended by now");
}

TEST_CASE("unit: a result of a task is kept packed, and nobody sees it") {
    keyspace space;
    const std::string key = "celery-task-meta-a3f1c2d4-5b6e-4f70-8a9b-0c1d2e3f4a5b";
    const std::string result = result_under(key, 7);
    const keyspace::hold stripes{space, all_stripes};
    unit work{space};
    std::size_t kept = 0;
    const auto measure = [&](std::string_view row) { kept = row.size(); };
    work.put_string(0, key, result, 0);
    CHECK(*work.get(head_key(0, key)) == 's' + result); // as it will be
    CHECK(work.find(0, key).type == kind::string);
    REQUIRE(work.commit());
    unit later{space};
    CHECK(*later.get(head_key(0, key)) == 's' + result);
    REQUIRE(later.read_kept(head_key(0, key), measure));
    CHECK(kept < result.size() / 2);
    // Under another name it is packed anew; a number is none of it.
    later.put_head(0, "other", *later.get(head_key(0, key)), 0);
    std::int64_t sum = 0;
    CHECK(*space.add(head_key(0, key), 1, sum) == 0);
    REQUIRE(space.assign(head_key(0, key), result_under(key, 8), 0));
    CHECK(*later.get(head_key(0, key)) == 's' + result_under(key, 8));
    REQUIRE(space.assign(head_key(0, key), "8", 0));
    CHECK(*later.get(head_key(0, key)) == "s8");
    REQUIRE(later.commit());
    CHECK(*unit{space}.get(head_key(0, "other")) == 's' + result);
    {
        unit empty{space};
        empty.put(list_key(0, 1, 0), "", 0); // an element may be empty
        REQUIRE(empty.commit());
    }
    CHECK(*unit{space}.get(list_key(0, 1, 0)) == "");
    // A row that is none of ours is an error, not a value.
    unit broken{space};
    broken.put_head(0, key, "p\x05", 0);
    REQUIRE(broken.commit());
    CHECK_THROWS_AS(unit{space}.get(head_key(0, key)), storage_failure);
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
