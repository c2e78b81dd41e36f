// SPDX-License-Identifier: BSL-1.0
// NEEDS: optimizer
// G17: the library's own engines under some thousand interleavings each, with histories checked.
// ASHLAR_SCHEDULES=N takes N times as many.
#include "catch.hpp"
#include "scheduled_words.hpp"

#include "history.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#if defined(__SANITIZE_ADDRESS__)
#define ASHLAR_LEAKS_ARE_LOOKED_FOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASHLAR_LEAKS_ARE_LOOKED_FOR
#endif
#endif
#ifdef ASHLAR_LEAKS_ARE_LOOKED_FOR
#include <sanitizer/lsan_interface.h>
#endif

using namespace ashlar_test;
using ashlar::schedule;
using ashlar::scheduled;
using ashlar::simulated_world;
using dice = ashlar::simulated_parts::random;

namespace {

std::uint64_t schedules(std::uint64_t few) {
    const char* times = std::getenv("ASHLAR_SCHEDULES");
#if !defined(__OPTIMIZE__) || defined(ASHLAR_TEST_SANITIZED)
    few /= 8;
#endif
    return few * (times == nullptr ? 1 : std::strtoull(times, nullptr, 10));
}

struct tally {
    std::uint64_t schedules = 0, points = 0, switches = 0;
    void operator+=(const schedule::outcome& done) {
        REQUIRE_FALSE(done.stuck);
        ++schedules;
        points += done.points;
        switches += done.switches;
    }
    void print(const char* what) const {
        std::printf("schedules: %s: %llu, with %llu turns at %llu points\n", what,
                    static_cast<unsigned long long>(schedules),
                    static_cast<unsigned long long>(switches),
                    static_cast<unsigned long long>(points));
    }
};

// --- engines in memory: linearizable -------------------------------------------------------------

/// A value that would show if it was written while it was read.
using wide = std::array<std::int64_t, 3>;
wide wide_of(int n) { return {n, n, n}; }
int number_in(const ashlar::result<wide>& found) {
    if (!found) return 0;
    if ((*found)[0] != (*found)[1] || (*found)[1] != (*found)[2]) FAIL("a torn row");
    return static_cast<int>((*found)[0]);
}

template <class Backend>
using numbers =
    ashlar::store<std::uint32_t, wide, ashlar::big_endian, Backend, ashlar::simulated, scheduled>;

/// What a thread might do wrong: an update in two steps, a batch in two, a view of two looks.
enum class mistake { none, replaces_in_two_steps, parts_batches, looks_twice };

template <class Store>
void carry_out(Store& db, call& c, mistake planted) {
    const auto k = static_cast<std::uint32_t>(c.key);
    const auto value_at = [&](std::uint32_t key) { return number_in(db.get(key)); };
    const wide value = wide_of(c.value);
    switch (c.what) {
    case verb::put: REQUIRE(db.put(k, value)); break;
    case verb::erase: c.answer = db.erase(k).value_or(false); break;
    case verb::insert: c.answer = db.insert(k, value).value_or(false); break;
    case verb::replace:
        if (planted == mistake::replaces_in_two_steps) {
            c.answer = value_at(k) == c.expected;
            if (c.answer != 0) REQUIRE(db.put(k, value));
        } else {
            c.answer = db.compare_exchange(k, wide_of(c.expected), value).value_or(false);
        }
        break;
    case verb::both:
        if (planted == mistake::parts_batches) {
            REQUIRE(db.put(0, value));
            REQUIRE(db.put(1, value));
        } else {
            auto batch = Store::batch();
            batch.put(0, value).put(1, value);
            REQUIRE(db.apply(batch));
        }
        break;
    case verb::read: c.answer = value_at(k); break;
    case verb::read_both:
        if constexpr (requires { db.snapshot(); }) {
            if (planted != mistake::looks_twice) {
                const auto view = db.snapshot();
                REQUIRE(view);
                c.answer = number_in(view->get(0));
                c.answer2 = number_in(view->get(1));
                break;
            }
        }
        c.answer = value_at(0);
        c.answer2 = value_at(1);
    }
}

/// Answers whether the history of one schedule could have happened one call after the other.
template <class Store>
bool one_schedule(std::uint64_t seed, mistake planted, tally& all) {
    constexpr bool has_views = requires(Store& db) { db.snapshot(); };
    simulated_world world{seed};
    const simulated_world::presence here{world};
    auto opened = Store::open();
    REQUIRE(opened);
    Store& db = *opened;
    dice draw{seed};
    // So many rows beside them that tables grow, and leaves part, in the midst of it.
    const std::uint64_t others = draw.below(3) == 0 ? 0 : draw.below(70);
    for (std::uint64_t i = 0; i < others; ++i)
        REQUIRE(db.put(static_cast<std::uint32_t>(100 + i), wide_of(1)));
    constexpr std::size_t threads = 3, each = 4;
    history seen;
    seen.calls.resize(threads * each);
    for (std::size_t i = 0; i < seen.calls.size(); ++i) {
        auto& c = seen.calls[i];
        c.what = static_cast<verb>(draw.below(has_views ? 7 : 6));
        c.key = static_cast<int>(draw.below(2));
        c.value = static_cast<int>(i + 1);
        c.expected = static_cast<int>(1 + draw.below(seen.calls.size()));
    }
    std::uint64_t clock = 0;
    schedule turns{seed};
    all += turns.run(threads, [&](std::size_t thread) {
        for (std::size_t i = 0; i < each; ++i) {
            call& c = seen.calls[thread * each + i];
            // A value that somebody has put lately is replaced more often than any.
            if (c.what == verb::replace)
                if (const auto now = db.get(static_cast<std::uint32_t>(c.key)))
                    c.expected = number_in(now);
            c.begin = ++clock;
            carry_out(db, c, planted);
            c.end = ++clock;
            if (others != 0 && i % 2 == 1) // more growth, and something to shrink by
                for (std::uint32_t more = 0; more < 4; ++more) {
                    const auto at = static_cast<std::uint32_t>(1000 + thread * 100 + i * 4 + more);
                    REQUIRE(db.put(at, wide_of(1)));
                    if (more % 2 == 1) REQUIRE(db.erase(at));
                }
        }
    });
    // Where there are no snapshots (hash_map), reads may see a batch between its rows.
    return has_views ? seen.is_linearizable() : seen.is_linearizable_by_row();
}

} // namespace

