// SPDX-License-Identifier: BSL-1.0
/// @file Defines the core of tiered: two tiers, and how rows move between them.
#pragma once

#include <ashlar/backend/tiered/cold_tier.hpp>
#include <ashlar/backend/tiered/graveyard.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/concept.hpp>
#include <ashlar/expiry/evicting/directory.hpp>

namespace ashlar::inline v0_1 {

/// What a tiered engine has done since it was opened, in rows.
struct tiered_counts {
    std::uint64_t hits = 0;       ///< reads from memory
    std::uint64_t fetches = 0;    ///< reads from the cold tier
    std::uint64_t promotions = 0; ///< came back into memory because they were read
    std::uint64_t spills = 0;     ///< left memory
    std::uint64_t writes = 0;     ///< of those: written to the cold tier, which had no copy
    std::uint64_t failures = 0;   ///< calls that the cold tier refused, or answered wrongly
};

namespace tiered_parts {

/// The layout of the hot engine's rows. They are cells of any length; the store's header fields
/// stand inside them, so the hot engine has none of its own.
template <class Row>
using hot_row = row_layout<Row::key_extent, dynamic_extent, row_fields{}>;

/// Every key has a cell in the hot engine, so that checks, batches, order and size are its alone;
/// the cold one holds bytes and decides nothing. Changes and moves take `writer`, readers don't.
/// Rows leave memory when it is above the limit, those first that `Which` names, in steps of the
/// thread that made it so, and come back when they are read. A row that came back keeps its place
/// until it is changed, so that leaving again costs no writing.
template <class Row, engine Hot, engine Cold, class Which, class Environment, class Concurrency>
class core {
    template <class T>
    using atomic = typename Concurrency::template atomic<T>;
    using mutex = typename Concurrency::mutex;

    static constexpr std::size_t rows_a_step = 64;
    static constexpr std::size_t most_steps = 16; // of one caller, so that none works for all
    static constexpr std::size_t many_graves = 256;
    static constexpr std::size_t much = std::size_t{1} << 20; // memory that no batch leaves behind

  public:
    using graves = graveyard<Concurrency>;

    core(Hot&& in_memory, Cold&& below, std::size_t bytes, std::size_t least_row)
        : hot{std::move(in_memory)}, cold_{std::move(below)}, rows_{seed()}, least_row_{least_row},
          limit_{bytes} {}

    Hot hot;
    mutex writer;
    commit_seq sequence{}; ///< with the lock
    atomic<bool> closed{false};

    [[nodiscard]] result<void> empty_cold() { return cold_.empty(); }

    // --- what it knows ---------------------------------------------------------------------------

    [[nodiscard]] std::size_t memory_used() const {
        return hot.memory_used() + rows_.bookkeeping();
    }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_.load_relaxed(); }
    void set_limit(std::size_t bytes) noexcept { limit_.store(bytes); }
    [[nodiscard]] tiered_counts counts() const noexcept {
        return {hits_.load_relaxed(),   fetches_.load_relaxed(), promotions_.load_relaxed(),
                spills_.load_relaxed(), writes_.load_relaxed(),  failures_.load_relaxed()};
    }
    /// Errors: the cold tier's, when it refuses rows and memory is an eighth above the limit.
    [[nodiscard]] result<void> may_grow() const {
        const auto bad = static_cast<errc>(refusal_.load_relaxed());
        if (bad == errc::ok || !is_over(limit() / 8)) return {};
        return bad;
    }
    /// Keeps every place that a cell names from now on, until it goes. REQUIRES: the lock.
    [[nodiscard]] typename graves::visit visit_places() noexcept {
        return typename graves::visit{graves_};
    }

    // --- reading ---------------------------------------------------------------------------------

