// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of commit sequences, replay and the commit hook.
#pragma once

#include <ashlar/testing/laws/bench.hpp>

namespace ashlar::inline v0_1::testing {

/// Records what an engine tells a hook, and can refuse the reservation.
struct law_hook {
    struct log {
        std::size_t reserved = 0; ///< bytes, of the last reservation
        std::size_t reservations = 0;
        std::size_t commits = 0;
        std::size_t waits = 0;
        bool in_order = true;
        commit_seq seq{};
        std::string operations; ///< the operations section, as committed
        bool refuse = false;
    };
    log* to;

    result<void> reserve(std::size_t bytes) {
        to->reserved = bytes;
        ++to->reservations;
        to->in_order = to->in_order && to->commits == 0;
        if (to->refuse) return errc::no_space;
        return {};
    }
    void commit(commit_seq seq, operation_list operations) noexcept {
        note(seq);
        to->operations += operations.bytes().template as<std::string>();
    }
    void commit_put(commit_seq seq, bytes_view key, bytes_view bytes) noexcept {
        write_batch b;
        b.put(key, bytes);
        commit(seq, b.operations());
    }
    void commit_erase(commit_seq seq, bytes_view key) noexcept {
        write_batch b;
        b.erase(key);
        commit(seq, b.operations());
    }
    result<void> wait(commit_seq seq) {
        ++to->waits;
        to->in_order = to->in_order && to->commits == 1 && seq == to->seq;
        return {};
    }

  private:
    void note(commit_seq seq) noexcept {
        ++to->commits;
        to->in_order = to->in_order && to->reservations == 1 && to->waits == 0;
        to->seq = seq;
    }
};
static_assert(commit_hook<law_hook>);

/// The operations of a log as a list, for apply_at. The bytes must outlive it.
[[nodiscard]] inline operation_list list_of(std::string& bytes) noexcept {
    return {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()};
}

template <class Bench>
void sequence_laws(const Bench& bench) {
    using row = typename Bench::row;
    if constexpr (row::fields.sequenced) {
        const auto& keys = bench.keys;
        bench.with_engine([&](auto& e) {
            commit_seq last{};
            rows_map rows;
            const auto grows = [&](const auto& receipt, const char* law) {
                bench.law(receipt.has_value() && *receipt > last, law);
                if (receipt) last = *receipt;
            };
            for (std::size_t i = 0; i < 20; ++i) {
                write_batch b;
                b.put(keys[i % 4], bench.row_of(i)).put(keys[4], bench.row_of(i));
                grows(e.apply(b), "sequence: grows with every commit, from above 0");
                write_batch fails;
                fails.absent(keys[4]).put(keys[0], bench.row_of(1));
                bench.law(!e.apply(fails), "check: a failing check is a conflict");
                if constexpr (direct_engine<typename Bench::engine_type>)
                    grows(e.put(keys[5], bench.row_of(i)), "sequence: a direct put takes one");
            }
            // Where the value is long enough, the engine writes the sequence into it.
            const std::string bytes = [&] {
                if constexpr (row::row_extent == dynamic_extent)
                    return Bench::row_with(1, std::string(24, 's'));
                else return bench.row_of(1);
            }();
            if (bytes.size() >= 8) {
                const auto offset = static_cast<std::uint32_t>(bytes.size() - 8);
                write_batch b;
                b.put(keys[0], bytes).put(keys[1], bytes).put(keys[2], bytes);
                std::size_t n = 0;
                for (const operation op : b.operations())
                    if (n++ != 1) op.mark_seq_in_value(n == 1 ? offset : 0);
                const auto receipt = e.apply(b);
                grows(receipt, "sequence: grows with every commit, from above 0");
                if (!receipt) return;
                const auto seq = static_cast<std::uint64_t>(*receipt);
                std::string at_end = bytes, at_begin = bytes;
                store_little(reinterpret_cast<std::byte*>(at_end.data()) + offset, seq);
                store_little(reinterpret_cast<std::byte*>(at_begin.data()), seq);
                bench.law(bench.reads(e, keys[0], &at_end) && bench.reads(e, keys[2], &at_begin),
                          "seq_here: the receipt's sequence stands where it was asked for");
                bench.law(bench.reads(e, keys[1], &bytes),
                          "seq_here: unmarked operations are stored as they are");
            }
        });
    }
}

template <class Bench>
void replay_laws(const Bench& bench) {
    using row = typename Bench::row;
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        rows_map rows = bench.fill(e, 4);
        const commit_seq far{1'000'000};
        for (std::size_t turn = 0; turn < 3; ++turn) {
            write_batch b;
            b.put(keys[0], bench.row_of(41)).erase(keys[1]).put(keys[5], bench.row_of(42));
            b.put(keys[5], bench.row_of(43)).put(keys[1], bench.row_of(44)).erase(keys[2]);
            bench.law(bool(e.apply_at(far, b.operations())), "apply_at: succeeds");
            rows[keys[0]] = bench.row_of(41);
            rows[keys[5]] = bench.row_of(43);
            rows[keys[1]] = bench.row_of(44);
            rows.erase(keys[2]);
            bench.law(bench.holds(e, rows), turn == 0 ? "apply_at: replays operations in order"
                                                      : "apply_at: twice is once");
        }
        if constexpr (row::fields.sequenced) {
            write_batch b;
            b.put(keys[0], bench.row_of(45));
            const auto receipt = e.apply(b);
            bench.law(receipt.has_value() && *receipt > far,
                      "apply_at: later commits come after the sequence that was replayed");
            const auto last = receipt.value_or(commit_seq{});
            b.clear();
            b.put(keys[1], bench.row_of(46));
            bench.law(bool(e.apply_at(commit_seq{7}, b.operations())), "apply_at: succeeds");
            b.clear();
            b.put(keys[0], bench.row_of(47));
            const auto next = e.apply(b);
            bench.law(next.has_value() && *next > last,
                      "apply_at: an old sequence does not turn the engine's back");
            if (bench.row_of(1).size() >= 8) {
                b.clear();
                b.put(keys[3], bench.row_of(1));
                for (const operation op : b.operations()) op.mark_seq_in_value(0);
                const commit_seq at{2'000'000};
                bench.law(bool(e.apply_at(at, b.operations())), "apply_at: succeeds");
                std::string bytes = bench.row_of(1);
                store_little(reinterpret_cast<std::byte*>(bytes.data()),
                             static_cast<std::uint64_t>(at));
                bench.law(bench.reads(e, keys[3], &bytes),
                          "apply_at: seq_here is filled with the sequence that is replayed");
            }
        }
    });
}

