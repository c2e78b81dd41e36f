// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of ordered engines: scans, ranges in checks, ranges in operations.
#pragma once

#include <ashlar/testing/laws/bench.hpp>

#include <algorithm>

namespace ashlar::inline v0_1::testing {

/// (key, row) as a scan showed them.
using row_list = std::vector<std::pair<std::string, std::string>>;

/// What a scan of this range over these rows must show, by the plainest means.
[[nodiscard]] inline row_list expected_scan(const rows_map& rows, const scan_range& range) {
    row_list all;
    for (const auto& [key, bytes] : rows)
        if (range.contains(key)) all.emplace_back(key, bytes);
    if (range.reverse) std::reverse(all.begin(), all.end());
    if (range.resume)
        std::erase_if(all, [&](const auto& entry) {
            return range.reverse ? !(bytes_view{entry.first} < range.after)
                                 : !(range.after < bytes_view{entry.first});
        });
    if (all.size() > range.limit) all.resize(range.limit);
    return all;
}

/// Scans and compares; `more` must be true when rows were held back by the limit and false when the
/// range was shown to its end without the limit being reached.
template <class Readable>
[[nodiscard]] bool scans(const Readable& from, const rows_map& rows, scan_range range) {
    const row_list wanted = expected_scan(rows, range);
    row_list shown;
    const result<bool> more = from.scan(range, [&](bytes_view key, bytes_view bytes) {
        shown.emplace_back(key.as<std::string>(), bytes.as<std::string>());
    });
    if (!more || shown != wanted) return false;
    if (shown.size() < range.limit) return !*more;
    range.limit = dynamic_extent;
    return *more || expected_scan(rows, range).size() == wanted.size();
}

template <class Bench>
void scan_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        bench.law(scans(e, {}, {}) && scans(e, {}, {.reverse = true}),
                  "scan: of nothing visits nothing");
        rows_map rows;
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (i % 4 != 3) bench.put(e, rows, keys[i], bench.row_of(i));
        for (const bool reverse : {false, true}) {
            bench.law(scans(e, rows, {.reverse = reverse}),
                      reverse ? "scan: all, backward in byte order" : "scan: all in byte order");
            for (std::size_t limit = 0; limit <= rows.size() + 1;
                 limit += limit < 4 || limit + 4 > rows.size() || limit % 64 > 61 ? 1 : 7)
                bench.law(scans(e, rows, {.reverse = reverse, .limit = limit}),
                          "scan: stops at the limit and says whether rows were held back");
        }
        // Bounds that are there, bounds that are not, both ends, both directions.
        std::vector<std::string> bounds(
            keys.begin(), keys.begin() + std::min<std::ptrdiff_t>(18, std::ssize(keys)));
        if (Bench::row::key_extent != dynamic_extent) // prefixes are bounds as well
            for (std::size_t i = 0; i < 6; ++i) {
                bounds.push_back(keys[i].substr(0, keys[i].size() / 2));
                bounds.push_back(keys[i] + '\0');
            }
        for (const std::string& lo : bounds)
            for (const std::string& hi : bounds) {
                const bool upside_down = !hi.empty() && bytes_view{hi} < bytes_view{lo};
                for (const bool reverse : {false, true}) {
                    const scan_range range{.lo = lo, .hi = hi, .reverse = reverse};
                    if (!upside_down) {
                        bench.law(scans(e, rows, range),
                                  "scan: includes its lower bound, excludes its upper bound");
                        continue;
                    }
                    std::size_t visits = 0;
                    const auto done = e.scan(range, [&](bytes_view, bytes_view) { ++visits; });
                    bench.law(!done && done.error() == errc::range_invalid && visits == 0,
                              "scan: refuses a lower bound above the upper one");
                }
            }
        for (std::size_t stop = 1; stop < rows.size(); stop = stop * 2 + 1)
            for (const bool reverse : {false, true}) {
                row_list wanted = expected_scan(rows, {.reverse = reverse, .limit = stop});
                row_list shown;
                const auto more =
                    e.scan({.reverse = reverse}, [&](bytes_view key, bytes_view bytes) {
                        shown.emplace_back(key.template as<std::string>(),
                                           bytes.template as<std::string>());
                        return shown.size() < stop;
                    });
                bench.law(more.has_value() && *more && shown == wanted,
                          "scan: stops when the visitor says so, and says so");
            }
    });
}

