// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/feed/change_log.hpp>
#include <ashlar/store.hpp>
#include <ashlar/verify.hpp>

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ashlar;

using texts = store<std::string, std::string, raw, sorted_map<>, logged<>, change_log, simulated>;
using followed = decltype(follow(std::declval<texts&>(), text_view{}));
constexpr open_options at{.directory = "db"};
constexpr logged_options short_segments{.segment_size = 400, .queue_size = 4096};

struct place {
    simulated_world world;
    simulated_world::presence here{world};
    explicit place(std::uint64_t seed = 1) : world{seed} {}

    [[nodiscard]] std::size_t segments() const {
        std::size_t n = 0;
        for (const std::string& file : world.files()) n += file.rfind("db/log-", 0) == 0;
        return n;
    }
};

texts opened(const logged_options& how = short_segments) {
    error_detail detail;
    auto db = texts::open({.directory = "db", .detail = &detail}, how);
    INFO(detail.message.c_str());
    REQUIRE(db);
    return *std::move(db);
}

/// Commits whose only row says how many there were before.
void put(texts& db, int from, int to) {
    for (int i = from; i < to; ++i) REQUIRE(db.put("n", std::to_string(i)));
}

/// What a cursor shows: the numbers, and that sequences grow.
template <class Cursor>
std::vector<int> polled(Cursor& cursor, std::size_t most = static_cast<std::size_t>(-1)) {
    std::vector<int> all;
    std::uint64_t last = 0;
    bool sound = true;
    const auto seen = cursor.poll(
        [&](const auto& change) {
            const auto sequence = static_cast<std::uint64_t>(change.sequence());
            sound = sound && sequence > last;
            last = sequence;
            change.for_each([&](const auto& c) {
                const auto key = c.key();
                if (key && *key == "n") all.push_back(std::stoi(c.value().value_or("-1")));
            });
        },
        most);
    REQUIRE(seen);
    CHECK(sound);
    return all;
}

std::vector<int> numbers(int from, int to) {
    std::vector<int> all;
    for (int i = from; i < to; ++i) all.push_back(i);
    return all;
}

} // namespace

TEST_CASE("change_log: a commit is shown with all it did, in types of the store (C-T3h)") {
    place p;
    texts db = opened();
    auto follower = follow(db, "all");
    REQUIRE(follower);
    auto batch = texts::batch();
    batch.put("a", "one").put("b", "two").erase("c");
    REQUIRE(db.apply(batch));
    auto range = texts::batch();
    range.erase_range("a", "b");
    REQUIRE(db.apply(range));
    std::string told;
    const auto seen = follower->poll([&](const auto& change) {
        told += "[";
        change.for_each([&](const auto& c) {
            if (c.kind() == operation_kind::put) told += "+" + *c.key() + "=" + *c.value();
            if (c.kind() == operation_kind::erase) told += "-" + *c.key();
            if (c.kind() == operation_kind::erase_range) {
                told += "-" + c.range_begin().template as<std::string>() + ".." +
                        c.range_end().template as<std::string>();
                CHECK(c.value().error() == errc::not_found);
            }
            CHECK(c.version() == 0);
        });
        told += "]";
    });
    REQUIRE(seen);
    CHECK(*seen == 2);
    CHECK(told == "[+a=one+b=two-c][-a..b]");
    CHECK(follower->poll([](const auto&) { FAIL("nothing is new"); }).value_or(9) == 0);
}

