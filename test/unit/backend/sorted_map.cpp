// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads sanitized_optimizer
#include "catch.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/random.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::random_source;

struct no_environment {};
template <class Row, class Concurrency = shared>
using engine_of = sorted_map<>::engine<Row, no_environment, Concurrency>;
using texts = row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
using words = row_layout<8, 8, row_fields{.sequenced = true}>;
using model = std::map<std::string, std::string>;

template <class Row, class Concurrency>
inline constexpr bool offers_all =
    batched_engine<engine_of<Row, Concurrency>> && ordered_engine<engine_of<Row, Concurrency>> &&
    snapshot_engine<engine_of<Row, Concurrency>> && in_place_engine<engine_of<Row, Concurrency>> &&
    direct_engine<engine_of<Row, Concurrency>> && durable_engine<engine_of<Row, Concurrency>> &&
    sized_engine<engine_of<Row, Concurrency>> && metered_engine<engine_of<Row, Concurrency>> &&
    openable_engine<engine_of<Row, Concurrency>, no_environment, no_options>;
static_assert(offers_all<texts, shared> && offers_all<texts, single>);
static_assert(offers_all<words, shared> && offers_all<words, single>);
// Stores whose fixed extents differ share one tree; so do all whose rows have no fixed extent.
static_assert(std::is_same_v<sorted_tree::kind_for<row_layout<8, 8, row_fields{}>, shared>,
                             sorted_tree::kind_for<row_layout<4, 24, row_fields{}>, shared>>);
static_assert(std::is_same_v<sorted_tree::kind_for<texts, shared>,
                             sorted_tree::kind_for<row_layout<9, 8, row_fields{}>, shared>>);

std::string word(std::uint64_t n) {
    std::byte bytes[8];
    store_big(bytes, n);
    return bytes_view{bytes, 8}.as<std::string>();
}
std::string number(std::uint64_t n) {
    std::byte bytes[8];
    store_little(bytes, n);
    return bytes_view{bytes, 8}.as<std::string>();
}
std::uint64_t number(bytes_view row) { return load_little<std::uint64_t>(row.data()); }

template <class Source>
std::vector<std::pair<std::string, std::string>>
scanned(const Source& from, const scan_range& range, bool* more = nullptr) {
    std::vector<std::pair<std::string, std::string>> rows;
    const auto done = from.scan(range, [&](bytes_view key, bytes_view row) {
        rows.emplace_back(key.as<std::string>(), row.as<std::string>());
    });
    REQUIRE(done.has_value());
    if (more != nullptr) *more = *done;
    return rows;
}
template <class Source>
model all_of(const Source& from) {
    const auto rows = scanned(from, {});
    return {rows.begin(), rows.end()};
}

} // namespace

TEST_CASE("scans with any bounds, direction, limit and resumption equal the model's") {
    engine_of<texts> e;
    model rows;
    random_source random{11};
    const auto any_key = [&] {
        std::string key(random.below(12), static_cast<char>(random.below(3) == 0 ? 0xFF : 0x00));
        if (random.below(4) != 0) key += "common prefix " + std::to_string(random.below(3000));
        return key;
    };
    for (int i = 0; i < 2000; ++i) {
        const std::string key = any_key();
        rows[key] = std::to_string(i);
        REQUIRE(e.put(key, rows[key]).has_value());
    }
    REQUIRE(all_of(e) == rows);
    const auto snapshot = e.snapshot();
    REQUIRE(snapshot.has_value());
    for (int i = 0; i < 1500; ++i) {
        std::string lo = any_key();
        std::string hi = random.one_in(5) ? std::string{} : any_key();
        if (!hi.empty() && hi < lo) std::swap(lo, hi);
        scan_range range{.lo = lo, .hi = hi, .reverse = random.one_in(2)};
        if (random.one_in(2)) range.limit = random.below(400);
        const std::string after = any_key();
        range.resume = random.one_in(2) && range.contains(after);
        if (range.resume) range.after = after;

        auto first = rows.lower_bound(lo);
        auto last = hi.empty() ? rows.end() : rows.lower_bound(hi);
        if (range.resume && !range.reverse) first = rows.upper_bound(after);
        if (range.resume && range.reverse) last = rows.lower_bound(after);
        std::vector<std::pair<std::string, std::string>> expected(first, last);
        if (range.reverse) expected = {expected.rbegin(), expected.rend()};
        const bool cut = expected.size() > range.limit;
        if (cut) expected.resize(range.limit);

        CAPTURE(i);
        bool more = false;
        REQUIRE(scanned(e, range, &more) == expected);
        REQUIRE(more == cut);
        REQUIRE(scanned(*snapshot, range, &more) == expected);
        REQUIRE(more == cut);
    }
}