/// The keys in byte order.
[[nodiscard]] inline std::vector<std::string> in_order(std::vector<std::string> keys) {
    std::sort(keys.begin(), keys.end(),
              [](const auto& a, const auto& b) { return bytes_view{a} < bytes_view{b}; });
    return keys;
}

template <class Bench>
void resume_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        rows_map rows;
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (i % 3 != 2) bench.put(e, rows, keys[i], bench.row_of(i));
        const std::vector<std::string> sorted = in_order(keys);
        const std::string& lo = sorted[sorted.size() / 4];
        const std::string& hi = sorted[sorted.size() * 3 / 4];
        for (const std::string& after : sorted)
            for (const bool reverse : {false, true}) {
                bench.law(scans(e, rows, {.reverse = reverse, .resume = true, .after = after}),
                          "scan: resumes behind a key, whether or not it is still there");
                const scan_range range{
                    .lo = lo, .hi = hi, .reverse = reverse, .resume = true, .after = after};
                if (range.contains(after)) {
                    bench.law(scans(e, rows, range), "scan: resumes within its bounds");
                    continue;
                }
                std::size_t visits = 0;
                const auto done = e.scan(range, [&](bytes_view, bytes_view) { ++visits; });
                bench.law(!done && done.error() == errc::foreign_cursor && visits == 0,
                          "scan: refuses to resume behind a key outside its range");
            }
        // Pages, with a row put in front of and a row erased behind the cursor between pages.
        for (const bool reverse : {false, true})
            for (const std::size_t limit : {std::size_t{1}, std::size_t{64}}) {
                row_list shown;
                std::string after;
                bool more = true;
                for (std::size_t page = 0; more && page <= keys.size(); ++page) {
                    const auto done = e.scan(
                        {.reverse = reverse, .resume = page != 0, .after = after, .limit = limit},
                        [&](bytes_view key, bytes_view bytes) {
                            shown.emplace_back(key.template as<std::string>(),
                                               bytes.template as<std::string>());
                        });
                    more = done.has_value() && *done;
                    if (shown.empty()) break;
                    after = shown.back().first;
                    write_batch b;
                    const std::string bytes = rows[after];
                    b.erase(after);
                    bench.law(bool(e.apply(b)), "apply: succeeds between pages");
                    b.clear();
                    b.put(after, bytes);
                    bench.law(bool(e.apply(b)), "apply: succeeds between pages");
                }
                bench.law(shown == expected_scan(rows, {.reverse = reverse}),
                          "scan: pages show every row that stays exactly once, in order");
            }
    });
}

/// Visitors of scans may write: they hold no lock and see chunks that were copied.
template <class Bench>
void scan_change_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    for (const bool reverse : {false, true})
        bench.with_engine([&](auto& e) {
            rows_map stay;
            for (std::size_t i = 0; i < keys.size(); i += 2)
                bench.put(e, stay, keys[i], bench.row_of(i));
            const auto passing = [&](std::size_t i) { return 2 * (i % (keys.size() / 2)) + 1; };
            std::size_t turn = 0;
            bool intact = true;
            std::vector<std::string> shown;
            const auto done = e.scan({.reverse = reverse}, [&](bytes_view key, bytes_view bytes) {
                const std::string name = key.template as<std::string>();
                const std::string copy = bytes.template as<std::string>();
                write_batch b;
                b.put(keys[passing(turn)], bench.row_of(turn));
                b.erase(keys[passing(turn + keys.size() / 4)]).put(name, bench.row_of(turn + 1));
                ++turn;
                intact = intact && turn < 8 * keys.size() && bool(e.apply(b));
                intact = intact && key == bytes_view{name} && bytes == bytes_view{copy};
                shown.push_back(name);
                return intact;
            });
            bench.law(done.has_value() && intact,
                      "scan: a visitor may write, its row stays as it is");
            bool ordered = true;
            for (std::size_t i = 1; i < shown.size(); ++i)
                ordered = ordered && (reverse ? bytes_view{shown[i]} < bytes_view{shown[i - 1]}
                                              : bytes_view{shown[i - 1]} < bytes_view{shown[i]});
            bench.law(ordered, "scan: stays in order and shows no key twice while others write");
            const std::set<std::string> seen(shown.begin(), shown.end());
            bool all = true;
            for (const auto& [key, bytes] : stay) all = all && seen.contains(key);
            bench.law(all, "scan: a key present throughout is visited");
        });
}