TEST_CASE("change_log: cursors begin at Oldest, Latest or Sequence, and go on after a restart") {
    place p;
    commit_seq tenth{};
    {
        texts db = opened();
        put(db, 0, 10);
        {
            auto all = follow(db, "all");
            REQUIRE(all);
            CHECK(follow(db, "all").error() == errc::locked);
            CHECK(unfollow(db, "all").error() == errc::locked);
            std::vector<int> got;
            const auto seen = all->poll([&](const auto& c) { tenth = c.sequence(); });
            CHECK(seen.value_or(0) == 10);
        }
        auto all = follow(db, "all"); // nothing was acknowledged
        REQUIRE(all);
        CHECK(polled(*all, 4) == numbers(0, 4));
        REQUIRE(all->acknowledge());
        CHECK(polled(*all) == numbers(4, 10));
        auto fresh = follow(db, "fresh", change_start::latest());
        REQUIRE(fresh);
        CHECK(polled(*fresh).empty());
        put(db, 10, 20);
        auto behind = follow(db, "behind", change_start::after(tenth));
        REQUIRE(behind);
        CHECK(polled(*behind) == numbers(10, 20));
        CHECK(polled(*fresh) == numbers(10, 20));
        REQUIRE(fresh->acknowledge());
        REQUIRE(db.close());
    }
    {
        texts db = opened();
        auto all = follow(db, "all", change_start::latest()); // known: where it begins is ignored
        auto fresh = follow(db, "fresh");
        auto behind = follow(db, "behind");
        REQUIRE((all && fresh && behind));
        CHECK(polled(*all) == numbers(4, 20)); // also from a log that nothing was written to yet
        put(db, 20, 25);
        CHECK(polled(*all) == numbers(20, 25));
        CHECK(polled(*fresh) == numbers(20, 25));
        CHECK(polled(*behind) == numbers(10, 25));
        std::uint64_t least = ~std::uint64_t{};
        auto moved = std::move(*all);
        put(db, 25, 26);
        REQUIRE(
            moved.poll([&](const auto& c) { least = static_cast<std::uint64_t>(c.sequence()); }));
        CHECK(least > static_cast<std::uint64_t>(tenth)); // sequences never begin anew
    }
    texts db = opened();
    CHECK(follow(db, "").error() == errc::invalid_argument);
    CHECK(follow(db, std::string(256, 'x')).error() == errc::invalid_argument);
    CHECK(unfollow(db, "all").value_or(false));
    CHECK_FALSE(unfollow(db, "all").value_or(true));
}

TEST_CASE(
    "change_log: the slowest cursor holds the log, and nobody holds what nobody reads (C-T3i)") {
    place p;
    texts db = opened(logged_options{.segment_size = 400, .keep_snapshots = 1});
    put(db, 0, 100);
    CHECK(p.segments() > 10);
    REQUIRE(db.checkpoint());
    CHECK(p.segments() <= 2); // no cursor: everything may go
    CHECK(follow(db, "late", change_start::after(commit_seq{5})).error() == errc::gone);
    auto quick = follow(db, "quick", change_start::latest());
    auto slow = follow(db, "slow", change_start::latest());
    REQUIRE((quick && slow));
    put(db, 100, 300);
    CHECK(polled(*quick) == numbers(100, 300));
    REQUIRE(quick->acknowledge());
    REQUIRE(db.checkpoint());
    CHECK(p.segments() > 20);
    CHECK(polled(*slow, 150) == numbers(100, 250));
    REQUIRE(slow->acknowledge());
    const std::size_t before = p.segments();
    REQUIRE(db.checkpoint());
    CHECK(p.segments() < before / 2);
    CHECK(p.segments() > 3);
    CHECK(polled(*slow) == numbers(250, 300));
    // One that went without acknowledging holds it too, also over a restart, until it is ended.
    slow = follow(db, "gone", change_start::latest());
    REQUIRE(db.close());
    db = opened(logged_options{.segment_size = 400, .keep_snapshots = 1});
    CHECK(slow->poll([](const auto&) {}).error() == errc::closed); // of the store that is gone
    CHECK(slow->acknowledge().error() == errc::closed);
    REQUIRE(db.checkpoint());
    CHECK(p.segments() > 3);
    CHECK(unfollow(db, "slow").value_or(false));
    CHECK(unfollow(db, "gone").value_or(false));
    CHECK(unfollow(db, "quick").value_or(false));
    REQUIRE(db.checkpoint());
    CHECK(p.segments() <= 2);
}