TEST_CASE("a range for keys of fixed length may have bounds of any length") {
    engine_of<row_layout<2, 0, row_fields{}>> e;
    for (const auto key : {"aa"_b, "ab"_b, "b\0"_b, "ba"_b, "\xFF\xFF"_b})
        REQUIRE(e.put(key, {}).has_value());
    const auto count = [&](scan_range range) { return scanned(e, range).size(); };
    CHECK(count({.lo = "a"_b, .hi = "b"_b}) == 2);
    CHECK(count({.lo = "b"_b}) == 3);
    CHECK(count({.lo = "ab\0"_b}) == 3);
    CHECK(count({.lo = {}, .hi = "ab\0"_b}) == 2);
    CHECK(count({.lo = {}, .hi = "ab\0"_b, .reverse = true}) == 2);
    CHECK(count({.lo = "b"_b, .resume = true, .after = "b"_b}) == 3);
    CHECK(count({.lo = "b"_b, .resume = true, .after = "b\0"_b}) == 2);
    CHECK(count({.lo = {}, .reverse = true, .resume = true, .after = "b"_b}) == 2);
    CHECK(count({.lo = {}, .resume = true, .after = "\xFF\xFF"_b}) == 0);
    CHECK(count({.lo = "\xFF\xFF\xFF"_b}) == 0);
    write_batch batch;
    batch.range_empty("ab\0"_b, "b"_b).erase_range("a"_b, "ba"_b);
    CHECK(e.apply(batch).has_value());
    CHECK(e.size() == 2);
}

TEST_CASE("refused ranges, keys and rows leave a sentence's worth of error and no trace") {
    sorted_map<4, 6>::engine<texts, no_environment, shared> e;
    const auto visit = [](bytes_view, bytes_view) {};
    CHECK(e.scan({.lo = "b"_b, .hi = "a"_b}, visit).error() == errc::range_invalid);
    CHECK(e.scan({.lo = "b"_b, .resume = true, .after = "a"_b}, visit).error() ==
          errc::foreign_cursor);
    CHECK(e.put("12345"_b, {}).error() == errc::key_too_long);
    CHECK(e.put("1234"_b, "1234567"_b).error() == errc::value_too_long);
    CHECK(e.update("1"_b, 7, archetype::updater{}).error() == errc::value_too_long);
    write_batch batch;
    batch.put("1"_b, {}).put("12345"_b, {});
    CHECK(e.apply(batch).error() == errc::key_too_long);
    CHECK(e.size() == 0);
    CHECK(e.memory_used() == 0);

    engine_of<words> fixed;
    CHECK(fixed.put("short"_b, "12345678"_b).error() == errc::invalid_argument);
    CHECK(fixed.put("12345678"_b, "short"_b).error() == errc::invalid_argument);
    CHECK(fixed.read("short"_b, archetype::row_visitor{}).error() == errc::invalid_argument);
}

