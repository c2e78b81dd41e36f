// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of the waist: what every engine obeys.
#pragma once

#include <ashlar/testing/laws/bench.hpp>

#include <cstdint>
#include <limits>
#include <utility>

namespace ashlar::inline v0_1::testing {

template <class Bench>
void read_laws(const Bench& bench) {
    bench.with_engine([&](auto& e) {
        bench.law(bench.holds(e, {}), "read, walk: nothing is there at first");
        rows_map rows = bench.fill(e, bench.keys.size());
        bench.law(bench.holds(e, rows), "read, walk: every key shows its row, once, and no other");
        for (std::size_t i = 0; i < bench.keys.size(); i += 2)
            bench.law(bench.put(e, rows, bench.keys[i], bench.row_of(i + 3)),
                      "apply: a put over a row succeeds");
        bench.law(bench.holds(e, rows), "apply: a put replaces the row, whatever its length");
        for (std::size_t i = 0; i < bench.keys.size(); i += 3) {
            write_batch batch;
            batch.erase(bench.keys[i]);
            bench.law(bool(e.apply(batch)), "apply: an erase succeeds");
            rows.erase(bench.keys[i]);
            batch.clear();
            batch.erase(bench.keys[i]);
            bench.law(bool(e.apply(batch)), "apply: an erase of an absent key succeeds");
        }
        bench.law(bench.holds(e, rows), "apply: an erase takes its own row and no other");
        write_batch none;
        bench.law(bool(e.apply(none)), "apply: an empty batch succeeds");
        auto moved = std::move(e);
        bench.law(bench.holds(moved, rows), "move: the rows go with the engine");
        e = std::move(moved);
        bench.law(bench.holds(e, rows), "move: an engine moved from can be assigned");
        bench.law(bench.put(e, rows, bench.keys[0], bench.row_of(5)) && bench.holds(e, rows),
                  "move: an engine assigned to can be written");
    });
}

template <class Bench>
void batch_order_laws(const Bench& bench) {
    const std::string &a = bench.keys[1], &b = bench.keys[2], &c = bench.keys[3];
    bench.with_engine([&](auto& e) {
        rows_map rows = bench.fill(e, 2);
        write_batch batch;
        batch.put(a, bench.row_of(11)).erase(a).put(a, bench.row_of(12));
        batch.put(b, bench.row_of(13)).erase(b);
        batch.erase(c).put(c, bench.row_of(14)).put(c, bench.row_of(15));
        bench.law(bool(e.apply(batch)), "apply: a batch may name a key many times");
        rows[a] = bench.row_of(12);
        rows.erase(b);
        rows[c] = bench.row_of(15);
        bench.law(bench.holds(e, rows), "apply: operations take effect in their order");
        // Enough rows for pages to split and tables to grow in mid-batch.
        batch.clear();
        for (std::size_t i = 0; i < bench.keys.size(); ++i) {
            batch.put(bench.keys[i], bench.row_of(i + 20));
            rows[bench.keys[i]] = bench.row_of(i + 20);
        }
        bench.law(bool(e.apply(batch)), "apply: a large batch succeeds");
        bench.law(bench.holds(e, rows), "apply: a large batch happens as a whole");
    });
}

namespace detail {

/// Hands a batch with one failing check to the engine and sees what comes back.
template <class Bench, class Engine, class Build>
void expect_conflict(const Bench& bench, Engine& e, const rows_map& rows, std::size_t index,
                     const std::string& key, Build build) {
    write_batch batch;
    for (std::size_t i = 0; i < index; ++i) batch.present(bench.keys[0]);
    build(batch);
    batch.absent(bench.keys[0]); // would fail as well: only the first failure is reported
    batch.put(bench.keys[0], bench.row_of(31)).erase(bench.keys[1]);
    batch.put(bench.keys[5], bench.row_of(32));
    seen_conflict conflict;
    const auto done = Bench::submit(e, batch, conflict);
    bench.law(!done && done.error() == errc::conflict, "check: a failing check is a conflict");
    bench.law(bench.holds(e, rows), "check: a batch whose check fails leaves no trace");
    if constexpr (Bench::reports_conflicts) {
        const auto at = rows.find(key);
        bench.law(conflict.calls == 1, "conflict: reported once");
        bench.law(conflict.index == index, "conflict: names the first failed check");
        bench.law(conflict.found == (at != rows.end()), "conflict: says whether there is a row");
        bench.law(conflict.row == (at != rows.end() ? at->second : std::string{}),
                  "conflict: shows the row that was found");
    }
}

template <class Bench, class Engine, class Build>
void expect_pass(const Bench& bench, Engine& e, const char* law, Build build) {
    write_batch batch;
    build(batch);
    seen_conflict conflict;
    bench.law(bool(Bench::submit(e, batch, conflict)), law);
    bench.law(conflict.calls == 0, "conflict: none is reported when all checks hold");
}

} // namespace detail

/// Keys 0 to 3 are there, 4 and up are not.
template <class Bench>
void check_laws(const Bench& bench) {
    using row = typename Bench::row;
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        const rows_map rows = bench.fill(e, 4);
        const std::string there = bench.payload(2);
        std::string other = there;
        if (other.empty()) other = "x";
        else other.back() = static_cast<char>(other.back() ^ 1);
        for (std::size_t index = 0; index < 3; ++index) {
            const auto fails = [&](const std::string& key, auto build) {
                detail::expect_conflict(bench, e, rows, index, key, build);
            };
            fails(keys[2], [&](write_batch& b) { b.absent(keys[2]); });
            fails(keys[4], [&](write_batch& b) { b.present(keys[4]); });
            fails(keys[2], [&](write_batch& b) { b.equals(keys[2], other); });
            fails(keys[4], [&](write_batch& b) { b.equals(keys[4], there); });
            fails(keys[4], [&](write_batch& b) { b.equals(keys[4], {}); });
            if (!there.empty())
                fails(keys[2], [&](write_batch& b) {
                    b.equals(keys[2], bytes_view{there}.first(there.size() - 1));
                });
            if constexpr (row::fields.version) {
                fails(keys[2], [&](write_batch& b) { b.version_is(keys[2], 1); });
                fails(keys[2], [&](write_batch& b) { b.version_is(keys[2], 0); });
                fails(keys[4], [&](write_batch& b) { b.version_is(keys[4], 2); });
            }
        }
        const auto passes = [&](const char* law, auto build) {
            detail::expect_pass(bench, e, law, build);
        };
        passes("check: absent holds where nothing is", [&](auto& b) { b.absent(keys[4]); });
        passes("check: present holds where a row is", [&](auto& b) { b.present(keys[2]); });
        passes("check: equals compares the payload without the header",
               [&](auto& b) { b.equals(keys[2], there); });
        if constexpr (row::fields.version) {
            passes("check: version_is compares the header's field",
                   [&](auto& b) { b.version_is(keys[2], 2); });
            passes("check: version 0 is absence", [&](auto& b) { b.version_is(keys[4], 0); });
        }
        bench.law(bench.holds(e, rows), "check: a batch of checks alone changes nothing");
        passes("check: sees what was before the batch", [&](auto& b) {
            b.absent(keys[4]).present(keys[3]).absent(keys[4]);
            b.put(keys[4], bench.row_of(33)).erase(keys[3]);
        });
        rows_map after = rows;
        after[keys[4]] = bench.row_of(33);
        after.erase(keys[3]);
        bench.law(bench.holds(e, after), "check: operations follow checks that hold");
    });
}