TEST_CASE("change_log: a damaged file of cursors, a lost log and a full disk are errors, no gaps") {
    place p;
    {
        texts db = opened();
        put(db, 0, 30);
        auto all = follow(db, "all");
        REQUIRE(all);
        CHECK(polled(*all, 10) == numbers(0, 10));
        REQUIRE(all->acknowledge());
        p.world.plan.fail_at_call = p.world.calls() + 2;
        CHECK_FALSE(all->acknowledge());
        CHECK(polled(*all) == numbers(10, 30));
        REQUIRE(all->acknowledge());
        REQUIRE(db.close());
    }
    const simulated_world sound{p.world};
    {
        simulated_world altered{sound};
        const simulated_world::presence here{altered};
        auto bytes = altered.contents("db/feed-cursors");
        REQUIRE(bytes.size() > 40);
        bytes[40] ^= std::byte{1};
        altered.overwrite("db/feed-cursors", bytes);
        texts db = opened(logged_options{.segment_size = 400, .keep_snapshots = 1});
        CHECK(follow(db, "all").error() == errc::corrupt);
        CHECK(db.get("n").value_or("") == "29");
        put(db, 30, 60);
        REQUIRE(db.checkpoint());
        std::size_t logs = 0; // what nobody knows of is not thrown away
        for (const std::string& file : altered.files()) logs += file.rfind("db/log-", 0) == 0;
        CHECK(logs > 5);
    }
    {
        auto db = texts::open({.directory = "db", .read_only = true});
        REQUIRE(db);
        CHECK(follow(*db, "all").error() == errc::read_only);
    }
}

TEST_CASE("change_log: whoever stands behind the end of an older log is told, and holds nothing") {
    place p;
    {
        texts db = opened();
        put(db, 0, 30);
        auto slow = follow(db, "slow"), all = follow(db, "all");
        REQUIRE((slow && all));
        REQUIRE(slow->acknowledge());
        REQUIRE(db.close());
        db = opened();
    }
    simulated_world older{p.world};
    {
        texts db = opened();
        put(db, 30, 60);
        auto all = follow(db, "all");
        REQUIRE(all);
        CHECK(polled(*all).size() == 60);
        REQUIRE(all->acknowledge());
        REQUIRE(db.close());
    }
    older.overwrite("db/feed-cursors", p.world.contents("db/feed-cursors"));
    const simulated_world::presence here{older};
    std::size_t flaws = 0;
    const auto manifest = older.contents("db/ashlar.manifest");
    const bytes_view uuid = bytes_view{manifest}.skip(16).first(16);
    REQUIRE(verify_log(simulated{}, "db", uuid, [&](const flaw& f) {
        ++flaws;
        CHECK(f.file == text_view{"feed-cursors"});
    }));
    CHECK(flaws == 1);
    texts db = opened();
    auto slow = follow(db, "slow"), all = follow(db, "all");
    REQUIRE((slow && all));
    CHECK(polled(*slow) == numbers(0, 30));
    CHECK(all->poll([](const auto&) {}).error() == errc::gone);
    put(db, 30, 90); // beyond that place
    CHECK(polled(*slow) == numbers(30, 90));
    CHECK(all->poll([](const auto&) {}).error() == errc::gone);
    REQUIRE(slow->acknowledge());
    all = follow(db, "other"); // gives it back
    CHECK(unfollow(db, "all").value_or(false));
    CHECK(unfollow(db, "other").error() == errc::locked);
}

TEST_CASE("change_log: the cursors of a closed store are not written any more") {
    place p;
    texts db = opened();
    put(db, 0, 3);
    auto follower = follow(db, "late");
    REQUIRE(follower);
    CHECK(polled(*follower) == numbers(0, 3));
    REQUIRE(db.close());
    const auto before = p.world.contents("db/feed-cursors");
    CHECK(follower->acknowledge().error() == errc::closed);
    CHECK(follow(db, "later").error() == errc::closed);
    CHECK(unfollow(db, "late").error() == errc::closed);
    CHECK(p.world.contents("db/feed-cursors") == before);
}

