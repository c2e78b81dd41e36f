// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws that engines with threads obey: nothing lost, torn or seen apart.
#pragma once

#include <ashlar/testing/laws/bench.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <utility>

namespace ashlar::inline v0_1::testing {

struct concurrency_options {
    std::size_t threads = 4;
    std::size_t rounds = 500; ///< commits of each thread, per law
};

/// Runs body(thread number) on that many threads, begun together, and waits for all.
template <class Body>
void run_threads(std::size_t count, const Body& body) {
    std::latch start{static_cast<std::ptrdiff_t>(count)};
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < count; ++i)
        running.emplace_back([&, i] {
            start.arrive_and_wait();
            body(i);
        });
}

namespace detail {

/// Rows that name their writer in the first 8 payload bytes and prove the rest by that number.
template <class Bench>
struct sealed_row {
    using row = typename Bench::row;
    static_assert(
        row::payload_extent >= 8, // dynamic_extent is the greatest
        "ashlar: the concurrency laws can't mark payloads below 8 bytes; try longer ones");

    [[nodiscard]] static std::string make(std::uint64_t n) {
        const bool varied = row::payload_extent == dynamic_extent;
        const std::size_t size = varied ? 8 + n * 13 % 200 : row::payload_extent;
        std::string payload = Bench::number(static_cast<std::int64_t>(n));
        random_source random{n};
        while (payload.size() < size) payload += static_cast<char>(random.next() & 0xFF);
        return Bench::row_with(n, payload);
    }
    [[nodiscard]] static std::uint64_t number(bytes_view bytes) {
        return load_little<std::uint64_t>(bytes.data() + row::header_size);
    }
    [[nodiscard]] static bool is_whole(bytes_view bytes) {
        return bytes.size() >= row::header_size + 8 && bytes == bytes_view{make(number(bytes))};
    }
    template <class Readable>
    [[nodiscard]] static std::string read(const Readable& from, const std::string& key,
                                          std::atomic<std::size_t>& wrong) {
        std::string bytes;
        const auto found =
            from.read(key, [&](bytes_view seen) noexcept { bytes = seen.as<std::string>(); });
        if (!found || (*found && !is_whole(bytes))) ++wrong;
        return bytes;
    }
};

/// Compare-and-set by optimistic batches: `check(batch, old row)` adds what must still hold.
template <class Bench, class Check>
void exact_increments(const Bench& bench, const concurrency_options& options, const char* law,
                      Check check) {
    using sealed = sealed_row<Bench>;
    bench.with_engine([&](auto& e) {
        const std::string& key = bench.keys[0];
        rows_map rows;
        bench.law(bench.put(e, rows, key, sealed::make(0)), "apply: a put succeeds");
        std::atomic<std::size_t> wrong = 0;
        run_threads(options.threads, [&](std::size_t) {
            for (std::size_t done = 0; done < options.rounds;) {
                const std::string old = sealed::read(e, key, wrong);
                if (old.empty()) return static_cast<void>(++wrong);
                write_batch b;
                check(b, key, old);
                b.put(key, sealed::make(sealed::number(old) + 1));
                const auto receipt = e.apply(b);
                if (receipt) ++done;
                else if (receipt.error() != errc::conflict) return static_cast<void>(++wrong);
            }
        });
        const std::string last = sealed::read(e, key, wrong);
        bench.law(wrong == 0 && sealed::number(last) == options.threads * options.rounds, law);
    });
}

} // namespace detail