TEST_CASE("after close every verb answers closed, and the memory is given back") {
    engine_of<texts> e;
    REQUIRE(e.put("a"_b, "1"_b).has_value());
    REQUIRE(e.close().has_value());
    write_batch batch;
    batch.put("a"_b, "1"_b);
    key_buffer at;
    const bytes_view key = "a"_b;
    CHECK(e.read(key, archetype::row_visitor{}).error() == errc::closed);
    CHECK(e.read_many(&key, 1, archetype::indexed_visitor{}).error() == errc::closed);
    CHECK(e.scan({}, archetype::key_row_visitor{}).error() == errc::closed);
    CHECK(e.walk(at, archetype::key_row_visitor{}, 1).error() == errc::closed);
    CHECK(e.snapshot().error() == errc::closed);
    CHECK(e.apply(batch).error() == errc::closed);
    CHECK(e.apply_at(commit_seq{1}, batch.operations()).error() == errc::closed);
    CHECK(e.put(key, key).error() == errc::closed);
    CHECK(e.erase(key).error() == errc::closed);
    CHECK(e.update(key, 1, archetype::updater{}).error() == errc::closed);
    CHECK(e.clear().error() == errc::closed);
    CHECK(e.bulk_load([](bytes_view&, bytes_view&) { return false; }).error() == errc::closed);
    CHECK(e.sync().error() == errc::closed);
    CHECK(e.close().error() == errc::closed);
    CHECK(e.memory_used() == 0);
    e = engine_of<texts>{};
    CHECK(e.put("a"_b, "1"_b).has_value());
}

TEST_CASE("a walk goes on behind what it visited, whatever came and went meanwhile") {
    engine_of<texts> e;
    for (std::uint64_t i = 0; i < 1000; ++i) REQUIRE(e.put(word(2 * i), {}).has_value());
    REQUIRE(e.put(""_b, {}).has_value());
    key_buffer at;
    std::map<std::string, int> visits;
    for (std::uint64_t round = 0;; ++round) {
        const auto more = e.walk(
            at, [&](bytes_view k, bytes_view) { ++visits[k.as<std::string>()]; }, 1 + round % 130);
        REQUIRE(more.has_value());
        if (!*more) break;
        REQUIRE(e.put(word(2 * (round * 37 % 1000) + 1), {}).has_value());
        REQUIRE(e.erase(word(2 * (round * 61 % 1000) + 1)).has_value());
    }
    CHECK(visits[""] == 1);
    bool each_once = true;
    for (std::uint64_t i = 0; i < 1000; ++i) each_once = each_once && visits[word(2 * i)] == 1;
    CHECK(each_once);
    CHECK(e.erase(""_b).value());
}

TEST_CASE("who looks at headers is shown no more of long rows, and all of their keys") {
    using dated = row_layout<dynamic_extent, dynamic_extent, row_fields{.expiry = true}>;
    engine_of<dated> e;
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
        const std::string row = number(i) + std::string(i % 3 * 100'000, 'x');
        REQUIRE(e.put(word(i), bytes_view{row}).has_value());
    }
    std::uint64_t next = 0;
    const auto look = [&](bytes_view key, bytes_view row) {
        bytes += row.size();
        next += key == bytes_view{word(next)} && number(row) == next ? 1U : 0U;
    };
    key_buffer at;
    REQUIRE(e.walk_headers(at, look, 100).has_value());
    CHECK(next == 100);
    CHECK(e.scan_headers({.resume = true, .after = at.view().skip(1)}, look).has_value());
    CHECK(next == 300);
    CHECK(bytes == 300 * dated::header_size);
    bytes = next = 0;
    at.clear();
    CHECK(e.walk_beginnings(at, look, 200, dated::header_size + 5).has_value());
    CHECK(
        e.scan_beginnings({.lo = bytes_view{word(200)}}, look, dated::header_size + 5).has_value());
    CHECK(next == 300);
    CHECK(bytes == 300 * dated::header_size + 200 * 5);
}

