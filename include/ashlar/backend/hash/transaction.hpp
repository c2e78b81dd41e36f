// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a batch runs over the shards of a hash map: lock, look, make room, change.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/hash/shards.hpp>

namespace ashlar::inline v0_1::hash {

/// One batch under the locks of the shards it touches and of no others. Is the table that `admit`
/// and `carry_out` see. Everything that can fail happens in prepare(), which changes nothing that
/// could be seen; the destructor gives back what was not used and unlocks.
template <class Rows, class Block>
class transaction {
  public:
    using probe = typename Rows::probe;

    explicit transaction(Block& block) noexcept : block_{block}, locks_{block} {}

    void touch(check_list checks) noexcept {
        for (const check c : checks)
            if (c.kind != check_kind::range_empty) touch(c.key);
    }
    void touch(operation_list operations) noexcept {
        for (const operation op : operations) {
            if (op.kind == operation_kind::erase_range) continue; // refused by admit
            if (key_is_open(op)) locks_.add_all();
            else touch(op.key);
        }
    }
    /// REQUIRES: all keys were touched.
    void lock() noexcept { locks_.lock(); }

    /// Room for all operations, and their count against the limit when there is one and it binds.
    [[nodiscard]] result<void> prepare(operation_list operations, bool limited) {
        std::uint64_t open = 0; // puts whose key, and so whose shard, the sequence will decide
        std::uint64_t puts = 0;
        for (const operation op : operations) {
            if (op.kind == operation_kind::erase) expect_row(op.key);
            if (op.kind != operation_kind::put) continue;
            auto& shard = key_is_open(op) ? block_.shards[0] : expect_row(op.key);
            if (!shard.rows.make_ready(ready_, op.key, op.value.size()))
                return forget(errc::out_of_memory);
            ++puts;
            if (key_is_open(op)) ++open;
            else ++shard.puts;
        }
        if (puts != 0 && !make_room(operations, open)) return forget(errc::out_of_memory);
        locks_.each([&](auto& s) { before_ += s.rows.size(); });
        if (block_.limit == 0) return {};
        if (!limited) block_.entries.fetch_add(counted_ = puts);
        else if (block_.admit_entries(puts)) counted_ = puts;
        else if (const auto net = growth(operations); block_.admit_entries(net)) counted_ = net;
        else return forget(errc::full);
        return {};
    }

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) const {
        const probe p{key, block_.seed};
        return block_.shard_of(p.hash()).rows.find(p, row);
    }
    void assign(bytes_view key, bytes_view row) noexcept {
        const probe p{key, block_.seed};
        block_.shard_of(p.hash()).rows.put_ready(p, row, ready_);
    }
    void remove(bytes_view key) noexcept {
        const probe p{key, block_.seed};
        auto& rows = block_.shard_of(p.hash()).rows;
        const auto at = rows.locate(p);
        if (at.found()) rows.erase(at);
    }

    /// After the change: corrects the count of entries and takes the growth steps that are due.
    void finish() noexcept {
        std::uint64_t after = 0;
        locks_.each([&](auto& s) {
            after += s.rows.size();
            s.rows.grow_after(s.puts);
            s.puts = 0;
        });
        block_.release_entries(before_ + counted_ - after); // wraps to an addition and back
    }

  private:
    [[nodiscard]] static bool key_is_open(const operation& op) noexcept {
        return load_entry(op.entry).flags == seq_in_key;
    }
    void touch(bytes_view key) noexcept {
        const probe p{key, block_.seed};
        locks_.add(Block::shard_index(p.hash()));
        // The batch will pass its keys several times: their buckets are on their way by then.
        static_cast<void>(block_.shard_of(p.hash()).rows.template approach<true>(p));
    }
    /// The shard of a key. Its bucket has come by now: asks for the row that is there, if one is;
    /// no longer when many keys together were new.
    auto& expect_row(bytes_view key) noexcept {
        const probe p{key, block_.seed};
        auto& shard = block_.shard_of(p.hash());
        if constexpr (Rows::far_slots)
            if (new_keys_ < 16)
                new_keys_ = shard.rows.prefetch_row(shard.rows.template approach<false>(p), p)
                                ? 0
                                : new_keys_ + 1;
        return shard;
    }
    [[nodiscard]] error forget(errc code) noexcept {
        locks_.each([](auto& s) { s.puts = s.demand = 0; });
        return error{code};
    }

    /// Of a shard's puts in a batch.
    static constexpr std::uint64_t few = 8;

    [[nodiscard]] bool make_room(operation_list operations, std::uint64_t open) noexcept {
        bool look = false;
        locks_.each([&](auto& s) {
            s.puts += open;
            const bool many = are_many(s);
            look = look || many;
            s.demand = (many ? open : s.puts) * Rows::whole_bucket;
            // A larger table needs fewer chains. Without memory for it, chains will do.
            if (s.puts > few) static_cast<void>(s.rows.presize(s.rows.size() + s.puts));
        });
        for (const operation op : look ? operations : operation_list{}) {
            if (op.kind != operation_kind::put || key_is_open(op)) continue;
            const probe p{op.key, block_.seed};
            auto& s = block_.shard_of(p.hash());
            if (are_many(s)) s.demand += s.rows.demand(p);
        }
        bool room = true;
        locks_.each([&](auto& s) {
            const std::uint64_t buckets = (s.demand + Rows::whole_bucket - 1) / Rows::whole_bucket;
            if (room && buckets != 0) room = s.rows.reserve(static_cast<std::size_t>(buckets));
            s.demand = 0;
        });
        return room;
    }

    /// For a few a whole bucket each is cheaper than looking, and little beside what is there.
    template <class Shard>
    [[nodiscard]] static bool are_many(const Shard& s) noexcept {
        return s.puts > few + s.rows.size() / 64;
    }

    /// By how much the batch makes the store grow, exactly (0 when it shrinks). Quadratic: it is
    /// asked only when the limit would be met otherwise.
    [[nodiscard]] std::uint64_t growth(operation_list operations) const {
        std::uint64_t come = 0;
        std::uint64_t gone = 0;
        for (auto at = operations.begin(); at != operations.end(); ++at) {
            const operation op = *at;
            bool last = true;
            auto later = at;
            for (++later; later != operations.end() && last; ++later) last = (*later).key != op.key;
            bytes_view row;
            const bool there = last && *find(op.key, row);
            if (last && !there && op.kind == operation_kind::put) ++come;
            if (there && op.kind == operation_kind::erase) ++gone;
        }
        return come > gone ? come - gone : 0;
    }

    Block& block_;
    typename Rows::ready_rows ready_;
    lock_set<Block> locks_; // unlocks before what was not used is freed
    std::uint64_t before_ = 0;
    std::uint64_t counted_ = 0;
    std::uint32_t new_keys_ = 0; ///< in a row
};

} // namespace ashlar::inline v0_1::hash
