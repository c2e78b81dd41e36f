// SPDX-License-Identifier: BSL-1.0
/// @file Defines the random model check: every verb against a std::map that obeys the contracts.
#pragma once

#include <ashlar/testing/laws/order.hpp>

#include <limits>
#include <utility>

namespace ashlar::inline v0_1::testing {

/// The contracts again, written independently of ashlar/apply.hpp: whole maps are copied, so that
/// "all or nothing" is what assignment does.
template <class Row>
class model_engine {
  public:
    /// What apply must answer; `conflict_at` matters for errc::conflict only.
    struct verdict {
        errc code = errc::ok;
        std::size_t conflict_at = 0;
    };

    [[nodiscard]] verdict apply(batch_span batch) {
        std::size_t index = 0;
        for (const check c : batch.checks) {
            if (!holds(c)) return {errc::conflict, index};
            ++index;
        }
        rows_map next = rows;
        for (const operation op : batch.operations)
            if (const errc failed = change(next, op); failed != errc::ok) return {failed, 0};
        rows = std::move(next);
        return {};
    }

    rows_map rows;

  private:
    [[nodiscard]] bool holds(const check& c) const {
        const auto at = rows.find(c.key.as<std::string>());
        const bool found = at != rows.end();
        switch (c.kind) {
        case check_kind::absent: return !found;
        case check_kind::present: return found;
        case check_kind::equals:
            return found && bytes_view{at->second}.skip(Row::header_size) == c.operand;
        case check_kind::version_is: {
            std::uint64_t version = 0;
            if (found)
                version = load_little<std::uint64_t>(
                    reinterpret_cast<const std::byte*>(at->second.data()));
            return version == load_little<std::uint64_t>(c.operand.data());
        }
        case check_kind::range_empty:
            for (const auto& [key, bytes] : rows)
                if (within(key, c.key, c.operand)) return false;
            return true;
        }
        return false;
    }
    [[nodiscard]] static bool within(const std::string& key, bytes_view lo, bytes_view hi) {
        return key >= lo.as<std::string>() && (hi.empty() || key < hi.as<std::string>());
    }
    [[nodiscard]] static errc change(rows_map& next, const operation& op) {
        const std::string key = op.key.as<std::string>();
        switch (op.kind) {
        case operation_kind::put: next[key] = op.value.as<std::string>(); break;
        case operation_kind::erase: next.erase(key); break;
        case operation_kind::erase_range:
            std::erase_if(next,
                          [&](const auto& entry) { return within(entry.first, op.key, op.value); });
            break;
        case operation_kind::add: {
            const auto at = next.find(key);
            __int128 sum = signed_at_end(op.value);
            if (at != next.end()) {
                if (at->second.size() != Row::header_size + 8) return errc::type_mismatch;
                sum += signed_at_end(at->second);
            }
            if (sum > (std::numeric_limits<std::int64_t>::max)() ||
                sum < (std::numeric_limits<std::int64_t>::min)())
                return errc::overflow;
            std::string bytes = op.value.as<std::string>();
            store_little(reinterpret_cast<std::byte*>(bytes.data()) + bytes.size() - 8,
                         static_cast<std::uint64_t>(sum));
            next[key] = bytes;
            break;
        }
        }
        return errc::ok;
    }
    [[nodiscard]] static std::int64_t signed_at_end(bytes_view bytes) {
        return static_cast<std::int64_t>(
            load_little<std::uint64_t>(bytes.data() + bytes.size() - 8));
    }
};

/// One run: an engine, its model, and a seeded stream of verbs. Stops at the first difference and
/// reports it with seed and step, which replay it.
template <class Bench>
class model_run {
  public:
    using engine_type = typename Bench::engine_type;
    using row = typename Bench::row;

    model_run(const Bench& bench, std::uint64_t seed) : bench_{bench}, seed_{seed}, random_{seed} {}

    /// False at the first difference. `from` and `to` count steps over reopenings.
    bool run(engine_type& e, std::size_t from, std::size_t to) {
        for (step_ = from; step_ < to && !failed_; ++step_) {
            step(e);
            if (step_ % 512 == 511) expect(bench_.holds(e, model_.rows), "the rows");
        }
        if (!failed_) expect(bench_.holds(e, model_.rows), "the rows at the end");
        return !failed_;
    }
    [[nodiscard]] const rows_map& rows() const noexcept { return model_.rows; }