TEST_CASE("visitors of scans may change the map they scan") {
    engine_of<texts> e;
    for (std::uint64_t i = 0; i < 1000; ++i) REQUIRE(e.put(word(i), number(i)).has_value());
    std::size_t seen = 0;
    bool fine = true;
    const auto more = e.scan({}, [&](bytes_view key, bytes_view) {
        ++seen;
        fine = fine && e.erase(key).value() && e.put("a"_b, "behind all words"_b).has_value();
        return true;
    });
    REQUIRE(more.has_value());
    CHECK(fine);
    CHECK(seen == 1001); // the new row stands behind the chunk that was being visited
    CHECK(e.size() == 1);
}

TEST_CASE("bulk_load takes ascending rows behind the last, or none at all") {
    engine_of<words> e;
    constexpr auto never = static_cast<std::uint64_t>(-1);
    const auto load = [&](std::uint64_t from, std::uint64_t to, std::uint64_t broken_at) {
        std::uint64_t i = from;
        std::string key;
        std::string row;
        return e.bulk_load([&](bytes_view& k, bytes_view& r) {
            if (i == to) return false;
            key = word(i == broken_at ? i - 1 : i);
            row = number(i++);
            k = key;
            r = row;
            return true;
        });
    };
    CHECK(load(0, 5000, never).value() == 5000);
    const std::size_t memory = e.memory_used();
    const auto before = e.snapshot();
    CHECK(load(4999, 6000, never).error() == errc::invalid_argument);
    CHECK(load(5000, 9000, 8000).error() == errc::invalid_argument);
    CHECK(e.size() == 5000);
    CHECK(e.memory_used() == memory);
    CHECK(load(5000, 9000, never).value() == 4000);
    CHECK(e.size() == 9000);
    CHECK(before->size() == 5000);
    CHECK(scanned(*before, {}).size() == 5000);
    CHECK(e.put(word(1), number(1)).value() == commit_seq{3}); // each load was one commit
    CHECK(e.read(word(8999), [](bytes_view row) { CHECK(number(row) == 8999); }).value());
}

