// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "unit/backend/tight_tiers.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace ashlar;
using ashlar_tiers::weather;

namespace {

using backend = tiered<sorted_map<>, ashlar_tiers::cold_in_weather>;
using row = row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>;
using tiers = backend::engine<row, posix, shared>;

tiers opened(std::size_t memory_limit) {
    weather = {};
    return std::move(*tiers::open({}, {.memory_limit = memory_limit}));
}
std::string key_of(std::size_t n) { return "key " + std::to_string(n); }
std::string value_of(std::size_t n, std::size_t size = 2'000) {
    return std::string(size, static_cast<char>('a' + n % 26)) + std::to_string(n);
}
bytes_view view(const std::string& text) { return bytes_view{text}; }

auto put(tiers& into, std::size_t n, const std::string& value) {
    write_batch batch;
    batch.put(view(key_of(n)), view(value));
    return into.apply(batch);
}
result<std::string> get(const tiers& from, std::size_t n) {
    std::string value;
    const auto there = from.read(view(key_of(n)), [&](bytes_view found) noexcept {
        value.assign(reinterpret_cast<const char*>(found.data()), found.size());
    });
    if (!there) return there.error();
    if (!*there) return errc::not_found;
    return value;
}

} // namespace

TEST_CASE("K-23: ten times the limit is readable, in order, and memory stays within it") {
    constexpr std::size_t limit = 1'000'000;
    constexpr std::size_t count = 5'000;
    tiers e = opened(limit);
    for (std::size_t n = 0; n < count; ++n) {
        REQUIRE(put(e, n, value_of(n)));
        REQUIRE(e.memory_used() < limit + 20'000);
    }
    CHECK(count * value_of(0).size() > 10 * limit);
    CHECK(e.size() == count);
    CHECK(e.counts().writes > count * 8 / 10);
    for (std::size_t n = 0; n < count; n += 7) {
        REQUIRE(get(e, n).value_or("") == value_of(n));
        REQUIRE(e.memory_used() < limit + 20'000);
    }
    CHECK(e.counts().promotions > 500);
    const std::uint64_t fetches = e.counts().fetches;
    for (int i = 0; i < 10; ++i) CHECK(get(e, count - 1).has_value());
    CHECK(e.counts().fetches <= fetches + 3); // it came back, or never left; who goes is drawn

    std::size_t shown = 0;
    std::string last;
    CHECK(e.scan({}, [&](bytes_view key, bytes_view value) {
        const auto name = key.as<std::string>();
        CHECK(last < name);
        last = name;
        REQUIRE(value == view(value_of(std::stoul(name.substr(4)))));
        ++shown;
    }));
    CHECK(shown == count);
}

TEST_CASE("K-23: keys are walked without what they hold, wherever that rests") {
    tiers e = opened(100'000);
    for (std::size_t n = 0; n < 200; ++n) REQUIRE(put(e, n, value_of(n)));
    REQUIRE(get(e, 0).has_value());
    const std::uint64_t fetches = e.counts().fetches;
    std::vector<std::string> walked;
    std::vector<std::string> scanned;
    std::size_t bytes = 0;
    const auto into = [&](std::vector<std::string>& keys) {
        return [&](bytes_view key, bytes_view shown) {
            keys.push_back(key.as<std::string>());
            bytes += shown.size();
        };
    };
    tiers::position at;
    for (bool more = true; more;) {
        const auto step = e.walk_headers(at, into(walked), 60);
        REQUIRE(step.has_value());
        more = *step;
    }
    CHECK(e.scan_headers({}, into(scanned)).has_value());
    CHECK(walked.size() == 200);
    CHECK(scanned == walked);
    CHECK(bytes < 2 * 200 * 20); // not values of 2,000
    CHECK(e.counts().fetches == fetches);
}

TEST_CASE("K-23: what left with a copy leaves again without a write") {
    tiers e = opened(100'000);
    for (std::size_t n = 0; n < 100; ++n) REQUIRE(put(e, n, value_of(n)));
    for (int round = 0; round < 5; ++round)
        for (std::size_t n = 0; n < 100; ++n) REQUIRE(get(e, n).value_or("") == value_of(n));
    const tiered_counts now = e.counts();
    CHECK(now.spills > 2 * now.writes);
    CHECK(now.writes <= 100);
    CHECK(weather.puts == now.writes);
}

TEST_CASE("K-23: batches with checks see and change rows of both tiers") {
    tiers e = opened(0);
    REQUIRE(put(e, 1, value_of(1)));
    REQUIRE(put(e, 2, value_of(2)));
    e.set_memory_limit(1 << 20);
    REQUIRE(put(e, 3, value_of(3)));
    const std::string changed = value_of(9);
    write_batch batch;
    batch.equals(view(key_of(1)), view(value_of(1))).equals(view(key_of(3)), view(value_of(3)));
    batch.absent(view(key_of(4))).put(view(key_of(1)), view(changed)).erase(view(key_of(2)));
    batch.put(view(key_of(3)), view(changed));
    REQUIRE(e.apply(batch));
    CHECK(get(e, 1).value_or("") == changed);
    CHECK(get(e, 2).error() == errc::not_found);
    CHECK(e.size() == 2);

    write_batch stale;
    stale.equals(view(key_of(1)), view(value_of(1))).erase(view(key_of(3)));
    CHECK(e.apply(stale).error() == errc::conflict);
    CHECK(get(e, 3).value_or("") == changed);
}

TEST_CASE("K-23: places of rows that changed are given back") {
    tiers e = opened(0);
    for (std::size_t n = 0; n < 3'000; ++n) REQUIRE(put(e, n % 10, value_of(n, 200)));
    CHECK(weather.puts > 2'900);
    CHECK(weather.erases + 600 > weather.puts);
}

TEST_CASE("K-23: a snapshot keeps what it saw, wherever it rests") {
    tiers e = opened(0);
    for (std::size_t n = 0; n < 50; ++n) REQUIRE(put(e, n, value_of(n)));
    {
        const auto before = e.snapshot();
        REQUIRE(before);
        for (std::size_t i = 0; i < 2'000; ++i) REQUIRE(put(e, i % 50, value_of(i + 1, 100)));
        write_batch all;
        all.erase_range({}, {});
        REQUIRE(e.apply(all));
        std::size_t shown = 0;
        CHECK(before->scan({}, [&](bytes_view key, bytes_view value) {
            const auto n = std::stoul(key.as<std::string>().substr(4));
            REQUIRE(value == view(value_of(n)));
            ++shown;
        }));
        CHECK(shown == 50);
        CHECK(before->size() == 50);
        CHECK(weather.erases < 100);
    }
    for (std::size_t n = 0; n < 600; ++n) REQUIRE(put(e, n % 2, value_of(n, 100)));
    CHECK(weather.erases > 1'500);
}

TEST_CASE("G5: a row that comes back altered is an error, whichever bit it is") {
    tiers e = opened(0);
    REQUIRE(put(e, 1, value_of(1, 70)));
    for (std::size_t bit = 0; bit < (70 + 1) * 8; ++bit) {
        weather.flips = bit;
        REQUIRE(get(e, 1).error() == errc::checksum_mismatch);
    }
    CHECK(e.scan({}, [](bytes_view, bytes_view) {}).error() == errc::checksum_mismatch);
    write_batch batch;
    batch.equals(view(key_of(1)), {}).erase(view(key_of(1)));
    CHECK(e.apply(batch).error() == errc::checksum_mismatch);
    weather = {};
    CHECK(get(e, 1).value_or("") == value_of(1, 70));
    weather.loses = true;
    CHECK(get(e, 1).error() == errc::corrupt);
    CHECK(e.counts().failures == (70 + 1) * 8 + 3);
    REQUIRE(put(e, 1, value_of(2))); // what is written anew is whole again
    weather.loses = false;
    CHECK(get(e, 1).value_or("") == value_of(2));
}

TEST_CASE("K-23: a cold tier that refuses stops what grows, not what shrinks or reads") {
    tiers e = opened(100'000);
    weather.refuses = true;
    std::size_t n = 0;
    while (n < 1'000 && put(e, n, value_of(n))) ++n;
    CHECK(n > 50);
    CHECK(n < 70);
    CHECK(put(e, n, value_of(n)).error() == errc::no_space);
    CHECK(get(e, 0).value_or("") == value_of(0));
    write_batch batch;
    batch.erase(view(key_of(0)));
    CHECK(e.apply(batch));
    weather.refuses = false;
    e.set_memory_limit(100'000); // asks it again
    CHECK(e.memory_used() <= 100'000);
    CHECK(put(e, n, value_of(n)));
    for (std::size_t i = 1; i <= n; ++i) REQUIRE(get(e, i).value_or("") == value_of(i));
}

TEST_CASE("K-23: threads read whole rows while these move and change", "[threads]") {
    using plain = tiered<sorted_map<>, sorted_map<>>::engine<row, posix, shared>;
    plain e = std::move(*plain::open({}, {.memory_limit = 20'000}));
    const auto write = [&](std::size_t n, std::size_t from) {
        write_batch batch;
        batch.put(view(key_of(n)), view(value_of(from, 300)));
        return e.apply(batch).has_value();
    };
    for (std::size_t n = 0; n < 200; ++n) REQUIRE(write(n, n));
    std::vector<std::thread> threads;
    std::size_t wrong[4] = {};
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 2'000; ++i) {
                const std::size_t n = (i * 7 + t * 13) % 200;
                if (t % 2 == 0) {
                    if (!write(n, n + 200 * i)) ++wrong[t];
                    continue;
                }
                bool whole = false;
                const auto there = e.read(view(key_of(n)), [&](bytes_view found) noexcept {
                    const auto text = found.as<std::string>();
                    const std::size_t from = std::stoul(text.substr(300));
                    whole = from % 200 == n && text == value_of(from, 300);
                });
                if (!there || !*there || !whole) ++wrong[t];
                if (i % 200 != 0) continue;
                std::size_t rows = 0;
                const auto more = e.scan({}, [&](bytes_view, bytes_view) { ++rows; });
                if (!more || rows != 200) ++wrong[t];
            }
        });
    for (std::thread& t : threads) t.join();
    for (const std::size_t w : wrong) CHECK(w == 0);
    CHECK(e.size() == 200);
    CHECK(e.counts().failures == 0);
    CHECK(e.counts().spills > 1'000);
}