    /// visit(row). With Moves the row is noted as used, and comes back into memory; without, the
    /// caller may hold the lock.
    template <bool Moves, class Visit>
    [[nodiscard]] result<bool> read(bytes_view key, Visit&& visit) {
        byte_buffer row;
        for (std::uint64_t missing = 0;;) {
            cell c;
            const auto there = hot.read(key, [&](bytes_view bytes) noexcept {
                c = cell::of(bytes);
                if (c.is_here()) visit(c.row);
            });
            if (!there || !*there) return there;
            if (c.is_here()) {
                if constexpr (Moves) hits_.fetch_add_relaxed(1), rows_.use(key);
                return true;
            }
            const auto found = fetch(c.at, row);
            if (!found) return found;
            if (*found) {
                visit(row.view());
                if constexpr (Moves) promote(key, c.at, row.view());
                return true;
            }
            // It was changed meanwhile; a place that is still named and empty has lost its row.
            if (c.at.id == missing) return lost();
            missing = c.at.id;
        }
    }
    /// A cell that scans, walks and snapshots met. REQUIRES: a visit of its place.
    template <class Visit>
    [[nodiscard]] result<bool> show(bytes_view key, bytes_view bytes, byte_buffer& row,
                                    Visit& visit) {
        const cell c = cell::of(bytes);
        if (c.is_here()) return visit_row(visit, key, c.row);
        const auto found = fetch(c.at, row);
        if (!found) return found;
        if (!*found) return lost();
        return visit_row(visit, key, row.view());
    }

    /// through(each) hands cells to each(key, bytes); visit(key, row) gets their rows.
    template <class Visit, class Through>
    [[nodiscard]] result<bool> show_all(Visit& visit, Through through) {
        byte_buffer fetched;
        result<bool> shown = true;
        const auto more = through([&](bytes_view key, bytes_view bytes) {
            shown = show(key, bytes, fetched, visit);
            return shown && *shown;
        });
        return shown ? more : shown;
    }

    // --- changing --------------------------------------------------------------------------------

    /// Operations without an add, all or none. REQUIRES: the lock.
    [[nodiscard]] result<void> change(commit_seq seq, operation_list operations) {
        cells_.clear();
        freed_.clear();
        for (const operation op : operations) {
            switch (op.kind) {
            case operation_kind::put:
                free_place(op.key);
                place_cell(cells_, op.key, {.row = op.value});
                break;
            case operation_kind::erase:
                free_place(op.key);
                cells_.erase(op.key);
                break;
            case operation_kind::erase_range:
                free_places({.lo = op.key, .hi = op.value});
                cells_.erase_range(op.key, op.value);
                break;
            case operation_kind::add: return errc::corrupt; // admit resolves every add
            }
        }
        if (!cells_.status()) return cells_.status();
        if (const auto done = hot.apply_at(seq, cells_.operations()); !done) return done;
        bury();
        for (const operation op : operations) {
            if (op.kind == operation_kind::put) note(op.key, op.value.size());
            else if (op.kind == operation_kind::erase) rows_.erase(op.key);
        }
        if (cells_.operations().bytes().size() > much) cells_ = {};
        return {};
    }

    /// Drops all rows of both tiers. O(rows). REQUIRES: the lock.
    [[nodiscard]] result<void> clear() {
        typename Hot::position at{};
        freed_.clear();
        const auto all = hot.walk(
            at,
            [&](bytes_view key, bytes_view bytes) {
                free_place_of(bytes);
                rows_.erase(key);
            },
            static_cast<std::size_t>(-1));
        if (!all) return all.error();
        result<void> done;
        if constexpr (std::is_void_v<decltype(hot.clear())>) hot.clear();
        else done = hot.clear();
        if (done) bury();
        return done;
    }
    /// Rows leave until memory is below its limit, or this caller has done its share. Only one
    /// thread at a time does it; others wait for it when memory is far above the limit.
    void make_room() {
        if (!is_over() && graves_.waiting() < many_graves) return;
        if (is_over(limit() / 8)) spilling_.lock();
        else if (!spilling_.try_lock()) return;
        std::size_t steps = 0;
        do {
            if (!spill_some()) break;
        } while (++steps < most_steps && is_over());
        spilling_.unlock();
    }
    [[nodiscard]] result<void> close() {
        const guard alone{spilling_};
        const guard lock{writer};
        if (closed.exchange(true)) return {};
        result<void> done;
        if constexpr (requires { hot.close(); }) done = hot.close();
        const auto below = cold_.close();
        return done ? below : done;
    }