TEST_CASE("bulk_load of texts appends to what puts and snapshots left") {
    engine_of<texts> e;
    model rows;
    const auto key_of = [](std::uint64_t i) {
        return "common prefix " + std::to_string(10'000 + i);
    };
    for (std::uint64_t i = 0; i < 100; ++i) {
        rows[key_of(i)] = number(i);
        REQUIRE(e.put(key_of(i), number(i)).has_value());
    }
    const auto load = [&](std::uint64_t from, std::uint64_t to, std::uint64_t broken_at) {
        std::string key;
        std::string row;
        return e.bulk_load([&, i = from](bytes_view& k, bytes_view& r) mutable {
            if (i == to) return false;
            k = key = key_of(i == broken_at ? i - 1 : i);
            r = row = number(i++);
            return true;
        });
    };
    const auto before = e.snapshot();
    const std::size_t memory = e.memory_used();
    CHECK(load(99, 200, 0).error() == errc::invalid_argument);
    CHECK(load(100, 3000, 2500).error() == errc::invalid_argument);
    CHECK(e.memory_used() == memory);
    CHECK(all_of(e) == rows);
    CHECK(load(100, 3000, 0).value() == 2900);
    CHECK(all_of(*before) == rows);
    for (std::uint64_t i = 100; i < 3000; ++i) rows[key_of(i)] = number(i);
    CHECK(all_of(e) == rows);
    CHECK(e.put(key_of(3000), number(0)).has_value());
    CHECK(e.erase(key_of(1500)).value());
    CHECK(e.size() == 3000);
}

TEST_CASE("batches of neighbours equal the model's, through splits and joins") {
    const auto rounds_on = [](auto e, auto key_of) {
        model rows;
        random_source random{23};
        for (int round = 0; round < 60; ++round) {
            write_batch batch;
            for (int run = 0; run < 8; ++run) {
                std::uint64_t at = random.below(4000);
                for (std::uint64_t left = random.below(60); left > 0; --left) {
                    const std::string key = key_of(at);
                    at += random.one_in(8) ? 0U - random.below(3) : 1 + random.below(2);
                    if (random.one_in(random.one_in(2) ? 2 : 20)) {
                        batch.erase(key);
                        rows.erase(key);
                    } else {
                        batch.put(key, number(at));
                        rows[key] = number(at);
                    }
                }
                if (random.one_in(6)) {
                    const std::string lo = key_of(at);
                    const std::string hi = key_of(at + 300);
                    batch.erase_range(lo, hi);
                    rows.erase(rows.lower_bound(lo), rows.lower_bound(hi));
                }
            }
            const auto view = e.snapshot(); // so that some ways must be copied
            REQUIRE(e.apply(batch).has_value());
            REQUIRE(all_of(e) == rows);
        }
    };
    rounds_on(engine_of<words>{}, [](std::uint64_t i) { return word(i + 1000); });
    rounds_on(engine_of<texts>{},
              [](std::uint64_t i) { return "neighbour " + std::to_string(i + 1000); });
}

TEST_CASE("a snapshot equals the model of its moment while two writers go on", "[threads]") {
    engine_of<words> e;
    for (std::uint64_t i = 0; i < 4000; ++i) REQUIRE(e.put(word(i), number(0)).has_value());
    // Each batch raises two rows by one, so that at any moment all rows sum to twice the commits.
    std::atomic<bool> stop{false};
    std::atomic<bool> fine{true};
    const auto writer = [&](std::uint64_t seed) {
        random_source random{seed};
        for (std::uint64_t step = 0; !stop.load(); ++step) {
            write_batch batch;
            batch.add(word(random.below(4000)), number(1)).add(word(random.below(4000)), number(1));
            if (!e.apply(batch)) fine = false;
            const std::string extra = word(1'000'000 + seed * 1'000'000 + step % 3000);
            const bool done = step / 3000 % 2 == 0 ? e.put(extra, number(0)).has_value()
                                                   : e.erase(extra).has_value();
            if (!done) fine = false;
        }
    };
    std::thread one{writer, 1};
    std::thread two{writer, 2};
    const auto sum_of = [](const auto& view) {
        std::uint64_t sum = 0;
        std::size_t count = 0;
        const auto done = view.scan({}, [&](bytes_view, bytes_view row) {
            sum += number(row);
            ++count;
        });
        return std::pair{sum, done.has_value() && count == view.size() && sum % 2 == 0};
    };
    std::deque<std::pair<engine_of<words>::view, std::uint64_t>> alive;
    std::uint64_t last = 0;
    for (int round = 0; round < 120; ++round) {
        auto taken = e.snapshot();
        REQUIRE(taken.has_value());
        const auto [sum, whole] = sum_of(*taken);
        REQUIRE(whole);
        REQUIRE(sum >= last);
        last = sum;
        alive.emplace_back(std::move(*taken), sum);
        if (alive.size() > 40) {
            REQUIRE(sum_of(alive.front().first).first == alive.front().second);
            alive.pop_front();
        }
    }
    stop = true;
    one.join();
    two.join();
    CHECK(fine.load());
    for (const auto& [view, sum] : alive) CHECK(sum_of(view).first == sum);
}

TEST_CASE("threads that compare and set lose no update (X5-6)", "[threads]") {
    constexpr int threads = 8;
    constexpr int each = 2000;
    engine_of<texts> e;
    REQUIRE(e.put("n"_b, number(0)).has_value());
    REQUIRE(e.put("m"_b, number(0)).has_value());
    std::atomic<bool> fine{true};
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&] {
            for (int i = 0; i < each;) {
                std::string old;
                if (!e.read("n"_b, [&](bytes_view row) { old = row.as<std::string>(); }))
                    fine = false;
                write_batch batch;
                batch.equals("n"_b, old).put("n"_b, number(number(bytes_view{old}) + 1));
                const auto done = e.apply(batch);
                if (done) ++i;
                else if (!(done.error() == errc::conflict)) fine = false;
                if (!done) continue;
                const auto raise = [](commit_seq, const bytes_view* row, std::byte* out) noexcept {
                    store_little(out, number(*row) + 1);
                    return update_action::write(8);
                };
                if (!e.update("m"_b, 8, raise)) fine = false;
            }
        });
    for (auto& thread : running) thread.join();
    CHECK(fine.load());
    for (const auto key : {"n"_b, "m"_b})
        CHECK(e.read(key, [](bytes_view row) { CHECK(number(row) == threads * each); }).value());
}