TEMPLATE_TEST_CASE("G17 reads, writes, batches and snapshots are linearizable in every schedule",
                   "", numbers<ashlar::hash_map<>>, numbers<ashlar::sorted_map<>>) {
    tally all;
    const std::uint64_t count = schedules(8'000);
    for (std::uint64_t seed = 1; seed <= count; ++seed)
        if (!one_schedule<TestType>(seed, mistake::none, all)) FAIL("seed " << seed);
    all.print("engine");
    CHECK(all.switches > 20 * count);
}

TEST_CASE("G19 what a careless thread does is seen in the histories") {
    const auto caught = [](auto of, mistake planted) {
        using store = typename decltype(of)::type;
        tally all;
        int wrong = 0;
        for (std::uint64_t seed = 1; seed <= 400; ++seed)
            wrong += !one_schedule<store>(seed, planted, all);
        return wrong;
    };
    const std::type_identity<numbers<ashlar::sorted_map<>>> sorted;
    const std::type_identity<numbers<ashlar::hash_map<>>> hashed;
    CHECK(caught(hashed, mistake::replaces_in_two_steps) > 3);
    CHECK(caught(sorted, mistake::parts_batches) > 20);
    CHECK(caught(sorted, mistake::looks_twice) > 20);
}

// --- versions of groups --------------------------------------------------------------------------

TEST_CASE("G17 a group's version counts its changes in every schedule") {
    using key = std::pair<std::uint32_t, std::uint32_t>;
    using grouped =
        ashlar::store<key, std::int64_t, ashlar::composite, ashlar::sorted_map<>,
                      ashlar::shared_version<ashlar::by_prefix>, ashlar::simulated, scheduled>;
    tally all;
    const std::uint64_t count = schedules(1'500);
    for (std::uint64_t seed = 1; seed <= count; ++seed) {
        simulated_world world{seed};
        const simulated_world::presence here{world};
        auto opened = grouped::open();
        REQUIRE(opened);
        std::uint64_t changes = 0;
        schedule turns{seed};
        all += turns.run(3, [&](std::size_t thread) {
            std::uint64_t last = 0;
            for (std::int64_t n = 0; n < 3; ++n) {
                const key mine{7, static_cast<std::uint32_t>(thread)};
                if (thread == 0) {
                    changes += opened->put(mine, n).has_value();
                } else {
                    const std::uint64_t version = opened->version_of(mine).value_or(0);
                    if (version < last) FAIL("a version went back, seed " << seed);
                    last = version;
                    auto batch = grouped::batch();
                    batch.expect_version(mine, version).put(mine, n);
                    changes += opened->apply(batch).has_value();
                }
            }
        });
        if (opened->version_of(key{7, 0}).value_or(0) != changes) FAIL("seed " << seed);
    }
    all.print("shared_version");
}

// --- the log: what is acknowledged lasts ---------------------------------------------------------

namespace {

/// A file whose calls take time: others get their turn before and behind each.
struct slow_file : ashlar::simulated::file {
    slow_file() = default;
    explicit slow_file(ashlar::simulated::file&& from) : file{std::move(from)} {}
    ashlar::result<std::size_t> write_at(std::uint64_t at, ashlar::bytes_view bytes) {
        scheduled::point();
        auto done = file::write_at(at, bytes);
        scheduled::point();
        return done;
    }
    ashlar::result<void> sync() {
        scheduled::point();
        auto done = file::sync();
        scheduled::point();
        return done;
    }
};
struct slow_disk : ashlar::simulated {
    using file = slow_file;
    [[nodiscard]] ashlar::result<file> open_file(ashlar::text_view path,
                                                 ashlar::file_mode mode) const {
        auto opened = simulated::open_file(path, mode);
        if (!opened) return opened.error();
        return file{std::move(*opened)};
    }
};
/// Nobody is told of anything.
struct silent_words : scheduled {
    template <class T>
    struct atomic : scheduled::atomic<T> {
        using scheduled::atomic<T>::atomic;
        void notify_one() noexcept {}
        void notify_all() noexcept {}
    };
};

template <class Concurrency>
using lasting = ashlar::store<std::uint32_t, std::int64_t, ashlar::big_endian, ashlar::hash_map<1>,
                              ashlar::logged<ashlar::sync::group>, slow_disk, Concurrency>;

template <class Store>
typename schedule::outcome log_schedule(std::uint64_t seed) {
    simulated_world world{seed};
    const simulated_world::presence here{world};
    std::optional<simulated_world> image;
    std::int64_t acknowledged[3]{}, promised[3]{}, attempted[3]{};
    std::uint64_t left = dice{seed}.below(40);
    auto crash = [&] {
        if (left-- != 0) return;
        image.emplace(world);
        for (int i = 0; i < 3; ++i) promised[i] = acknowledged[i];
    };
    schedule::outcome done;
    {
        auto store = std::make_unique<ashlar::result<Store>>(Store::open(
            {.directory = "db"}, ashlar::logged_options{.segment_size = 300, .queue_size = 400}));
        auto& opened = *store;
        REQUIRE(opened);
        world.plan.before_change = ashlar::simulated_plan::observer::of(crash);
        schedule turns{seed};
        done = turns.run(3, [&](std::size_t thread) {
            for (std::int64_t n = 1; n <= 4; ++n) {
                attempted[thread] = n;
                if (opened->put(static_cast<std::uint32_t>(thread), n)) acknowledged[thread] = n;
                if (thread == 2 && n == 2) REQUIRE(opened->checkpoint());
            }
        });
        world.plan.before_change = {};
        if (done.stuck) {
            static_cast<void>(store.release()); // closing would wait for ever, too
            return done;
        }
    }
    if (!image) {
        image.emplace(world);
        for (int i = 0; i < 3; ++i) promised[i] = acknowledged[i];
    }
    image->lose_power(ashlar::all_power_losses[seed % 9], seed);
    const simulated_world::presence there{*image};
    auto again = Store::open({.directory = "db"});
    if (!again) FAIL("seed " << seed << ": " << ashlar::name_of(again.error().code));
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto found = again->get(i).value_or(0);
        if (found < promised[i] || found > attempted[i])
            FAIL("seed " << seed << ": thread " << i << " was promised " << promised[i]
                         << " and finds " << found);
    }
    return done;
}

} // namespace

TEST_CASE("G2 G17 a log loses nothing that it has acknowledged, in every schedule") {
    tally all;
    const std::uint64_t count = schedules(1'500);
    for (std::uint64_t seed = 1; seed <= count; ++seed)
        all += log_schedule<lasting<scheduled>>(seed);
    all.print("log");
    CHECK(all.switches > 20 * count);
}

TEST_CASE("G19 a log whose notifications are forgotten is found waiting") {
#ifdef ASHLAR_LEAKS_ARE_LOOKED_FOR
    const __lsan::ScopedDisabler expected; // who waits for ever never gives back what it holds
#endif
    int stuck = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
        stuck += log_schedule<lasting<silent_words>>(seed).stuck;
    CHECK(stuck > 10);
}
