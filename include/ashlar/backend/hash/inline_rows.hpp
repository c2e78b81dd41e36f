// SPDX-License-Identifier: BSL-1.0
/// @file Defines a shard's rows when key and row have a fixed length: in the slots, without a heap.
#pragma once

#include <ashlar/backend/hash/table.hpp>
#include <ashlar/engine.hpp>

#include <cstring>

namespace ashlar::inline v0_1::hash {

/// Writes a row into its slot. Not a lambda: those would be one per length of rows, and with them
/// the verbs of the table that take one.
template <bool Threads>
struct row_writer {
    bytes_view row;
    void operator()(std::uint64_t* to) const noexcept { word<Threads>::store_bytes(to, row); }
};

/// Dresses a bucket table for keys and rows of fixed length. A thin template over Row: what is
/// instantiated anew per length are these few inlined lines, never the table.
/// Thread safety: see bucket_table; `sight` is for readers without the lock.
template <class Row, bool Threads>
class inline_rows {
    static constexpr bool one_word = Row::key_extent <= 8;
    static constexpr std::size_t key_words = one_word ? 1 : (Row::key_extent + 7) / 8;
    static constexpr std::size_t row_words = (Row::row_extent + 7) / 8;
    using kind = std::conditional_t<one_word, word_key, wide_key>;
    using table = bucket_table<kind, Threads>;

  public:
    static constexpr bool in_place = true;
    /// Readers need no lock.
    static constexpr bool sightable = Threads;

    /// A key as the table wants it, with its hash. REQUIRES: key.size() == Row::key_extent.
    class probe {
      public:
        probe() noexcept {} // for arrays of them: nothing is set
        probe(bytes_view key, hash_seed seed) noexcept : words_{} {
            std::memcpy(words_, key.data(), Row::key_extent);
            hash_ = kind_of(seed).hash(words());
        }
        [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
        [[nodiscard]] typename kind::probe words() const noexcept {
            if constexpr (one_word) return words_[0];
            else return words_;
        }

      private:
        std::uint64_t words_[key_words]{};
        std::uint64_t hash_ = 0;
    };

    /// A copy of a row.
    class copy {
      public:
        [[nodiscard]] bytes_view view() const noexcept {
            return {reinterpret_cast<const std::byte*>(words_), Row::row_extent};
        }

      private:
        friend inline_rows;
        std::uint64_t words_[row_words == 0 ? 1 : row_words];
    };

    /// Of a bucket.
    static constexpr std::size_t bucket_bytes = bucket::size(table::slots, key_words + row_words);
    /// Whether a bucket has more lines than are asked for at once. Up to four are: they are next to
    /// each other, and one that is asked for later is a second wait.
    static constexpr bool far_slots = bucket_bytes > 4 * detail::cache_line;

    constexpr inline_rows() noexcept
        requires Threads
    = default;
    constexpr inline_rows() noexcept
        requires(!Threads)
        : table_{kind_of({}), row_words} {}
    /// In buckets of its own. REQUIRES: empty.
    void seed(hash_seed seed, page_advice advise) noexcept
        requires(!Threads)
    {
        table_ = table{kind_of(seed), row_words, advise};
    }
    struct pools {
        static void use(page_advice) noexcept {} // rows stand in the buckets
    };
    /// In a share of an arena that outlives it. REQUIRES: empty.
    void seed(hash_seed seed, arena_share share, pools&) noexcept
        requires Threads
    {
        table_ = table{kind_of(seed), row_words, share};
    }

    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    [[nodiscard]] std::size_t memory_used() const noexcept { return table_.memory_used(); }

    [[nodiscard]] bool find(const probe& key, bytes_view& row) const noexcept {
        const std::uint64_t* slot = table_.find(key.words(), key.hash());
        if (slot == nullptr) return false;
        row = row_of(slot);
        return true;
    }
    /// Where the key would stand; `sight` and `find` along it spare the routing.
    template <bool Fetch>
    [[nodiscard, gnu::always_inline]] way approach(const probe& key) const noexcept {
        constexpr std::size_t lines =
            far_slots ? 2 : (bucket_bytes + detail::cache_line - 1) / detail::cache_line;
        return table_.template approach<Fetch, lines>(key.hash());
    }
    /// Asks for the slot that bears the key's tag, all of it, where it stands behind the lines that
    /// approach() asked for. False when none does.
    bool prefetch_row(way to, const probe& key) const noexcept {
        return table_.peek(to, key.hash(), [](const std::uint64_t* slot) {
            detail::prefetch(slot);
            detail::prefetch(slot + key_words + row_words - 1);
        });
    }
    [[nodiscard, gnu::always_inline]] sighting sight(way to, const probe& key,
                                                     copy& row) const noexcept {
        return table_.sight(to, key.words(), key.hash(), row.words_, row_words);
    }
    [[nodiscard]] bool find(way to, const probe& key, bytes_view& row) const noexcept {
        if (to.first == nullptr) return false;
        const std::uint64_t* slot = table_.find(to.first, key.words(), key.hash());
        if (slot == nullptr) return false;
        row = row_of(slot);
        return true;
    }