  private:
    [[nodiscard]] static std::uint64_t seed() noexcept {
        if constexpr (random_source<Environment>) return Environment{}.random_seed();
        else return 1;
    }
    [[nodiscard]] bool is_over(std::size_t slack = 0) const {
        const std::size_t used = memory_used();
        return used > limit() && used - limit() > slack;
    }
    [[nodiscard]] result<bool> fetch(const cold_place& from, byte_buffer& to) {
        fetches_.fetch_add_relaxed(1);
        const auto found = cold_.fetch(from, to);
        if (!found) failures_.fetch_add_relaxed(1);
        return found;
    }
    [[nodiscard]] errc lost() noexcept {
        failures_.fetch_add_relaxed(1);
        return errc::corrupt;
    }
    static void place_cell(write_batch& in, bytes_view key, const cell& c) noexcept {
        const auto to = in.place_operation(operation_kind::put, key.size(), c.size());
        if (to.key == nullptr) return;
        copy_bytes(to.key, key);
        c.write(to.value);
    }
    /// One cell by itself. REQUIRES: the lock.
    [[nodiscard]] bool set_cell(bytes_view key, const cell& c) {
        cells_.clear();
        place_cell(cells_, key, c);
        return cells_.status() && hot.apply_at(commit_seq{}, cells_.operations());
    }
    void note(bytes_view key, std::size_t size) noexcept {
        if (size >= least_row_) rows_.put(key, size, 0);
        else rows_.erase(key);
    }

    // --- places that a change frees --------------------------------------------------------------

    void free_place_of(bytes_view bytes) noexcept {
        const cell c = cell::of(bytes);
        if (!c.has_copy()) return;
        if (std::byte* to = freed_.extend(8); to != nullptr) store_little(to, c.at.id);
    }
    void bury() noexcept {
        for (std::size_t i = 0; i < freed_.size(); i += 8)
            graves_.add(load_little<std::uint64_t>(freed_.data() + i));
    }
    void free_place(bytes_view key) {
        static_cast<void>(hot.read(key, [&](bytes_view bytes) noexcept { free_place_of(bytes); }));
    }
    /// Frees the places of a range's rows and forgets the rows, before the change is made. If it
    /// fails then, what is left of them stays in memory until it is changed again.
    void free_places(const scan_range& range) {
        if constexpr (ordered_engine<Hot>) {
            static_cast<void>(hot.scan(range, [&](bytes_view key, bytes_view bytes) {
                free_place_of(bytes);
                rows_.erase(key);
            }));
        }
    }

    // --- moving ----------------------------------------------------------------------------------

    [[nodiscard]] bool is_at(bytes_view key, const cold_place& at, cell_kind kind) {
        bool same = false;
        static_cast<void>(hot.read(key, [&](bytes_view bytes) noexcept {
            const cell c = cell::of(bytes);
            same = c.kind == kind && c.at.id == at.id;
        }));
        return same;
    }
    /// Brings a row back into memory, but never waits for that: a reader that meets a writer leaves
    /// the row where it is, and so does the reader of a row so long that it would drive out many
    /// others.
    void promote(bytes_view key, const cold_place& from, bytes_view row) {
        if (row.size() > limit() / 16 || !writer.try_lock()) return;
        const bool moved = !closed.load_relaxed() && is_at(key, from, cell_kind::spilled) &&
                           set_cell(key, {cell_kind::copied, from, row});
        if (moved) note(key, row.size());
        writer.unlock();
        if (!moved) return;
        promotions_.fetch_add_relaxed(1);
        make_room();
    }

    /// A row on its way: its key in keys_, and where it rests or will.
    struct leaving {
        std::size_t key_begin, key_size;
        cold_place to;
        std::size_t row_begin; ///< in the cold tier's batch, where it has no copy yet
        cell_kind kind;
    };