/// For layouts whose payloads can't be counters.
template <class Bench>
void add_refused_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        const rows_map rows = bench.fill(e, 3);
        write_batch b;
        b.put(keys[0], bench.row_of(7)).add(keys[1], Bench::counter_row(1));
        const auto done = e.apply(b);
        bench.law(!done && (done.error() == errc::type_mismatch ||
                            done.error() == errc::invalid_argument),
                  "add: refused where payloads have another length than 8");
        bench.law(bench.holds(e, rows), "add: a refused one leaves no trace");
    });
}

/// For layouts whose payloads may or may not be counters.
template <class Bench>
void add_mismatch_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        rows_map rows;
        bench.put(e, rows, keys[0], Bench::row_with(0, "1234567"));
        bench.put(e, rows, keys[1], Bench::row_with(0, "123456789"));
        for (std::size_t i = 0; i < 2; ++i) {
            write_batch b;
            b.put(keys[2], bench.row_of(1)).add(keys[i], Bench::counter_row(1));
            const auto done = e.apply(b);
            bench.law(!done && done.error() == errc::type_mismatch,
                      "add: a payload of another length than 8 is a type mismatch");
            bench.law(bench.holds(e, rows), "add: a type mismatch leaves no trace");
        }
    });
}

template <class Bench>
void add_laws(const Bench& bench) {
    constexpr std::int64_t least = (std::numeric_limits<std::int64_t>::min)();
    constexpr std::int64_t most = (std::numeric_limits<std::int64_t>::max)();
    const auto& keys = bench.keys;
    const auto add = [&](write_batch& b, const std::string& key, std::int64_t n) -> write_batch& {
        return b.add(key, Bench::counter_row(n));
    };
    if constexpr (!Bench::has_counters) {
        add_refused_laws(bench);
    } else {
        bench.with_engine([&](auto& e) {
            rows_map rows;
            const auto sums = [&](const char* law, const std::string& key, std::int64_t n,
                                  auto build) {
                write_batch b;
                build(b);
                bench.law(bool(e.apply(b)), law);
                rows[key] = Bench::counter_row(n);
                bench.law(bench.holds(e, rows), law);
            };
            sums("add: an absent counter begins at 0", keys[0], 5,
                 [&](auto& b) { add(b, keys[0], 5); });
            sums("add: adds", keys[0], 12, [&](auto& b) { add(b, keys[0], 7); });
            sums("add: is signed", keys[0], -3, [&](auto& b) { add(b, keys[0], -15); });
            sums("add: adds of one batch add up", keys[0], 4,
                 [&](auto& b) { add(add(b, keys[0], 3), keys[0], 4); });
            sums("add: sees a put of its own batch", keys[1], 101,
                 [&](auto& b) { add(b.put(keys[1], Bench::counter_row(100)), keys[1], 1); });
            sums("add: sees an erase of its own batch", keys[1], 2,
                 [&](auto& b) { add(b.erase(keys[1]), keys[1], 2); });
            sums("add: reaches the largest number", keys[2], most,
                 [&](auto& b) { add(add(b, keys[2], most - 1), keys[2], 1); });
            sums("add: reaches the least number", keys[3], least,
                 [&](auto& b) { add(add(b, keys[3], least + 1), keys[3], -1); });
            const auto overflows = [&](const std::string& key, std::int64_t n) {
                write_batch b;
                b.put(keys[4], Bench::counter_row(9)).erase(keys[0]);
                add(add(b, keys[1], 1), key, n);
                const auto done = e.apply(b);
                bench.law(!done && done.error() == errc::overflow, "add: never wraps");
                bench.law(bench.holds(e, rows), "add: an overflow leaves no trace of the batch");
            };
            overflows(keys[2], 1);
            overflows(keys[2], most);
            overflows(keys[3], -1);
            overflows(keys[3], least);
        });
        if constexpr (Bench::row::payload_extent == dynamic_extent) add_mismatch_laws(bench);
    }
}

