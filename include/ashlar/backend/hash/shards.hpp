// SPDX-License-Identifier: BSL-1.0
/// @file Defines the shards of a hash map: tables with a lock each, and what they share.
#pragma once

#include <ashlar/backend/hash/table.hpp>
#include <ashlar/concurrency/brief_guard.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::hash {

/// One shard. Aligned so that no two share a cache line; the lock stands behind the table, for
/// readers without it read the table's beginning.
template <class Rows, class Concurrency>
struct alignas(Concurrency::threads ? 64 : alignof(std::uint64_t)) shard {
    Rows rows;
    [[no_unique_address]] mutable typename Concurrency::mutex mutex;
    std::uint64_t puts = 0;   ///< of the batch that holds the lock
    std::uint64_t demand = 0; ///< what they may take, in parts of a bucket
};

/// All shards, the sequence and the count of entries against the limit.
template <class Rows, class Concurrency, std::size_t Count>
struct shard_block {
    using shard_type = shard<Rows, Concurrency>;
    using counter = typename Concurrency::template atomic<std::uint64_t>;
    static constexpr std::size_t count = Count;

    struct no_arena {};

    hash_seed seed{};
    bool seeded = false;
    [[no_unique_address]] std::conditional_t<Concurrency::threads, bucket_arena, no_arena> arena;
    [[no_unique_address]] typename Rows::pools pools; // of entries; outlive the shards
    std::size_t limit = 0;                            ///< most entries, 0 for no limit
    shard_type shards[Count];
    alignas(Concurrency::threads ? 64 : alignof(counter)) counter sequence{0};
    counter entries{0}; ///< counted only against a limit

    /// By the uppermost bits of the hash; buckets are chosen by the lowest.
    [[nodiscard]] static std::size_t shard_index(std::uint64_t hash) noexcept {
        if constexpr (Count == 1) return 0;
        else return static_cast<std::size_t>(hash >> (64 - __builtin_ctzll(Count)));
    }
    [[nodiscard]] shard_type& shard_of(std::uint64_t hash) noexcept {
        return shards[shard_index(hash)];
    }
    [[nodiscard]] const shard_type& shard_of(std::uint64_t hash) const noexcept {
        return shards[shard_index(hash)];
    }

    void plant(hash_seed chosen, page_advice advise) noexcept {
        seed = chosen;
        seeded = true;
        if constexpr (Concurrency::threads) {
            arena.shape(Rows::bucket_bytes, static_cast<std::uint32_t>(Count), advise);
            pools.use(advise);
            for (std::uint32_t i = 0; i < Count; ++i)
                shards[i].rows.seed(chosen, arena_share{&arena, i}, pools);
        } else {
            shards[0].rows.seed(chosen, advise);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (const auto& s : shards) sum += s.rows.size();
        return sum;
    }
    /// Makes room for so many entries, but no more than the limit; false when memory ran out. Takes
    /// steps that hold a lock for microseconds, of all shards in turn: their buckets stand side by
    /// side.
    [[nodiscard]] bool presize(std::size_t all) noexcept {
        constexpr std::size_t step = 64;
        const std::size_t each = (limit != 0 && limit < all ? limit : all) / Count;
        for (std::size_t done = 0; done < each;) {
            done = each - done < step ? each : done + step;
            for (auto& s : shards) {
                const brief_guard hold{s.mutex};
                if (!s.rows.presize(done)) return false;
            }
        }
        return true;
    }

    [[nodiscard]] commit_seq next_sequence() noexcept {
        return commit_seq{sequence.fetch_add(1) + 1};
    }
    void raise_sequence(commit_seq to) noexcept {
        std::uint64_t now = sequence.load();
        while (now < static_cast<std::uint64_t>(to) &&
               !sequence.compare_exchange_strong(now, static_cast<std::uint64_t>(to))) {
        }
    }

    /// Counts entries that are about to come; false when there would be more than the limit.
    [[nodiscard]] bool admit_entries(std::uint64_t more) noexcept {
        if (limit == 0 || more == 0) return true;
        if (entries.fetch_add(more) + more <= limit) return true;
        entries.fetch_sub(more);
        return false;
    }
    void release_entries(std::uint64_t less) noexcept {
        if (limit != 0 && less != 0) entries.fetch_sub(less);
    }
};

/// Which shards a batch touches, and their locks for a scope. Taken in ascending order, so that
/// two batches never wait for each other in a circle.
template <class Block>
class [[nodiscard]] lock_set {
  public:
    explicit lock_set(Block& block) noexcept : block_{block} {}
    lock_set(const lock_set&) = delete;
    lock_set& operator=(const lock_set&) = delete;
    ~lock_set() {
        if (locked_) each([](auto& s) { s.mutex.unlock(); });
    }

