// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of hash_map.
#pragma once

#include <ashlar/backend/hash/layout.hpp>
#include <ashlar/backend/hash/loading.hpp>
#include <ashlar/backend/hash/sweeping.hpp>
#include <ashlar/backend/hash/transaction.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// Run-time options of hash_map.
struct hash_map_options {
    std::size_t capacity_hint = 0; ///< entries to make room for when opening
    std::size_t max_entries = 0;   ///< `full` beyond; 0 for as many as memory holds
};

/// The engine of hash_map. Keys and rows of fixed length up to 256 bytes together stand in the
/// table itself; others as entries, which a pool holds (docs/decisions/0165-slabs.md).
///
/// Ownership: the engine owns its bytes; views given to visitors die with the visitor.
/// Thread safety: with `shared` any thread may call anything but move, assignment and destruction.
/// Reads of rows that stand in the table take no lock and write nothing; all other verbs lock the
/// shards of their keys, batches in ascending order.
/// Errors: out_of_memory and full leave everything as it was; keys and rows of a wrong fixed
/// length are invalid_argument, those of 2^32 bytes and more key_too_long and value_too_long.
/// Complexity: O(1) expected per key; growth is spread over the insertions.
template <class Row, class Environment, class Concurrency, std::size_t Shards>
class hash_map_engine {
    static constexpr bool threads = Concurrency::threads;
    static constexpr bool fixed_key = Row::key_extent != dynamic_extent;
    static constexpr bool fixed_row = Row::row_extent != dynamic_extent;

    /// What update() writes into where lengths are known: not set to zero first.
    struct raw_room {
        std::byte bytes[hash::in_slots<Row> && Row::row_extent != 0 ? Row::row_extent : 1];
        [[nodiscard]] std::byte* data() noexcept { return bytes; }
        [[nodiscard]] std::byte* extend(std::size_t) noexcept { return bytes; }
    };
    using rows = typename hash::layout<Row, Concurrency>::rows;
    using copies = typename hash::layout<Row, Concurrency>::copies;
    using probe = typename rows::probe;
    using block = hash::shard_block<rows, Concurrency, threads ? Shards : 1>;
    using transaction = hash::transaction<rows, block>;

  public:
    using row = Row;
    using receipt = typename Row::receipt;
    using options = hash_map_options;

    using position = hash::block_position;

    /// Empty, without limit; allocates nothing until the first write.
    constexpr hash_map_engine() noexcept = default;

    [[nodiscard]] static result<hash_map_engine> open(const opening<Environment>& how,
                                                      const options& chosen) {
        hash_map_engine made;
        block* b = made.block_.make([&](block& fresh) { prepare(fresh, how.environment); });
        if (b == nullptr)
            return how.fail(error{errc::out_of_memory}, "hash_map: no memory for its shards");
        b->limit = chosen.max_entries;
        if (!b->presize(chosen.capacity_hint))
            return how.fail(error{errc::out_of_memory},
                            "hash_map: no memory for capacity_hint; ask for fewer entries");
        return made;
    }
    /// Grows at once for so many rows in all: advice, for whoever is about to put them.
    void expect_rows(std::size_t all) noexcept {
        if (block* b = make_block(); b != nullptr) static_cast<void>(b->presize(all));
    }

    template <class Visit>
    [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
        if (const errc bad = refuse_key(key); bad != errc::ok) return bad;
        const block* b = block_.get();
        if (b == nullptr) return false;
        const probe p{key, b->seed};
        return hash::read_one(*b, p, visit);
    }