/// For engines that take a hook: a log kept by it, replayed elsewhere, gives the same rows.
template <class Bench>
void hook_laws(const Bench& bench) {
    using engine_type = typename Bench::engine_type;
    constexpr bool sequenced = Bench::row::fields.sequenced;
    if constexpr (requires(engine_type& e, write_batch& b, law_hook& h) { e.apply(b, h); }) {
        const auto& keys = bench.keys;
        bench.with_engine([&](auto& e) {
            std::string log;
            commit_seq last{};
            rows_map rows;
            const auto heard = [&](law_hook::log& notes, const auto& receipt) {
                bench.law(receipt.has_value(), "hook: a commit with a hook succeeds");
                bench.law(notes.in_order && notes.reservations == 1 && notes.commits == 1 &&
                              notes.waits == 1,
                          "hook: reserve, commit and wait come once each and in this order");
                bench.law(notes.reserved >= notes.operations.size(),
                          "hook: what is committed fits into what was reserved");
                if constexpr (sequenced) {
                    bench.law(notes.seq > last, "hook: sequences grow");
                    if constexpr (requires { receipt.value() > last; })
                        bench.law(receipt.has_value() && *receipt == notes.seq,
                                  "hook: hears the receipt's sequence");
                    last = notes.seq;
                }
                log += notes.operations;
            };
            for (std::size_t i = 0; i < 12; ++i) {
                write_batch b;
                b.present(keys[0]).put(keys[i % 5], bench.row_of(i)).erase(keys[(i + 1) % 5]);
                if (i == 0) b.clear(), b.put(keys[0], bench.row_of(0));
                if constexpr (Bench::has_counters)
                    b.put(keys[6], Bench::counter_row(1)).add(keys[6], Bench::counter_row(4));
                b.put(keys[0], bench.row_of(i));
                law_hook::log notes;
                heard(notes, e.apply(b, law_hook{&notes}));
            }
            if constexpr (requires(law_hook h) { e.put(bytes_view{}, bytes_view{}, h); }) {
                law_hook::log put_notes, erase_notes;
                heard(put_notes, e.put(keys[7], bench.row_of(1), law_hook{&put_notes}));
                heard(erase_notes, e.erase(keys[0], law_hook{&erase_notes}));
            }
            law_hook::log notes;
            write_batch b;
            b.absent(keys[6]).absent(keys[7]).present(keys[0]).absent(keys[0]);
            b.put(keys[5], bench.row_of(3));
            const auto conflict = e.apply(b, law_hook{&notes});
            bench.law(!conflict && notes.commits == 0, "hook: a conflict commits nothing");

            rows_map before;
            bench.law(bench.walks(e, before), "walk: shows every row");
            notes = {};
            notes.refuse = true;
            b.clear();
            b.put(keys[5], bench.row_of(4)).erase(keys[6]);
            const auto refused = e.apply(b, law_hook{&notes});
            bench.law(!refused && refused.error() == errc::no_space && notes.commits == 0,
                      "hook: a refused reservation fails the commit with its error");
            bench.law(bench.holds(e, before), "hook: a refused reservation leaves no trace");

            bench.with_engine([&](auto& copy) {
                bench.law(bool(validate_operations(log)), "hook: committed operations are valid");
                bench.law(bool(copy.apply_at(commit_seq{1}, list_of(log))), "apply_at: succeeds");
                bench.law(bench.holds(copy, before),
                          "hook: what was committed, replayed elsewhere, gives the same rows");
            });
        });
    }
}

} // namespace ashlar::inline v0_1::testing