    void add(std::size_t shard) noexcept { mask_[shard / 64] |= std::uint64_t{1} << (shard % 64); }
    void add_all() noexcept {
        for (std::size_t i = 0; i < Block::count; ++i) add(i);
    }
    void lock() noexcept {
        each([](auto& s) { lock_briefly(s.mutex); });
        locked_ = true;
    }
    /// f(shard) for each shard of the set, ascending.
    template <class F>
    void each(F f) const {
        for (std::size_t w = 0; w < words; ++w)
            for (std::uint64_t left = mask_[w]; left != 0; left &= left - 1)
                f(block_.shards[w * 64 + static_cast<std::size_t>(__builtin_ctzll(left))]);
    }

  private:
    static constexpr std::size_t words = (Block::count + 63) / 64;
    Block& block_;
    std::uint64_t mask_[words]{};
    bool locked_ = false;
};

/// Holds the block in place: for one thread, where the engine's first lookup needs no pointer.
template <class Block>
class inline_block {
  public:
    [[nodiscard]] const Block* get() const noexcept { return &block_; }
    [[nodiscard]] Block* get() noexcept { return &block_; }
    template <class Prepare>
    [[nodiscard]] Block* make(Prepare prepare) noexcept {
        if (!block_.seeded) [[unlikely]]
            begin(prepare);
        return &block_;
    }

  private:
    template <class Prepare>
    [[gnu::noinline]] void begin(Prepare prepare) noexcept {
        prepare(block_);
    }
    Block block_{};
};

/// Holds the block on the heap, made by whoever writes first; so the engine can be moved and an
/// unused one allocates nothing.
template <class Block, class Concurrency>
class heap_block {
  public:
    constexpr heap_block() noexcept = default;
    heap_block(heap_block&& other) noexcept : block_{other.block_.exchange(nullptr)} {}
    heap_block& operator=(heap_block&& other) noexcept {
        if (this != &other) free(block_.exchange(other.block_.exchange(nullptr)));
        return *this;
    }
    ~heap_block() { free(block_.load()); }

    [[nodiscard]] Block* get() const noexcept { return block_.load_acquire(); }
    template <class Prepare>
    [[nodiscard]] Block* make(Prepare prepare) noexcept {
        Block* block = get();
        if (block != nullptr) [[likely]]
            return block;
        return make_new(prepare);
    }

  private:
    template <class Prepare>
    [[nodiscard, gnu::noinline]] Block* make_new(Prepare prepare) noexcept {
        void* memory =
            ::operator new(sizeof(Block), std::align_val_t{alignof(Block)}, std::nothrow);
        if (memory == nullptr) return nullptr;
        auto* fresh = ::new (memory) Block;
        prepare(*fresh);
        Block* block = nullptr;
        if (block_.compare_exchange_strong(block, fresh)) return fresh;
        free(fresh); // another thread was first
        return block;
    }
    static void free(Block* block) noexcept {
        if (block == nullptr) return;
        block->~Block();
        ::operator delete(static_cast<void*>(block), std::align_val_t{alignof(Block)});
    }

    typename Concurrency::template atomic<Block*> block_{nullptr};
};

template <class Block, class Concurrency>
using block_holder =
    std::conditional_t<Concurrency::threads, heap_block<Block, Concurrency>, inline_block<Block>>;

} // namespace ashlar::inline v0_1::hash
