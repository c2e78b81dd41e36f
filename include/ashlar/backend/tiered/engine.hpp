// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of tiered: the waist's verbs over two tiers.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/tiered/snapshot.hpp>

#include <memory>

namespace ashlar::inline v0_1::tiered_parts {

/// What checks and additions look at: rows of either tier. REQUIRES: the lock.
template <class Core, class Hot>
class merged_table {
  public:
    explicit merged_table(Core& of) noexcept : core_{of} {}

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) {
        bool kept = true;
        const auto there = core_.template read<false>(
            key, [&](bytes_view found) noexcept { kept = row_.assign(found); });
        if (!kept) return errc::out_of_memory;
        if (there && *there) row = row_.view();
        return there;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row)
        requires ordered_engine<Hot>
    {
        if (!hi.empty() && !(lo < hi)) return false;
        bool found = false;
        bool kept = true;
        auto first = [&](bytes_view, bytes_view bytes) {
            found = true;
            kept = row_.assign(bytes);
        };
        const auto more = core_.show_all(first, [&](auto each) {
            return core_.hot.scan({.lo = lo, .hi = hi, .limit = 1}, each);
        });
        if (!more) return more;
        if (!kept) return errc::out_of_memory;
        if (found) row = row_.view();
        return found;
    }

  private:
    Core& core_;
    byte_buffer row_;
};

/// Thread-safe when Concurrency has threads, but for moving. One writer at a time; a change may
/// have to move some rows before it returns. The visitor of `read` may run under the hot tier's
/// lock. Errors beside the hot tier's: of the cold one, where a row rests there; checksum_mismatch
/// and corrupt when what comes back is not what went there, and nothing was changed then.
template <class Row, class Tiers, class Environment, class Concurrency>
class engine {
    using Hot = typename Tiers::hot::template engine<hot_row<Row>, Environment, Concurrency>;
    using Cold = typename Tiers::cold::template engine<cold_row, Environment, Concurrency>;
    static_assert(sized_engine<Hot> && metered_engine<Hot>,
                  "ashlar: the hot tier of tiered says how many rows it has and how much memory "
                  "they take; choose hash_map<> or sorted_map<>");
    using core_type = core<Row, Hot, Cold, typename Tiers::which, Environment, Concurrency>;

  public:
    using row = Row;
    using position = typename Hot::position;

    /// Errors: those of both backends; what the cold one held is erased.
    [[nodiscard]] static result<engine> open(const opening<Environment>& how,
                                             const typename Tiers::options& chosen) {
        opening<Environment> with = how;
        with.options = {.detail = how.options.detail};
        auto hot = Hot::open(with, {});
        if (!hot) return hot.error();
        with.options.directory = chosen.directory;
        with.formats = "tiered_cold/1";
        auto cold = Cold::open(with, chosen.cold);
        if (!cold) return cold.error();
        return guarded(errc::out_of_memory, [&]() -> result<engine> {
            engine made{std::make_unique<core_type>(std::move(*hot), std::move(*cold),
                                                    chosen.memory_limit, chosen.least_row)};
            if (const auto emptied = made.core_->empty_cold(); !emptied) return emptied.error();
            return made;
        });
    }

    // --- what it knows ---------------------------------------------------------------------------