    /// A write in two halves: `prepare` may fail and changes nothing one could see, `finish` can't
    /// fail. Between them the lock is held and no other write is begun.
    class pending {
        friend inline_rows;
        typename table::place at_;

      public:
        [[nodiscard]] bool found() const noexcept { return at_.found; }
    };
    [[nodiscard, gnu::always_inline]] pending locate(const probe& key) noexcept {
        pending write;
        write.at_ = table_.locate(key.words(), key.hash());
        return write;
    }
    [[nodiscard]] bytes_view row_of(const pending& at) const noexcept {
        return row_of(table_.slot_at(at.at_));
    }
    [[nodiscard, gnu::always_inline]] bool prepare(pending& write, const probe& key, bytes_view,
                                                   std::size_t) noexcept {
        if (write.at_.in != nullptr) return true;
        if (!table_.reserve(1)) return false;
        write.at_ = table_.locate_again(key.words(), key.hash());
        return true;
    }
    [[gnu::always_inline]] void finish(const pending& write, const probe& key,
                                       bytes_view row) noexcept {
        const row_writer<Threads> store{{row.data(), Row::row_extent}};
        if (write.found()) return table_.rewrite(write.at_, store);
        table_.insert(write.at_, key.words(), key.hash(), store);
        table_.grow_after(1);
    }
    /// REQUIRES: at.found().
    void erase(const pending& at) noexcept { table_.erase(at.at_); }

    /// Rows that a batch made ready before it changes anything: here room is all they need.
    struct ready_rows {};
    [[nodiscard]] static constexpr bool make_ready(ready_rows&, bytes_view, std::size_t) noexcept {
        return true;
    }
    static constexpr std::uint64_t whole_bucket = table::whole_bucket;
    [[nodiscard]] std::uint64_t demand(const probe& key) const noexcept {
        return table_.demand(key.hash());
    }
    [[nodiscard]] bool reserve(std::size_t buckets) noexcept { return table_.reserve(buckets); }
    /// REQUIRES: reserve() for all puts of the batch.
    void put_ready(const probe& key, bytes_view row, ready_rows&) noexcept {
        const auto at = locate(key);
        const row_writer<Threads> store{{row.data(), Row::row_extent}};
        if (at.found()) table_.rewrite(at.at_, store);
        else table_.insert(at.at_, key.words(), key.hash(), store);
    }
    void grow_after(std::size_t puts) noexcept { table_.grow_after(puts); }
    [[nodiscard]] bool presize(std::size_t entries) noexcept { return table_.presize(entries); }
    void clear() noexcept {
        table_.clear([](const std::uint64_t*) {});
    }

    static constexpr std::uint32_t swept_at_once = 8; ///< buckets: half a microsecond under a lock
    struct dropped {};                                ///< what must go back to a pool

    /// Erases rows for which gone(row), as bucket_table::erase_where has it; answers how many.
    template <class Gone>
    std::size_t erase_where(bucket_position& from, std::uint32_t buckets, sweep_budget& budget,
                            dropped&, Gone gone) noexcept {
        return table_.erase_where(from, buckets, budget,
                                  [&](const std::uint64_t* slot) { return gone(row_of(slot)); });
    }
    void ask_for_buckets(std::uint32_t from, std::uint32_t some) const noexcept {
        table_.ask_for_buckets(from, some);
    }
    static void ask_for_rows(std::uint32_t, std::uint32_t) noexcept {} // came with the buckets
    [[nodiscard]] bool ends(const bucket_position& at) const noexcept { return table_.ends(at); }

    /// take(key, row) as bucket_table::walk has it.
    template <class Take>
    [[nodiscard]] bool walk(bucket_position& from, std::uint32_t buckets, Take take) const {
        return table_.walk(from, buckets, [&](const std::uint64_t* slot) {
            return take(bytes_view{reinterpret_cast<const std::byte*>(slot), Row::key_extent},
                        row_of(slot));
        });
    }

  private:
    [[nodiscard]] static constexpr kind kind_of(hash_seed seed) noexcept {
        if constexpr (one_word) return {seed};
        else return {seed, key_words};
    }
    [[nodiscard]] static bytes_view row_of(const std::uint64_t* slot) noexcept {
        return {reinterpret_cast<const std::byte*>(slot + key_words), Row::row_extent};
    }

    table table_;
};

} // namespace ashlar::inline v0_1::hash
