// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of closing, and of engines that outlive the process.
#pragma once

#include <ashlar/testing/laws/order.hpp>

namespace ashlar::inline v0_1::testing {

/// After close, every verb says so. For every engine that has a close.
template <class Bench>
void close_laws(const Bench& bench) {
    using engine_type = typename Bench::engine_type;
    bench.with_engine([&](auto& e) {
        static_cast<void>(bench.fill(e, 3));
        bench.law(bool(e.close()), "close: succeeds");
        const auto closed = [&](const auto& done, const char* law) {
            bench.law(!done && done.error() == errc::closed, law);
        };
        const std::string& key = bench.keys[0];
        std::size_t visits = 0;
        const auto visit = [&](bytes_view, bytes_view) { ++visits; };
        closed(e.read(key, [&](bytes_view) noexcept { ++visits; }), "close: read answers closed");
        typename engine_type::position at{};
        closed(e.walk(at, visit, 10), "close: walk answers closed");
        write_batch b;
        b.put(key, bench.row_of(1));
        closed(e.apply(b), "close: apply answers closed");
        closed(e.apply_at(commit_seq{1}, b.operations()), "close: apply_at answers closed");
        if constexpr (ordered_engine<engine_type>)
            closed(e.scan({}, visit), "close: scan answers closed");
        if constexpr (direct_engine<engine_type>) {
            closed(e.put(key, bench.row_of(1)), "close: put answers closed");
            closed(e.erase(key), "close: erase answers closed");
        }
        if constexpr (in_place_engine<engine_type>)
            closed(e.update(key, bench.row_of(1).size(), archetype::updater{}),
                   "close: update answers closed");
        if constexpr (snapshot_engine<engine_type>)
            closed(e.snapshot(), "close: snapshot answers closed");
        if constexpr (durable_engine<engine_type>)
            closed(e.sync(commit_seq{}), "close: sync answers closed");
        if constexpr (batched_engine<engine_type>) {
            const bytes_view wanted = key;
            closed(e.read_many(&wanted, 1, [&](std::size_t, bytes_view) noexcept { ++visits; }),
                   "close: read_many answers closed");
        }
        bench.law(visits == 0, "close: nothing is visited after it");
    });
}

/// `reopen()` opens what the last make() made; it has been closed or destroyed by then.
template <class Bench, class Reopen>
void reopen_laws(const Bench& bench, const Reopen& reopen) {
    const auto& keys = bench.keys;
    rows_map rows;
    commit_seq last{};
    const auto note = [&](const auto& receipt) {
        bench.law(bool(receipt), "apply: succeeds after a reopening");
        if constexpr (Bench::row::fields.sequenced) {
            bench.law(receipt.has_value() && *receipt > last,
                      "reopen: sequences go on above those before");
            if (receipt) last = *receipt;
        }
    };
    const auto change = [&](auto& e, std::size_t i) {
        write_batch b;
        b.put(keys[i % keys.size()], bench.row_of(i)).erase(keys[(i + 3) % keys.size()]);
        note(e.apply(b));
        rows[keys[i % keys.size()]] = bench.row_of(i);
        rows.erase(keys[(i + 3) % keys.size()]);
    };
    bench.with_engine([&](auto& e) {
        rows = bench.fill(e, keys.size());
        for (std::size_t i = 0; i < 40; i += 2) change(e, i);
        bench.law(bool(e.sync(last)), "sync: succeeds");
        change(e, 5);
        bench.law(bool(e.close()), "close: succeeds");
    });
    for (std::size_t turn = 0; turn < 3; ++turn) {
        auto e = reopen();
        bench.law(e.has_value(), "reopen: what was closed opens again");
        if (!e) return;
        bench.law(bench.holds(*e, rows), "reopen: shows every row that was committed, no other");
        if constexpr (ordered_engine<typename Bench::engine_type>)
            bench.law(scans(*e, rows, {}) && scans(*e, rows, {.reverse = true}),
                      "reopen: scans as before");
        change(*e, 7 + turn);
        if constexpr (Bench::row::fields.sequenced)
            if (turn == 1) {
                const commit_seq far{static_cast<std::uint64_t>(last) + 5000};
                write_batch b;
                b.put(keys[4], bench.row_of(4));
                bench.law(bool(e->apply_at(far, b.operations())), "apply_at: succeeds");
                rows[keys[4]] = bench.row_of(4);
                last = far;
            }
        if (turn != 0) bench.law(bool(e->close()), "close: succeeds"); // else the destructor's
    }
}

} // namespace ashlar::inline v0_1::testing