    /// Bytes of memory above which rows leave it. May be set while the store is used.
    [[nodiscard]] std::size_t memory_limit() const noexcept { return core_->limit(); }
    void set_memory_limit(std::size_t bytes) noexcept {
        core_->set_limit(bytes);
        core_->make_room();
    }
    [[nodiscard]] tiered_counts counts() const noexcept { return core_->counts(); }
    /// What the hot tier takes and what is kept of its rows; the cold tier's own is not counted.
    [[nodiscard]] std::size_t memory_used() const { return core_->memory_used(); }
    /// Rows of both tiers; each is counted once.
    [[nodiscard]] std::size_t size() const { return core_->hot.size(); }

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (core_->closed.load_relaxed()) return errc::closed;
        return core_->template read<true>(key, visit);
    }
    /// Rows of a chunk of the hot tier's are of one moment, wherever they rest.
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Hot>
    {
        if (core_->closed.load_relaxed()) return errc::closed;
        const auto held = visit_places();
        return core_->show_all(visit, [&](auto each) { return core_->hot.scan(range, each); });
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        if (core_->closed.load_relaxed()) return errc::closed;
        const auto held = visit_places();
        return core_->show_all(visit, [&](auto each) { return core_->hot.walk(at, each, limit); });
    }
    /// visit(key, bytes): of each row its header at least, and no more of one that rests below.
    /// Asks the cold tier nothing.
    template <class Visit>
    result<bool> scan_headers(const scan_range& range, Visit visit) const
        requires(ordered_engine<Hot> && Row::row_extent == dynamic_extent)
    {
        if (core_->closed.load_relaxed()) return errc::closed;
        const auto show = row_of_cell(visit);
        if constexpr (requires { core_->hot.scan_beginnings(range, show, header_bytes); })
            return core_->hot.scan_beginnings(range, show, header_bytes);
        else return core_->hot.scan(range, show);
    }
    /// The same in any order.
    template <class Visit>
    result<bool> walk_headers(position& at, Visit visit, std::size_t limit) const
        requires(Row::row_extent == dynamic_extent)
    {
        if (core_->closed.load_relaxed()) return errc::closed;
        const auto show = row_of_cell(visit);
        if constexpr (requires { core_->hot.walk_beginnings(at, show, limit, header_bytes); })
            return core_->hot.walk_beginnings(at, show, limit, header_bytes);
        else return core_->hot.walk(at, show, limit);
    }
    /// Costs what the hot tier's costs, and keeps places of the cold one taken.
    [[nodiscard]] auto snapshot() const
        requires snapshot_engine<Hot>
    {
        using cells = std::remove_cvref_t<decltype(*core_->hot.snapshot())>;
        using view = tiered_parts::snapshot<Row, core_type, cells>;
        if (core_->closed.load_relaxed()) return result<view>{errc::closed};
        const guard lock{core_->writer};
        auto held = core_->visit_places();
        auto taken = core_->hot.snapshot();
        if (!taken) return result<view>{taken.error()};
        return result<view>{view{*core_, std::move(held), std::move(*taken)}};
    }

    // --- writing ---------------------------------------------------------------------------------

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    typename Row::receipt apply(batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        const auto puts = check_operations(batch.operations);
        if (!puts) return puts.error();
        if (*puts)
            if (const auto fine = core_->may_grow(); !fine) return fine.error();
        if (const auto room = hook.reserve(batch.operations.bytes().size()); !room)
            return room.error();
        commit_seq seq{};
        {
            const guard lock{core_->writer};
            if (core_->closed.load_relaxed()) return errc::closed;
            merged_table<core_type, Hot> rows{*core_};
            if (const auto fine = admit<Row>(batch, rows, on_conflict); !fine) return fine.error();
            seq = next_sequence();
            if constexpr (Row::fields.sequenced) fill_sequence(batch.operations, seq);
            if (const auto done = core_->change(seq, batch.operations); !done) return done.error();
            core_->sequence = seq;
            hook.commit(seq, batch.operations);
        }
        core_->make_room();
        if (const auto durable = hook.wait(seq); !durable) return durable.error();
        return Row::receipt_for(seq);
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (const auto fine = check_operations(operations); !fine) return fine.error();
        {
            const guard lock{core_->writer};
            if (core_->closed.load_relaxed()) return errc::closed;
            if constexpr (Row::fields.sequenced) fill_sequence(operations, seq);
            if (const auto done = core_->change(seq, operations); !done) return done;
            if (core_->sequence < seq) core_->sequence = seq;
        }
        core_->make_room();
        return {};
    }
    /// Drops all rows, O(rows). No hook sees it: stores that log or feed clear themselves by
    /// erase_range.
    result<void> clear() {
        const guard lock{core_->writer};
        if (core_->closed.load_relaxed()) return errc::closed;
        return core_->clear();
    }
    /// Nothing here outlives the process: there is nothing to wait for.
    result<void> sync(commit_seq = {}) {
        if (core_->closed.load_relaxed()) return errc::closed;
        return {};
    }
    /// Every verb answers closed from now on. Errors: the cold tier's.
    result<void> close() { return core_->close(); }

  private:
    static constexpr std::size_t header_bytes = cell::longest_prefix + Row::header_size;

    explicit engine(std::unique_ptr<core_type>&& of) noexcept : core_{std::move(of)} {}

    /// Shows the row that stands in each cell.
    template <class Visit>
    [[nodiscard]] static auto row_of_cell(Visit& visit) noexcept {
        return [&visit](bytes_view key, bytes_view bytes) {
            return visit_row(visit, key, cell::of(bytes).row);
        };
    }
    [[nodiscard]] auto visit_places() const {
        const guard lock{core_->writer};
        return core_->visit_places();
    }
    [[nodiscard]] commit_seq next_sequence() const noexcept {
        if constexpr (Row::fields.sequenced)
            return static_cast<commit_seq>(static_cast<std::uint64_t>(core_->sequence) + 1);
        else return commit_seq{};
    }
    /// Answers whether there is anything that takes memory.
    [[nodiscard]] static result<bool> check_operations(operation_list operations) noexcept {
        bool puts = false;
        for (const operation op : operations) {
            if (op.kind == operation_kind::put || op.kind == operation_kind::add) {
                puts = true;
                if (op.value.size() > Tiers::max_row_size) return errc::value_too_long;
                if (op.kind == operation_kind::put && !Row::fits(op.value))
                    return errc::invalid_argument;
                if (!Row::fits(op.value)) return errc::type_mismatch;
            }
        }
        return puts;
    }

    std::unique_ptr<core_type> core_;
};

} // namespace ashlar::inline v0_1::tiered_parts