template <class Bench>
void counting_laws(const Bench& bench, const concurrency_options& options) {
    using row = typename Bench::row;
    using sealed = detail::sealed_row<Bench>;
    detail::exact_increments(bench, options, "threads: no increment checked by equals is lost",
                             [](write_batch& b, const std::string& key, const std::string& old) {
                                 b.equals(key, bytes_view{old}.skip(row::header_size));
                             });
    if constexpr (row::fields.version)
        detail::exact_increments(
            bench, options, "threads: no increment checked by version_is is lost",
            [](write_batch& b, const std::string& key, const std::string& old) {
                b.version_is(key, row::version(old));
            });
    if constexpr (Bench::has_counters)
        bench.with_engine([&](auto& e) {
            std::atomic<std::size_t> wrong = 0;
            run_threads(options.threads, [&](std::size_t i) {
                for (std::size_t n = 0; n < options.rounds; ++n) {
                    write_batch b;
                    b.add(bench.keys[n % 3], Bench::counter_row(2));
                    b.add(bench.keys[i % 3], Bench::counter_row(-1));
                    if (!e.apply(b)) ++wrong;
                }
            });
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < 3; ++i)
                if (!e.read(bench.keys[i], [&](bytes_view bytes) noexcept {
                        sum += static_cast<std::int64_t>(sealed::number(bytes));
                    }))
                    ++wrong;
            const auto wanted = static_cast<std::int64_t>(options.threads * options.rounds);
            bench.law(wrong == 0 && sum == wanted, "threads: no add is lost");
        });
    if constexpr (in_place_engine<typename Bench::engine_type>)
        bench.with_engine([&](auto& e) {
            std::atomic<std::size_t> wrong = 0;
            // Sealed rows vary in length where they may: the longest is below 300 bytes.
            constexpr std::size_t room = row::row_extent == dynamic_extent ? 300 : row::row_extent;
            run_threads(options.threads, [&](std::size_t i) {
                for (std::size_t n = 0; n < options.rounds; ++n)
                    if (!e.update(bench.keys[(i + n) % 2], room,
                                  [&](commit_seq, const bytes_view* old, std::byte* out) noexcept {
                                      if (old != nullptr && !sealed::is_whole(*old)) ++wrong;
                                      const std::string next = sealed::make(
                                          old == nullptr ? 1 : sealed::number(*old) + 1);
                                      copy_bytes(out, next);
                                      return update_action::write(next.size());
                                  }))
                        ++wrong;
            });
            const std::uint64_t sum = sealed::number(sealed::read(e, bench.keys[0], wrong)) +
                                      sealed::number(sealed::read(e, bench.keys[1], wrong));
            bench.law(wrong == 0 && sum == options.threads * options.rounds,
                      "threads: no update in place is lost");
        });
}

/// Two keys are always written by one batch; no batch of checks, no snapshot ever sees them apart.
template <class Bench>
void together_laws(const Bench& bench, const concurrency_options& options) {
    using row = typename Bench::row;
    using sealed = detail::sealed_row<Bench>;
    bench.with_engine([&](auto& e) {
        const std::string &a = bench.keys[1], &b = bench.keys[bench.keys.size() - 1];
        std::atomic<std::size_t> wrong = 0, apart = 0, writers = options.threads;
        rows_map rows;
        bench.put(e, rows, a, sealed::make(0));
        bench.put(e, rows, b, sealed::make(0));
        const auto write = [&](std::size_t i) {
            for (std::size_t n = 1; n <= options.rounds; ++n) {
                write_batch both;
                if (n % 7 == 0) both.erase(a).erase(b);
                else {
                    const std::string next = sealed::make(n * options.threads + i);
                    both.put(i % 2 == 0 ? a : b, next).put(i % 2 == 0 ? b : a, next);
                }
                if (!e.apply(both)) ++wrong;
            }
            --writers;
        };
        const auto look = [&](std::size_t turn) {
            write_batch both;
            if (turn % 3 == 0) both.present(a).absent(b);
            else {
                const std::string seen = sealed::read(e, a, wrong);
                if (seen.empty()) both.absent(a).present(b);
                else {
                    const bytes_view payload = bytes_view{seen}.skip(row::header_size);
                    both.equals(a, payload).equals(b, payload);
                }
                seen_conflict conflict;
                const bool held = bool(Bench::submit(e, both, conflict));
                if (Bench::reports_conflicts && !seen.empty() && !held && conflict.index != 0)
                    ++apart;
                if (seen.empty() && held) ++apart;
                return;
            }
            if (e.apply(both)) ++apart;
        };
        const auto look_at_view = [&] {
            if constexpr (snapshot_engine<typename Bench::engine_type>) {
                const auto view = e.snapshot();
                if (!view) return static_cast<void>(++wrong);
                if (sealed::read(*view, a, wrong) != sealed::read(*view, b, wrong)) ++apart;
            }
        };
        run_threads(options.threads + 1, [&](std::size_t i) {
            if (i < options.threads) return write(i);
            for (std::size_t turn = 0; writers != 0; ++turn) {
                look(turn);
                if (turn % 5 == 0) look_at_view();
            }
        });
        bench.law(wrong == 0, "threads: verbs succeed and rows are whole under contention");
        bench.law(apart == 0, "threads: what one batch writes is never seen apart");
    });
}

