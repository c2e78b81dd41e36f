// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of walk: any order, resumable, every key that stays is visited.
#pragma once

#include <ashlar/testing/laws/bench.hpp>

namespace ashlar::inline v0_1::testing {

template <class Bench>
void walk_laws(const Bench& bench) {
    using position = typename Bench::engine_type::position;
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        const rows_map rows = bench.fill(e, keys.size());
        for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{63},
                                       std::size_t{64}, std::size_t{65}, 10 * keys.size()}) {
            rows_map all;
            bench.law(bench.walks(e, all, step) && all == rows,
                      "walk: visits everything, whatever the limit of each turn");
        }
        position at{};
        std::size_t visits = 0;
        const auto none = e.walk(at, [&](bytes_view, bytes_view) { ++visits; }, 0);
        bench.law(none.has_value() && visits == 0, "walk: a limit of 0 visits nothing");

        // A visitor that answers false has had its row: the next turn goes on behind it.
        std::map<std::string, std::size_t> seen;
        for (std::size_t turns = 0; turns < 2 * keys.size() + 8; ++turns) {
            visits = 0;
            const auto more = e.walk(
                at,
                [&](bytes_view key, bytes_view) {
                    ++seen[key.template as<std::string>()];
                    ++visits;
                    return false;
                },
                1000);
            bench.law(more.has_value() && visits <= 1, "walk: stops when the visitor says so");
            if (!more || !*more) break;
        }
        bool once = seen.size() == rows.size();
        for (const auto& [key, count] : seen) once = once && count == 1;
        bench.law(once, "walk: goes on behind the row where the visitor stopped");
    });
}

/// Keys come and go, and the table grows, while a walk is under way.
template <class Bench>
void walk_change_laws(const Bench& bench) {
    using position = typename Bench::engine_type::position;
    const auto& keys = bench.keys;
    const std::size_t half = keys.size() / 2;
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
        bench.with_engine([&](auto& e) {
            rows_map rows = bench.fill(e, half); // of these, every third will go
            std::set<std::string> seen;
            position at{};
            std::size_t turn = 0;
            const auto change = [&] {
                write_batch b;
                const std::size_t next = half + turn % (keys.size() - half);
                b.put(keys[next], bench.row_of(next)).erase(keys[3 * turn % half / 3 * 3]);
                ++turn;
                bench.law(bool(e.apply(b)), "apply: succeeds between turns of a walk");
            };
            bool ended = false;
            while (!ended && turn < 40 * keys.size() + 100) {
                const auto more = e.walk(
                    at, [&](bytes_view key, bytes_view) { seen.insert(key.as<std::string>()); },
                    step);
                bench.law(more.has_value(), "walk: succeeds between changes");
                ended = !more || !*more;
                change();
            }
            bench.law(ended, "walk: comes to an end while keys come and go");
            bool all = true;
            for (std::size_t i = 0; i < half; ++i)
                all = all && (i % 3 == 0 || seen.contains(keys[i]));
            bench.law(all, "walk: a key present throughout is visited");
        });
    }
    // The visitor itself may write: no lock is held while it runs.
    bench.with_engine([&](auto& e) {
        const rows_map rows = bench.fill(e, half);
        std::set<std::string> seen;
        position at{};
        bool ended = false;
        bool intact = true;
        for (std::size_t turns = 0; !ended && turns < 8 * keys.size(); ++turns) {
            const auto more = e.walk(
                at,
                [&](bytes_view key, bytes_view bytes) {
                    const std::string name = key.as<std::string>();
                    const std::string copy = bytes.as<std::string>();
                    seen.insert(name);
                    write_batch b;
                    b.erase(name).put(keys[half + turns % (keys.size() - half)], copy);
                    intact = intact && bool(e.apply(b));
                    intact = intact && key == bytes_view{name} && bytes == bytes_view{copy};
                },
                1);
            ended = !more || !*more;
        }
        bench.law(ended && intact, "walk: a visitor may write, and its row stays as it is");
        bool all = true;
        for (const auto& [key, bytes] : rows) all = all && seen.contains(key);
        bench.law(all, "walk: a key present throughout is visited");
    });
}

} // namespace ashlar::inline v0_1::testing