TEST_CASE("a chunk of a scan never shows half a batch", "[threads]") {
    engine_of<texts> e;
    for (std::uint64_t i = 0; i < 400; ++i) REQUIRE(e.put(word(i * 10), "row"_b).has_value());
    const std::string left = word(2000);
    const std::string right = word(2001); // neighbours: of the first 64 rows from `left` on
    std::atomic<bool> stop{false};
    std::atomic<bool> fine{true};
    std::thread writer{[&] {
        for (std::uint64_t n = 1; !stop.load(); ++n) {
            write_batch batch;
            batch.put(left, number(n)).put(right, number(n));
            if (n % 7 == 0) batch.clear(), batch.erase(left).erase(right);
            if (!e.apply(batch)) fine = false;
        }
    }};
    std::size_t both = 0;
    for (int round = 0; round < 1'000'000 && both < 1000; ++round) {
        std::this_thread::yield();
        const bool reverse = round % 2 == 0;
        std::string row[2];
        const auto done = e.scan({.lo = left, .hi = word(2002), .reverse = reverse},
                                 [&](bytes_view key, bytes_view value) {
                                     row[key == bytes_view{left} ? 0 : 1] = value.as<std::string>();
                                 });
        REQUIRE(done.has_value());
        if (row[0] == "row") continue; // before the first batch
        REQUIRE(row[0] == row[1]);
        both += row[0].empty() ? 0 : 1;
    }
    stop = true;
    writer.join();
    CHECK(fine.load());
    CHECK(both == 1000);
}