/// Readers of all kinds beside writers of all kinds: no torn row, no key shown twice, order kept.
template <class Bench>
void whole_row_laws(const Bench& bench, const concurrency_options& options) {
    using engine_type = typename Bench::engine_type;
    using sealed = detail::sealed_row<Bench>;
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        std::atomic<std::size_t> wrong = 0, disordered = 0, writers = options.threads;
        const auto write = [&](std::size_t i) {
            random_source random{i};
            for (std::size_t n = 0; n < options.rounds; ++n) {
                const std::string& key = keys[random.below(keys.size())];
                const std::string next = sealed::make(random.below(1'000'000));
                if constexpr (direct_engine<engine_type>)
                    if (n % 2 == 0) {
                        if (n % 8 == 0 ? !e.erase(key) : !e.put(key, next)) ++wrong;
                        continue;
                    }
                write_batch b;
                b.put(key, next).erase(keys[random.below(keys.size())]);
                b.put(keys[random.below(keys.size())], sealed::make(n));
                if (!e.apply(b)) ++wrong;
            }
            --writers;
        };
        const auto check = [&](bytes_view, bytes_view bytes) {
            if (!sealed::is_whole(bytes)) ++wrong;
        };
        const auto look = [&](std::size_t turn) {
            static_cast<void>(sealed::read(e, keys[turn % keys.size()], wrong));
            typename engine_type::position at{};
            for (bool more = true; more && turn % 4 == 0;) {
                const auto done = e.walk(at, check, 100);
                if (!done) ++wrong;
                more = done && *done;
            }
            if constexpr (ordered_engine<engine_type>) {
                std::string last;
                bool first = true;
                const bool reverse = turn % 2 == 0;
                const auto done =
                    e.scan({.reverse = reverse}, [&](bytes_view key, bytes_view bytes) {
                        check(key, bytes);
                        if (!std::exchange(first, false) &&
                            (reverse ? !(key < bytes_view{last}) : !(bytes_view{last} < key)))
                            ++disordered;
                        last = key.template as<std::string>();
                    });
                if (!done) ++wrong;
            }
            bytes_view wanted[8];
            for (std::size_t i = 0; i < 8; ++i) wanted[i] = keys[(turn + i) % keys.size()];
            if (!read_many(e, wanted, 8,
                           [&](std::size_t, bytes_view bytes) noexcept { check({}, bytes); }))
                ++wrong;
        };
        run_threads(options.threads + 1, [&](std::size_t i) {
            if (i < options.threads) return write(i);
            for (std::size_t turn = 0; writers != 0; ++turn) look(turn);
        });
        bench.law(wrong == 0, "threads: no reader sees a torn row");
        bench.law(disordered == 0, "threads: scans stay in order");
        rows_map all;
        bench.law(bench.walks(e, all) && bench.holds(e, all),
                  "threads: read and walk agree when all is quiet");
    });
}

template <class Bench>
void numbering_laws(const Bench& bench, const concurrency_options& options) {
    if constexpr (Bench::row::fields.sequenced)
        bench.with_engine([&](auto& e) {
            std::vector<std::vector<commit_seq>> taken(options.threads);
            std::atomic<std::size_t> wrong = 0;
            run_threads(options.threads, [&](std::size_t i) {
                for (std::size_t n = 0; n < options.rounds; ++n) {
                    write_batch b;
                    b.put(bench.keys[(n + i) % bench.keys.size()],
                          detail::sealed_row<Bench>::make(n));
                    const auto receipt = e.apply(b);
                    if (receipt) taken[i].push_back(*receipt);
                    else ++wrong;
                }
            });
            std::vector<commit_seq> all;
            bool grows = wrong == 0;
            for (const auto& mine : taken) {
                grows = grows && std::is_sorted(mine.begin(), mine.end());
                all.insert(all.end(), mine.begin(), mine.end());
            }
            std::sort(all.begin(), all.end());
            bench.law(grows, "threads: each thread's sequences grow");
            bench.law(std::adjacent_find(all.begin(), all.end()) == all.end(),
                      "threads: no sequence is given twice");
        });
}

/// Holds an engine with threads to its word; factory and check as for engine_laws (check is called
/// from the calling thread only). Run it under a thread sanitizer as well.
template <class Factory, class Check>
void concurrency_laws(const Factory& make, Check check, const law_options& options = {},
                      const concurrency_options& threads = {}) {
    const law_bench bench{make, check, options};
    bench.law(bench.keys.size() >= 8, "options: the suite needs 8 distinct keys at least");
    if (bench.keys.size() < 8) return;
    counting_laws(bench, threads);
    together_laws(bench, threads);
    whole_row_laws(bench, threads);
    numbering_laws(bench, threads);
}

} // namespace ashlar::inline v0_1::testing