TEST_CASE("change_log: whatever a loss of power takes, no follower misses or skips a commit") {
    std::size_t losses = 0;
    std::size_t resumed = 0;
    for (const auto model : all_power_losses)
        for (std::uint64_t n = 1;; n += model == power_loss::everything ? 1 : 3) {
            place p{n};
            int acknowledged = 0; // shown, and acknowledged durably: must not be shown again
            int promised = 0;     // commits that have to last
            p.world.plan.cut_power_at_change = n;
            {
                auto db = texts::open(at, short_segments);
                auto f = db ? follow(*db, "f") : followed{errc::io};
                for (int i = 0; i < 12 && f; ++i) {
                    if (!db->put("n", std::to_string(i))) break;
                    promised = i + 1;
                    if (i % 3 != 2) continue;
                    int shown = acknowledged;
                    const auto seen = f->poll([&](const auto& change) {
                        change.for_each([&](const auto& c) {
                            if (std::stoi(*c.value()) != shown++) FAIL("out of order");
                        });
                    });
                    if (seen && f->acknowledge()) acknowledged = shown;
                    if (i == 5 && !db->checkpoint()) break;
                    if (seen && shown != promised) FAIL("poll has missed what was promised");
                }
            }
            const bool survived = p.world.has_power();
            p.world.lose_power(model, n);
            ++losses;
            auto db = texts::open(at, short_segments);
            if (!db) FAIL("seed " << n << ": " << name_of(db.error().code));
            const int lasting = std::stoi(db->get("n").value_or("-1")) + 1;
            if (lasting < promised) FAIL("a promised commit is lost");
            auto f = follow(*db, "f");
            if (!f) FAIL("seed " << n << ": the follower is lost: " << name_of(f.error().code));
            const auto rest = polled(*f);
            // All that lasts, from the last durable acknowledgement on; one in which the power
            // failed may be durable all the same.
            const int first = rest.empty() ? lasting : rest.front();
            if (first < acknowledged) FAIL("seed " << n << ": acknowledged, and shown again");
            if (rest != numbers(first, lasting)) FAIL("seed " << n << ": a gap");
            if (first > acknowledged && survived) FAIL("seed " << n << ": skipped");
            if (first > acknowledged + 3) FAIL("seed " << n << ": skipped more than was shown");
            resumed += first > 0;
            if (survived) break;
        }
    CHECK(losses > 300);
    CHECK(resumed > losses / 4);
}

TEST_CASE("change_log: follows writers and checkpoints that go on", "[threads]") {
    place p;
    simulated_world& world = p.world;
    texts db = opened(logged_options{.segment_size = 2000, .keep_snapshots = 1});
    auto f = follow(db, "f");
    REQUIRE(f);
    constexpr int commits = 400;
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int w = 0; w < 2; ++w)
        threads.emplace_back([&, w] {
            const simulated_world::presence here{world};
            for (int i = 0; i < commits; ++i)
                if (!db.put("w" + std::to_string(w), std::to_string(i))) return;
        });
    threads.emplace_back([&] {
        const simulated_world::presence here{world};
        while (!done.load())
            if (!db.checkpoint()) return;
    });
    int next[2] = {0, 0};
    bool in_order = true;
    while (next[0] + next[1] < 2 * commits) {
        const auto seen = f->poll([&](const auto& change) {
            change.for_each([&](const auto& c) {
                int& mine = next[(*c.key())[1] - '0'];
                in_order = in_order && std::stoi(*c.value()) == mine;
                ++mine;
            });
        });
        REQUIRE(seen);
        REQUIRE(f->acknowledge());
    }
    done.store(true);
    for (std::thread& each : threads) each.join();
    CHECK(in_order);
    CHECK(polled(*f).empty());
}