  private:
    void expect(bool held, const char* what) {
        if (held || failed_) return;
        failed_ = true;
        sentence text;
        text << "model: the engine and std::map differ in " << what << " [seed " << seed_
             << ", step " << std::uint64_t{step_} << "]";
        bench_.law(false, text.c_str());
    }

    void step(engine_type& e) {
        switch (random_.below(10)) {
        case 0:
        case 1:
        case 2:
        case 3: batch(e); break;
        case 4: expect(bench_.reads(e, model_.rows, any_key()), "a read"); break;
        case 5: direct(e); break;
        case 6: update(e); break;
        case 7: scan(e); break;
        case 8:
            if (random_.one_in(16)) walk(e);
            break;
        default:
            if constexpr (sized_engine<engine_type>)
                expect(e.size() == model_.rows.size(), "the size");
            break;
        }
    }

    [[nodiscard]] const std::string& any_key() {
        // Few keys meet often, many keys make the table large: both happen in one run.
        const std::size_t span = step_ / 1024 % 2 == 0 ? 12 : bench_.keys.size();
        return bench_.keys[random_.below((std::min)(span, bench_.keys.size()))];
    }
    [[nodiscard]] std::string any_row() {
        if (Bench::has_counters && random_.one_in(3))
            return Bench::counter_row(static_cast<std::int64_t>(random_.next()) >>
                                      random_.below(64));
        return Bench::row_with(random_.below(3), bench_.payload(random_.below(40)));
    }

    void add_check(write_batch& b) {
        const std::string& key = any_key();
        const auto at = model_.rows.find(key);
        const bool found = at != model_.rows.end();
        switch (random_.below(6)) {
        case 0: b.absent(key); break;
        case 1: b.present(key); break;
        case 2:
            b.equals(key, found ? bytes_view{at->second}.skip(row::header_size) : bytes_view{});
            break;
        case 3: b.equals(key, bytes_view{any_row()}.skip(row::header_size)); break;
        case 4:
            if constexpr (row::fields.version) b.version_is(key, random_.below(3));
            break;
        default:
            if constexpr (ordered_engine<engine_type>) {
                const auto [lo, hi] = any_range();
                b.range_empty(lo, hi);
            }
            break;
        }
    }
    void add_operation(write_batch& b) {
        switch (random_.below(8)) {
        case 0:
        case 1:
        case 2:
        case 3: b.put(any_key(), any_row()); break;
        case 4:
        case 5: b.erase(any_key()); break;
        case 6:
            if constexpr (ordered_engine<engine_type>)
                if (random_.one_in(4)) {
                    const auto [lo, hi] = any_range();
                    b.erase_range(lo, hi);
                }
            break;
        default:
            if constexpr (Bench::has_counters)
                b.add(any_key(), Bench::counter_row(static_cast<std::int64_t>(random_.next()) >>
                                                    random_.below(64)));
            break;
        }
    }
    [[nodiscard]] std::pair<std::string, std::string> any_range() {
        std::string lo = any_key(), hi = any_key();
        if (hi < lo && !hi.empty()) std::swap(lo, hi);
        return {lo, hi};
    }

    void batch(engine_type& e) {
        write_batch b;
        if (!random_.one_in(3))
            for (std::size_t n = random_.below(3); n != 0; --n) add_check(b);
        for (std::size_t n = random_.one_in(64) ? 100 : 1 + random_.below(5); n != 0; --n)
            add_operation(b);
        if (random_.one_in(8)) { // replay: no checks; adds are never in a log
            write_batch replay;
            for (const operation op : b.operations())
                if (op.kind == operation_kind::put) replay.put(op.key, op.value);
                else if (op.kind == operation_kind::erase) replay.erase(op.key);
            static_cast<void>(model_.apply(batch_span{{}, replay.operations()}));
            highest_ = commit_seq{static_cast<std::uint64_t>(highest_) + 1};
            expect(bool(e.apply_at(highest_, replay.operations())), "apply_at");
            return;
        }
        const auto wanted = model_.apply(b);
        seen_conflict conflict;
        const auto done = Bench::submit(e, b, conflict);
        expect(done.error().code == wanted.code, "what apply answers");
        if (Bench::reports_conflicts && wanted.code == errc::conflict)
            expect(conflict.calls == 1 && conflict.index == wanted.conflict_at, "the conflict");
        note(done);
    }
    template <class Receipt>
    void note(const Receipt& receipt) {
        if constexpr (row::fields.sequenced) {
            if (!receipt) return;
            expect(*receipt > highest_, "the order of sequences");
            highest_ = *receipt;
        }
    }