template <class Bench>
void range_check_laws(const Bench& bench) {
    const std::vector<std::string> keys = in_order(bench.keys);
    const std::size_t n = keys.size();
    const std::string &first = keys[n / 4], &last = keys[n / 2], &end = keys[n / 2 + 1];
    bench.with_engine([&](auto& e) {
        rows_map rows;
        bench.put(e, rows, first, bench.row_of(1));
        bench.put(e, rows, end, bench.row_of(2));
        const auto empty = [&](const std::string& lo, const std::string& hi, bool holds,
                               const char* law) {
            write_batch b;
            b.range_empty(lo, hi);
            seen_conflict conflict;
            const auto done = Bench::submit(e, b, conflict);
            bench.law(holds ? bool(done) : !done && done.error() == errc::conflict, law);
            if constexpr (Bench::reports_conflicts)
                if (!holds)
                    bench.law(conflict.calls == 1 && conflict.found &&
                                  conflict.kind == check_kind::range_empty,
                              "range_empty: a conflict says that something was found");
        };
        empty(first, end, false, "range_empty: the lower bound is included");
        empty(last, end, true, "range_empty: the upper bound is excluded");
        empty(keys[n / 4 + 1], end, true, "range_empty: holds between two rows");
        empty(keys[n / 4 + 1], keys[n / 2 + 2], false, "range_empty: fails when a row is within");
        empty(first, first, true, "range_empty: an empty range is empty");
        empty(last, "", false, "range_empty: without an upper bound it reaches the last row");
        empty(keys[n / 2 + 2], "", true, "range_empty: holds behind the last row");
    });
}

template <class Bench>
void range_operation_laws(const Bench& bench) {
    const std::vector<std::string> keys = in_order(bench.keys);
    const std::size_t n = keys.size();
    const std::string &first = keys[n / 4], &last = keys[n / 2], &end = keys[n / 2 + 1];
    bench.with_engine([&](auto& e) {
        rows_map rows = bench.fill(e, n);
        const auto drop = [&](const std::string& lo, const std::string& hi) {
            std::erase_if(rows, [&](const auto& entry) {
                return scan_range{.lo = lo, .hi = hi}.contains(entry.first);
            });
        };
        const auto erases = [&](const std::string& lo, const std::string& hi, const char* law) {
            write_batch b;
            b.erase_range(lo, hi);
            bench.law(bool(e.apply(b)), law);
            drop(lo, hi);
            bench.law(bench.holds(e, rows), law);
        };
        erases(first, first, "erase_range: an empty range erases nothing");
        erases(keys[1], keys[2], "erase_range: the upper bound stays");
        erases(first, last, "erase_range: everything in [lo, hi) goes, nothing else");
        erases(first, last, "erase_range: a range without rows is no error");
        write_batch b;
        b.put(first, bench.row_of(3)).put(last, bench.row_of(4));
        b.erase_range(first, end).put(first, bench.row_of(5));
        bench.law(bool(e.apply(b)), "erase_range: stands among other operations");
        drop(first, end);
        rows[first] = bench.row_of(5);
        bench.law(bench.holds(e, rows), "erase_range: takes what its batch put before, not after");
        if constexpr (Bench::has_counters) {
            bench.put(e, rows, first, Bench::counter_row(50));
            b.clear();
            b.erase_range(first, last).add(first, Bench::counter_row(2));
            bench.law(bool(e.apply(b)), "erase_range: stands among other operations");
            rows[first] = Bench::counter_row(2);
            bench.law(bench.holds(e, rows), "add: begins at 0 behind an erase_range of its batch");
        }
        b.clear();
        b.absent(first).erase_range(keys[0], {});
        bench.law(!e.apply(b) && bench.holds(e, rows), "erase_range: a failed check spares all");
        erases(keys[n * 3 / 4], "", "erase_range: without an upper bound everything above goes");
        erases(keys[0], "", "erase_range: all rows can go at once");
    });
}

} // namespace ashlar::inline v0_1::testing