TEST_CASE("readers without the lock see whole rows, and batches whole and in their order",
          "[threads]") {
    // Eight words a row, the last the first's complement; leaves split and join all the time.
    using pairs = row_layout<8, 64, row_fields{}>;
    engine_of<pairs> e;
    const auto row = [](std::uint64_t n) { return number(n) + std::string(48, '-') + number(~n); };
    const auto whole = [](bytes_view r) { return number(r) == ~number(r.skip(56)); };
    constexpr std::uint64_t spread = 3000;
    const std::string first = word(spread / 3);
    const std::string second = word(spread / 3 * 2);
    REQUIRE(e.put(first, row(0)).has_value());
    REQUIRE(e.put(second, row(0)).has_value());
    std::atomic<bool> stop{false};
    std::atomic<int> faults{0};
    std::atomic<std::uint64_t> seen{0};
    const auto reader = [&](std::uint64_t seed) {
        random_source random{seed};
        std::uint64_t found = 0;
        while (!stop.load()) {
            std::uint64_t one = 0;
            std::uint64_t two = 0;
            const auto there = e.read(first, [&](bytes_view r) {
                one = number(r);
                faults += whole(r) ? 0 : 1;
            });
            const auto also = e.read(second, [&](bytes_view r) { two = number(r); });
            if (!there.value_or(false) || !also.value_or(false) || two < one) ++faults;
            std::string keys[16];
            bytes_view views[16];
            for (std::size_t i = 0; i < 16; ++i) views[i] = keys[i] = word(random.below(spread));
            const auto done = e.read_many(views, 16, [&](std::size_t i, bytes_view r) {
                const bool fixed = keys[i] == first || keys[i] == second;
                if (!whole(r) || (!fixed && word(number(r) % spread) != keys[i])) ++faults;
                ++found;
            });
            if (!done) ++faults;
        }
        seen += found;
    };
    std::thread readers[] = {std::thread{reader, 1}, std::thread{reader, 2}};
    random_source random{3};
    std::vector<engine_of<pairs>::view> views;
    for (std::uint64_t n = 1; n <= 150'000; ++n) {
        const std::uint64_t at = random.below(spread);
        const std::string key = word(at);
        if (key == first || key == second) continue;
        // Fills and empties the map in turn, so that nodes come and go.
        const bool grows = n / 5000 % 2 == 0;
        if (random.one_in(4) == grows) static_cast<void>(e.erase(key));
        else if (!e.put(key, row(at + spread * n))) ++faults;
        if (n % 64 == 0) {
            write_batch batch;
            batch.put(first, row(n));
            for (std::uint64_t i = 0; i < 60; ++i) { // time to be looked at half-way
                const std::uint64_t more = spread / 3 * 2 + 1 + i;
                batch.put(word(more), row(more + spread * n));
            }
            batch.put(second, row(n));
            if (!e.apply(batch)) ++faults;
        }
        if (n % 512 == 0) views.push_back(std::move(*e.snapshot()));
        if (n % 2048 == 0) views.clear();
    }
    stop = true;
    for (std::thread& r : readers) r.join();
    CHECK(faults == 0);
    CHECK(seen > 0);
    CHECK(all_of(e).size() == e.size());
}

TEST_CASE("memory_used is what the present rows take, snapshots or not") {
    engine_of<texts> e;
    model rows;
    random_source random{5};
    std::vector<engine_of<texts>::view> views;
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i < 200; ++i) {
            const std::string key = "a key of some length " + std::to_string(random.below(3000));
            if (random.one_in(3)) REQUIRE(e.erase(key).has_value());
            else REQUIRE(e.put(key, std::string(random.below(100), 'x')).has_value());
        }
        auto taken = e.snapshot();
        REQUIRE(taken.has_value());
        views.push_back(std::move(*taken));
    }
    const std::size_t with_views = e.memory_used();
    const model present = all_of(e);
    views.clear();
    CHECK(e.memory_used() == with_views);
    std::size_t payload = 0;
    for (const auto& [key, row] : present) payload += key.size() + row.size();
    CHECK(with_views > payload);
    CHECK(with_views < payload + present.size() * 80 + 20'000);
    write_batch batch;
    batch.erase_range({}, {});
    REQUIRE(e.apply(batch).has_value());
    CHECK(e.memory_used() == 0);
    CHECK(e.size() == 0);
}

TEST_CASE("clear drops the rows and leaves snapshots theirs") {
    engine_of<words> e;
    for (std::uint64_t i = 0; i < 1000; ++i) REQUIRE(e.put(word(i), number(i)).has_value());
    const auto before = e.snapshot();
    REQUIRE(e.clear().has_value());
    CHECK(e.size() == 0);
    CHECK(e.memory_used() == 0);
    CHECK(scanned(*before, {}).size() == 1000);
    CHECK(e.put(word(1), number(1)).value() == commit_seq{1001});
}

TEST_CASE("an engine moves with its rows and its sequence") {
    engine_of<words> from;
    REQUIRE(from.put(word(1), number(1)).has_value());
    const auto view = from.snapshot();
    engine_of<words> to{std::move(from)};
    CHECK(to.size() == 1);
    CHECK(view->size() == 1);
    from = engine_of<words>{};
    CHECK(from.size() == 0);
    CHECK(from.put(word(2), number(2)).value() == commit_seq{1});
    CHECK(to.put(word(2), number(2)).value() == commit_seq{2});
}