    void direct(engine_type& e) {
        if constexpr (direct_engine<engine_type>) {
            const std::string& key = any_key();
            if (random_.one_in(3)) {
                const bool there = model_.rows.erase(key) != 0;
                const auto erased = e.erase(key);
                expect(erased.has_value() && *erased == there, "what erase answers");
            } else {
                const std::string bytes = any_row();
                model_.rows[key] = bytes;
                const auto receipt = e.put(key, bytes);
                expect(bool(receipt), "what put answers");
                note(receipt);
            }
        }
    }

    void update(engine_type& e) {
        if constexpr (in_place_engine<engine_type>) {
            const std::string& key = any_key();
            const std::string next = any_row();
            const std::size_t what = random_.below(4);
            bool same = false;
            const auto at = model_.rows.find(key);
            const auto done = e.update(
                key, next.size(), [&](commit_seq, const bytes_view* old, std::byte* out) noexcept {
                    same = (old != nullptr) == (at != model_.rows.end()) &&
                           (old == nullptr || *old == bytes_view{at->second});
                    if (what == 0) return update_action::keep();
                    if (what == 1) return update_action::erase();
                    copy_bytes(out, next);
                    return update_action::write(next.size());
                });
            expect(bool(done) && same, "update");
            if (what == 1) model_.rows.erase(key);
            if (what > 1) {
                model_.rows[key] = next;
                note(done);
            }
        }
    }

    void scan(engine_type& e) {
        if constexpr (ordered_engine<engine_type>) {
            const auto [lo, hi] = any_range();
            scan_range range{.lo = lo, .hi = hi, .reverse = random_.one_in(2)};
            if (random_.one_in(2)) range.limit = random_.below(100);
            const std::string after = any_key();
            if (random_.one_in(2) && range.contains(after)) {
                range.resume = true;
                range.after = after;
            }
            expect(scans(e, model_.rows, range), "a scan");
        }
    }

    void walk(engine_type& e) {
        rows_map all;
        expect(bench_.walks(e, all, 1 + random_.below(100)) && all == model_.rows, "a walk");
    }

    const Bench& bench_;
    std::uint64_t seed_;
    random_source random_;
    model_engine<row> model_;
    commit_seq highest_{};
    std::size_t step_ = 0;
    bool failed_ = false;
};

/// options.steps random verbs on one engine.
template <class Bench>
void model_laws(const Bench& bench) {
    bench.with_engine([&](auto& e) {
        model_run<Bench> run{bench, bench.options.seed};
        bench.law(run.run(e, 0, bench.options.steps), "model: engine and std::map agree");
    });
}

/// The same over closings and reopenings.
template <class Bench, class Reopen>
void model_laws(const Bench& bench, const Reopen& reopen) {
    model_run<Bench> run{bench, bench.options.seed + 1};
    const std::size_t stretch = bench.options.steps / 8 + 1;
    bool agree = true;
    bench.with_engine([&](auto& e) { agree = run.run(e, 0, stretch) && bool(e.close()); });
    for (std::size_t turn = 1; turn < 4 && agree; ++turn) {
        auto e = reopen();
        agree = e.has_value() && bench.holds(*e, run.rows()) &&
                run.run(*e, turn * stretch, (turn + 1) * stretch) && bool(e->close());
    }
    bench.law(agree, "model: engine and std::map agree over reopenings");
}

} // namespace ashlar::inline v0_1::testing