    /// One step. Answers whether any row has left. REQUIRES: spilling_.
    [[nodiscard]] bool spill_some() {
        cold_.begin();
        buried_.clear();
        {
            const guard lock{writer};
            if (closed.load_relaxed()) return false;
            graves_.take(buried_, many_graves);
        }
        for (std::size_t i = 0; i < buried_.size(); i += 8)
            cold_.forget(load_little<std::uint64_t>(buried_.data() + i));
        const std::size_t count = is_over() ? choose() : 0;
        const auto stored = cold_.store();
        refusal_.store(static_cast<std::uint32_t>(stored ? errc::ok : stored.error().code));
        const guard lock{writer};
        if (!stored) {
            failures_.fetch_add_relaxed(1);
            for (std::size_t i = 0; i < buried_.size(); i += 8)
                graves_.add(load_little<std::uint64_t>(buried_.data() + i));
            return false;
        }
        bool any = false;
        for (std::size_t i = 0; i < count; ++i) any = leave(leaving_[i]) || any;
        return any;
    }
    /// Picks rows, and puts those that have no copy into the cold tier's batch.
    [[nodiscard]] std::size_t choose() {
        keys_.clear();
        std::size_t count = 0;
        const std::size_t excess = memory_used() - (std::min)(limit(), memory_used());
        rows_.victims(excess, rows_a_step, [&](bytes_view key) {
            leaving_[count] = {keys_.size(), key.size(), {}, 0, cell_kind::spilled};
            if (append(keys_, key)) ++count;
        });
        for (std::size_t i = 0; i < count; ++i) {
            leaving& one = leaving_[i];
            static_cast<void>(hot.read(key_of(one), [&](bytes_view bytes) noexcept {
                const cell c = cell::of(bytes);
                one.kind = c.kind;
                if (c.kind == cell_kind::resident) one.to = cold_.add(c.row, one.row_begin);
                else one.to = c.at;
            }));
        }
        return count;
    }
    /// The row's bytes rest below: its cell says so from now on, if it still is that row.
    bool leave(const leaving& one) {
        const bytes_view key = key_of(one);
        bool here = false;
        bool same = false;
        std::byte header[Row::header_size + 1];
        static_cast<void>(hot.read(key, [&](bytes_view bytes) noexcept {
            const cell c = cell::of(bytes);
            here = c.is_here();
            if (here) copy_bytes(header, c.row.first(Row::header_size));
            same = here && c.kind == one.kind &&
                   (c.has_copy() ? c.at.id == one.to.id
                                 : c.row == cold_.added(one.row_begin, one.to.size));
        }));
        if (same && set_cell(key, {cell_kind::spilled, one.to, {header, Row::header_size}})) {
            rows_.erase(key);
            spills_.fetch_add_relaxed(1);
            if (one.kind == cell_kind::resident) writes_.fetch_add_relaxed(1);
            return true;
        }
        if (one.kind == cell_kind::resident) graves_.add(one.to.id);
        if (!here) rows_.erase(key);
        return false;
    }
    [[nodiscard]] bytes_view key_of(const leaving& one) const noexcept {
        return {keys_.data() + one.key_begin, one.key_size};
    }

    cold_tier<Cold> cold_;
    eviction::directory<Which, Concurrency> rows_; ///< of those in memory that may leave
    graves graves_;
    std::size_t least_row_;
    write_batch cells_;  ///< with the lock
    byte_buffer freed_;  ///< with the lock
    mutex spilling_;     ///< taken before the lock
    byte_buffer buried_; ///< with spilling_, as what follows
    byte_buffer keys_;
    leaving leaving_[rows_a_step];
    atomic<std::size_t> limit_;
    atomic<std::uint32_t> refusal_{0U};
    atomic<std::uint64_t> hits_{0}, fetches_{0}, promotions_{0}, spills_{0}, writes_{0},
        failures_{0};
};

} // namespace tiered_parts
} // namespace ashlar::inline v0_1