    /// visit(index, row) for each key that is there; 32 keys are fetched into the cache together.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        for (std::size_t i = 0; i < count; ++i)
            if (const errc bad = refuse_key(keys[i]); bad != errc::ok) return bad;
        const block* b = block_.get();
        if (b == nullptr) return {};
        for (std::size_t first = 0; first < count; first += hash::together) {
            const std::size_t left = count - first;
            hash::read_group(*b, keys, first, left < hash::together ? left : hash::together, visit);
        }
        return {};
    }

    /// Rows by their hashes. Locks a shard to copy at most 64 rows, or 64 KiB; visits the copy.
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        const block* b = block_.get();
        if (b == nullptr) return false;
        copies copied;
        while (at.shard < block::count && limit != 0) {
            const auto& shard = b->shards[at.shard];
            auto next = at.in;
            bool end = false;
            if constexpr (requires { shard.rows.look_ahead(next); }) shard.rows.look_ahead(next);
            {
                const brief_guard hold{shard.mutex};
                if (!copied.fill(shard.rows, next, limit, end)) return errc::out_of_memory;
            }
            if (!copied.show(visit, at.in, limit)) return true;
            at = end ? position{at.shard + 1, {}} : position{at.shard, next};
        }
        return at.shard < block::count;
    }

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const errc bad = refuse(batch); bad != errc::ok) return bad;
        block* b = make_block();
        if (b == nullptr) return errc::out_of_memory;
        const auto reserved = hook.reserve(batch.operations.bytes().size());
        if (!reserved) return reserved.error();
        commit_seq seq{};
        {
            transaction run{*b};
            run.touch(batch.checks);
            run.touch(batch.operations);
            run.lock();
            const auto admitted = admit<Row>(batch, run, on_conflict);
            if (!admitted) return admitted.error();
            const auto prepared = run.prepare(batch.operations, true);
            if (!prepared) return prepared.error();
            seq = take_sequence(*b);
            if constexpr (Row::fields.sequenced) fill_sequence(batch.operations, seq);
            // Nothing can fail any more. Committed before it is done: a reader without a lock must
            // not see what stands in no log yet, nor build on it.
            hook.commit(seq, batch.operations);
            static_cast<void>(carry_out(batch.operations, run));
            run.finish();
        }
        return waited(hook, seq);
    }

    /// The limit of entries does not bind here: what has happened elsewhere has happened.
    result<void> apply_at(commit_seq seq, operation_list operations) {
        for (const operation op : operations) {
            if (op.kind == operation_kind::add) return errc::corrupt; // are logged as puts
            if (op.kind == operation_kind::erase_range) return errc::unsupported;
        }
        if (const errc bad = refuse({{}, operations}); bad != errc::ok) return bad;
        block* b = make_block();
        if (b == nullptr) return errc::out_of_memory;
        fill_sequence(operations, seq);
        transaction run{*b};
        run.touch(operations);
        run.lock();
        const auto prepared = run.prepare(operations, false);
        if (!prepared) return prepared;
        if constexpr (Row::fields.sequenced) b->raise_sequence(seq);
        const auto done = carry_out(operations, run);
        run.finish();
        return done;
    }

    /// Puts rows whose order is of no account; past the commit point, as apply_at.
    result<void> load(operation_list list) {
        if (const errc bad = refuse({{}, list}); bad != errc::ok) return bad;
        block* b = make_block();
        return b == nullptr ? result<void>{errc::out_of_memory} : hash::load_rows(*b, list);
    }

    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (const errc bad = refuse_key(key); bad != errc::ok) return bad;
        if (capacity > (fixed_row ? Row::row_extent : longest)) return errc::value_too_long;
        std::conditional_t<hash::in_slots<Row>, raw_room, small_buffer<256>> out;
        if (out.extend(capacity) == nullptr) return errc::out_of_memory;
        block* b = make_block();
        if (b == nullptr) return errc::out_of_memory;
        const auto reserved = hook.reserve(sizeof(batch_entry) + key.size() + capacity);
        if (!reserved) return reserved.error();
        const probe p{key, b->seed};
        auto& shard = b->shard_of(p.hash());
        if constexpr (threads) hash::ask_for(shard, p); // on its way while the lock is taken
        commit_seq seq{};
        {
            const brief_guard hold{shard.mutex};
            auto at = shard.rows.locate(p);
            const bytes_view old = at.found() ? shard.rows.row_of(at) : bytes_view{};
            seq = take_sequence(*b);
            const update_action wanted = f(seq, at.found() ? &old : nullptr, out.data());
            if (wanted.what == update_action::kind::keep) return Row::receipt_for(seq);
            if (wanted.what == update_action::kind::erase) {
                if (!at.found()) return Row::receipt_for(seq);
                hook.commit_erase(seq, key);
                remove(*b, shard, at);
            } else {
                const bytes_view fresh{out.data(), wanted.size};
                if (wanted.size > capacity || !Row::fits(fresh)) return errc::invalid_argument;
                if (const errc bad = make_room(*b, shard, at, p, key, fresh); bad != errc::ok)
                    return bad;
                hook.commit_put(seq, key, fresh);
                shard.rows.finish(at, p, fresh);
            }
        }
        return waited(hook, seq);
    }

    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view value, Hook&& hook = Hook{}) {
        if (const errc bad = refuse_key(key); bad != errc::ok) return bad;
        if (const errc bad = refuse_row(value); bad != errc::ok) return bad;
        if constexpr (fixed_row) value = {value.data(), Row::row_extent};
        block* b = make_block();
        if (b == nullptr) return errc::out_of_memory;
        const auto reserved = hook.reserve(sizeof(batch_entry) + key.size() + value.size());
        if (!reserved) return reserved.error();
        const probe p{key, b->seed};
        auto& shard = b->shard_of(p.hash());
        if constexpr (threads) hash::ask_for(shard, p); // on its way while the lock is taken
        commit_seq seq{};
        {
            const brief_guard hold{shard.mutex};
            auto at = shard.rows.locate(p);
            if (const errc bad = make_room(*b, shard, at, p, key, value); bad != errc::ok)
                return bad;
            seq = take_sequence(*b);
            hook.commit_put(seq, key, value);
            shard.rows.finish(at, p, value);
        }
        return waited(hook, seq);
    }

    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (const errc bad = refuse_key(key); bad != errc::ok) return bad;
        block* b = block_.get();
        if (b == nullptr) return false;
        const auto reserved = hook.reserve(sizeof(batch_entry) + key.size());
        if (!reserved) return reserved.error();
        const probe p{key, b->seed};
        auto& shard = b->shard_of(p.hash());
        if constexpr (threads) hash::ask_for(shard, p); // on its way while the lock is taken
        commit_seq seq{};
        {
            const brief_guard hold{shard.mutex};
            const auto at = shard.rows.locate(p);
            if (!at.found()) return false;
            seq = take_sequence(*b);
            hook.commit_erase(seq, key);
            remove(*b, shard, at);
        }
        const auto kept = hook.wait(seq);
        if (!kept) return kept.error();
        return true;
    }

    /// Erases rows for which gone(row), in the order of slots, until `most` rows or empty buckets
    /// were looked at. gone is called under the lock of a shard, held for some buckets; it must not
    /// call the engine. Passes by the commit point: for a store whose erasures nobody follows.
    /// Answers how many went; `more` says whether buckets are left behind `at`, which is for no
    /// walk: it takes some buckets of each shard in turn, so that who waits for one gets it.
    template <class Gone>
    std::size_t erase_where(position& at, std::size_t most, bool& more, Gone gone) noexcept {
        block* b = block_.get();
        if (b != nullptr) return hash::sweep(*b, at, most, more, gone);
        more = false;
        return 0;
    }

    /// Drops all rows shard by shard, and keeps the tables' memory. Passes by the commit point: a
    /// store with a log or an index clears by batches instead.
    void clear() noexcept {
        block* b = block_.get();
        if (b == nullptr) return;
        for (auto& shard : b->shards) {
            const brief_guard hold{shard.mutex};
            b->release_entries(shard.rows.size());
            shard.rows.clear();
        }
    }

    /// A sum over the shards: exact when nobody writes.
    [[nodiscard]] std::size_t size() const noexcept {
        const block* b = block_.get();
        return b == nullptr ? 0 : b->size();
    }
    /// Bytes of tables and entries, and of the shards themselves where they stand on the heap.
    [[nodiscard]] std::size_t memory_used() const noexcept {
        const block* b = block_.get();
        if (b == nullptr) return 0;
        std::size_t sum = 0;
        if constexpr (threads) sum = sizeof(block) + b->arena.memory_used();
        for (const auto& shard : b->shards) {
            const brief_guard hold{shard.mutex};
            sum += shard.rows.memory_used();
        }
        return sum;
    }

  private:
    static constexpr std::size_t longest = 0xFFFF'FFFFU;

    static void prepare(block& fresh, const Environment& environment) noexcept {
        hash::page_advice advise = nullptr;
        if constexpr (requires { Environment::prefer_large_pages(nullptr, 0); })
            advise = &Environment::prefer_large_pages;
        if constexpr (requires { std::uint64_t{environment.random_seed()}; })
            fresh.plant(hash::hash_seed::from(environment.random_seed()), advise);
        else fresh.plant({}, advise);
    }
    [[nodiscard]] block* make_block() noexcept {
        return block_.make([](block& fresh) {
            if constexpr (requires { Environment{}; }) prepare(fresh, Environment{});
            else fresh.plant({}, nullptr);
        });
    }

    [[nodiscard]] static errc refuse_key(bytes_view key) noexcept {
        if constexpr (fixed_key)
            return key.size() == Row::key_extent ? errc::ok : errc::invalid_argument;
        else return key.size() <= longest ? errc::ok : errc::key_too_long;
    }
    [[nodiscard]] static errc refuse_row(bytes_view value) noexcept {
        if (value.size() > longest) return errc::value_too_long;
        return Row::fits(value) ? errc::ok : errc::invalid_argument;
    }
    [[nodiscard]] static errc refuse(batch_span batch) noexcept {
        for (const check c : batch.checks) {
            if (c.kind == check_kind::range_empty) return errc::unsupported;
            if (const errc bad = refuse_key(c.key); bad != errc::ok) return bad;
        }
        for (const operation op : batch.operations) {
            if (op.kind == operation_kind::erase_range) return errc::unsupported;
            if (const errc bad = refuse_key(op.key); bad != errc::ok) return bad;
            if (op.kind == operation_kind::put && !Row::fits(op.value))
                return errc::invalid_argument;
            if (op.kind == operation_kind::add && !Row::fits(op.value)) return errc::type_mismatch;
        }
        return errc::ok;
    }

    [[nodiscard]] static commit_seq take_sequence(block& b) noexcept {
        if constexpr (Row::fields.sequenced) return b.next_sequence();
        else return static_cast<void>(b), commit_seq{};
    }
    template <class Hook>
    [[nodiscard]] static receipt waited(Hook& hook, commit_seq seq) {
        const auto kept = hook.wait(seq);
        if (!kept) return kept.error();
        return Row::receipt_for(seq);
    }

    template <class Shard>
    [[nodiscard, gnu::always_inline]] static errc
    make_room(block& b, Shard& shard, typename rows::pending& at, const probe& p, bytes_view key,
              bytes_view value) noexcept {
        const bool more = !at.found();
        if (more && !b.admit_entries(1)) return errc::full;
        if (shard.rows.prepare(at, p, key, value.size())) return errc::ok;
        if (more) b.release_entries(1);
        return errc::out_of_memory;
    }
    template <class Shard>
    static void remove(block& b, Shard& shard, const typename rows::pending& at) noexcept {
        shard.rows.erase(at);
        b.release_entries(1);
    }

    hash::block_holder<block, Concurrency> block_;
};

} // namespace ashlar::inline v0_1