template <class Bench>
void limit_laws(const Bench& bench) {
    using row = typename Bench::row;
    const auto refused = [&](const std::string& key, const std::string& bytes, errc wanted,
                             const char* law) {
        bench.with_engine([&](auto& e) {
            rows_map rows = bench.fill(e, 2);
            write_batch batch;
            batch.put(bench.keys[3], bench.row_of(3)).put(key, bytes);
            const auto done = e.apply(batch);
            bench.law(!done && done.error() == wanted, law);
            if constexpr (direct_engine<typename Bench::engine_type>) {
                const auto direct = e.put(key, bytes);
                bench.law(!direct && direct.error() == wanted, law);
            }
            bench.law(bench.holds(e, rows), "limits: a refused batch leaves no trace");
        });
    };
    constexpr std::size_t affordable = std::size_t{1} << 20;
    if constexpr (row::key_extent == dynamic_extent) {
        if (!bench.options.empty_keys)
            refused("", bench.row_of(1), errc::key_empty, "limits: an empty key is key_empty");
        if (const std::size_t limit = bench.options.max_key_size; limit < affordable) {
            refused(std::string(limit + 1, 'k'), bench.row_of(1), errc::key_too_long,
                    "limits: a key over the limit is key_too_long");
            bench.with_engine([&](auto& e) {
                rows_map rows;
                bench.law(bench.put(e, rows, std::string(limit, 'k'), bench.row_of(1)) &&
                              bench.holds(e, rows),
                          "limits: a key of the limit's length is held");
            });
        }
    } else {
        refused(std::string(row::key_extent + 1, 'k'), bench.row_of(1), errc::invalid_argument,
                "limits: a key of another length than the layout's is an invalid argument");
    }
    if constexpr (row::row_extent == dynamic_extent) {
        if (const std::size_t limit = bench.options.max_row_size; limit < affordable) {
            refused(bench.keys[2], std::string(limit + 1, 'v'), errc::value_too_long,
                    "limits: a row over the limit is value_too_long");
            bench.with_engine([&](auto& e) {
                rows_map rows;
                bench.law(bench.put(e, rows, bench.keys[2], std::string(limit, 'v')) &&
                              bench.holds(e, rows),
                          "limits: a row of the limit's length is held");
            });
        }
    } else {
        refused(bench.keys[2], bench.row_of(1) + "x", errc::invalid_argument,
                "limits: a row of another length than the layout's is an invalid argument");
    }
}

} // namespace ashlar::inline v0_1::testing
