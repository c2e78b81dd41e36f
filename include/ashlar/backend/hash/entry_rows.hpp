// SPDX-License-Identifier: BSL-1.0
/// @file Defines a shard's rows when keys or rows vary in length: one object of a pool per entry.
#pragma once

#include <ashlar/backend/hash/entry.hpp>
#include <ashlar/backend/hash/table.hpp>
#include <ashlar/engine.hpp>
#include <ashlar/slab/pools.hpp>
#include <ashlar/slab/together.hpp>

#include <cstring>

namespace ashlar::inline v0_1::hash {

/// Owns entries, found through a bucket table of hashes and addresses. One type for all rows.
/// Same verbs as inline_rows. Thread safety: all of it needs the lock but prefetching.
template <class Concurrency>
class bytes_table {
    static constexpr bool threads = Concurrency::threads;
    using table = bucket_table<entry_key, threads>;

  public:
    using pool = slab::pool<Concurrency>;
    struct no_pools {}; ///< one thread: the table owns its pool, for it can be moved
    using pools = std::conditional_t<threads, slab::pools<Concurrency>, no_pools>;
    static constexpr bool in_place = false;
    static constexpr bool sightable = false; // an entry may be freed under a reader

    class probe {
      public:
        probe() noexcept = default;
        probe(bytes_view key, hash_seed seed) noexcept
            : probe_{detail::hash_bytes(key, seed), key} {}
        [[nodiscard]] std::uint64_t hash() const noexcept { return probe_.hash; }
        [[nodiscard]] const entry_key::probe& asked() const noexcept { return probe_; }

      private:
        entry_key::probe probe_;
    };

    static constexpr std::size_t bucket_bytes = bucket::size(entry_key::slots, 1);
    static constexpr bool far_slots = true; // entries

    constexpr bytes_table() noexcept
        requires threads
    = default;
    constexpr bytes_table() noexcept
        requires(!threads)
        : table_{entry_key{}, 1} {}
    bytes_table(bytes_table&& other) noexcept
        : pool_{std::move(other.pool_)}, table_{std::move(other.table_)},
          entry_bytes_{std::exchange(other.entry_bytes_, 0)} {}
    bytes_table& operator=(bytes_table&& other) noexcept {
        if (this == &other) return *this;
        clear();
        pool_ = std::move(other.pool_);
        table_ = std::move(other.table_);
        entry_bytes_ = std::exchange(other.entry_bytes_, 0);
        return *this;
    }
    bytes_table(const bytes_table&) = delete;
    bytes_table& operator=(const bytes_table&) = delete;
    ~bytes_table() { clear(); }
    /// In buckets of its own. REQUIRES: empty.
    void seed(hash_seed seed, page_advice advise) noexcept
        requires(!threads)
    {
        table_ = table{entry_key{seed}, 1, advise};
        pool_.use(advise);
    }
    /// In a share of an arena and with pools that outlive it. REQUIRES: empty.
    void seed(hash_seed seed, arena_share share, pools& entries) noexcept
        requires threads
    {
        table_ = table{entry_key{seed}, 1, share};
        pool_ = &entries;
    }

    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    /// Bytes of buckets and entries, without what the pool adds to these.
    [[nodiscard]] std::size_t memory_used() const noexcept {
        return table_.memory_used() + word<threads>::load(entry_bytes_);
    }

    [[nodiscard]] bool find(const probe& key, bytes_view& row) const noexcept {
        const std::uint64_t* slot = table_.find(key.asked(), key.hash());
        if (slot == nullptr) return false;
        row = entry_key::at(slot)->row();
        return true;
    }
    template <bool Fetch>
    [[nodiscard]] way approach(const probe& key) const noexcept {
        return table_.template approach<Fetch, 1>(key.hash());
    }
    /// Asks for the entry that a slot with the key's tag leads to. False when there is none.
    bool prefetch_row(way to, const probe& key) const noexcept {
        return table_.peek(to, key.hash(), [](const std::uint64_t* slot) {
            // The address may be stale; fetching ahead from a stale address does nothing.
            detail::prefetch(entry_key::in_word(word<threads>::load(*slot)));
        });
    }

    /// For a walk from a bucket on. Asks for each line of a usual entry: not every processor
    /// fetches lines by pairs.
    void look_ahead(const bucket_position& from) const noexcept
        requires threads
    {
        constexpr std::uint32_t some = 5; // as many as a chunk comes to
        table_.ask_for_buckets(from.bucket, some);
        table_.ask_behind_slots(from.bucket, some, [](const std::uint64_t* slot) {
            detail::prefetch_lines<4>(entry_key::in_word(word<threads>::load(*slot)));
        });
    }

    class pending {
        friend bytes_table;
        typename table::place at_;
        entry* made_ = nullptr;

      public:
        pending() noexcept = default;
        pending(pending&& other) noexcept
            : at_{other.at_}, made_{std::exchange(other.made_, nullptr)} {}
        pending& operator=(pending&&) = delete;
        ~pending() {
            if (made_ != nullptr) entry::free<pool>(made_);
        }
        [[nodiscard]] bool found() const noexcept { return at_.found; }
    };
    [[nodiscard]] pending locate(const probe& key) noexcept {
        pending write;
        write.at_ = table_.locate(key.asked(), key.hash());
        return write;
    }
    [[nodiscard]] bytes_view row_of(const pending& at) const noexcept {
        return entry_key::at(table_.slot_at(at.at_))->row();
    }
    /// A row of the length that is there already is written over the old one.
    [[nodiscard, gnu::always_inline]] bool
    prepare(pending& write, const probe& key, bytes_view bytes, std::size_t row_size) noexcept {
        if (write.found() && row_of(write).size() == row_size) return true;
        return prepare_new(write, key, bytes, row_size);
    }
    [[gnu::always_inline]] void finish(pending& write, const probe& key, bytes_view row) noexcept {
        if (write.made_ != nullptr) finish_new(write, key, row);
        else entry_key::at(table_.slot_at(write.at_))->set_row(row);
    }

    /// REQUIRES: at.found().
    void erase(const pending& at) noexcept {
        entry* old = entry_key::at(table_.slot_at(at.at_));
        table_.erase(at.at_);
        drop(old);
    }

    /// Entries that a batch made ready, in the order of its puts. Frees those that are left.
    class ready_rows {
      public:
        ready_rows() noexcept = default;
        ready_rows(const ready_rows&) = delete;
        ready_rows& operator=(const ready_rows&) = delete;
        ~ready_rows() {
            while (next_ < made_.size() / sizeof(entry*)) spare(take());
        }
        /// From that pool, or the one that was named first. False without memory.
        [[nodiscard]] bool add(pool& from, std::size_t key_size, std::size_t row_size) noexcept {
            supply_.from(from);
            entry* made = entry::make(supply_, key_size, row_size);
            if (made == nullptr) return false;
            if (entry_key::addressable(made) && append(made_, object_bytes(made))) return true;
            entry::free<pool>(made);
            return false;
        }
        /// REQUIRES: one is left.
        [[nodiscard]] entry* take() noexcept {
            entry* made = nullptr;
            std::memcpy(&made, made_.data() + next_++ * sizeof(entry*), sizeof(entry*));
            return made;
        }
        /// One that was taken and is not needed.
        void spare(entry* made) noexcept { unused_.add(made, made->size()); }

      private:
        small_buffer<128> made_;
        std::size_t next_ = 0;
        slab::supply<pool> supply_;
        slab::returned<pool> unused_;
    };
    [[nodiscard]] bool make_ready(ready_rows& ready, bytes_view key,
                                  std::size_t row_size) noexcept {
        pool* from = own();
        return from != nullptr && ready.add(*from, key.size(), row_size);
    }
    static constexpr std::uint64_t whole_bucket = table::whole_bucket;
    [[nodiscard]] std::uint64_t demand(const probe& key) const noexcept {
        return table_.demand(key.hash());
    }
    [[nodiscard]] bool reserve(std::size_t buckets) noexcept { return table_.reserve(buckets); }
    /// A row of the length that is there already is written over the old one.
    void put_ready(const probe& key, bytes_view row, ready_rows& ready) noexcept {
        entry* made = ready.take();
        const auto at = table_.locate(key.asked(), key.hash());
        if (at.found && entry_key::at(table_.slot_at(at))->row().size() == row.size()) {
            entry_key::at(table_.slot_at(at))->set_row(row);
            return ready.spare(made);
        }
        made->set_key(key.asked().key); // not before: it may have got its sequence since
        static_cast<void>(link(at, key, made, row));
    }
    void grow_after(std::size_t puts) noexcept { table_.grow_after(puts); }
    [[nodiscard]] bool presize(std::size_t entries) noexcept { return table_.presize(entries); }

    /// Buckets that a sweep does at once: half a microsecond under a lock. Who waits for it that
    /// long does not fall asleep (brief_guard).
    static constexpr std::uint32_t swept_at_once = 4;
    /// What a sweep drops, to be given back when the lock is free again.
    using dropped = slab::returned<pool>;
    template <class Gone>
    std::size_t erase_where(bucket_position& from, std::uint32_t buckets, sweep_budget& budget,
                            dropped& entries, Gone gone) noexcept {
        return table_.erase_where(from, buckets, budget, [&](const std::uint64_t* slot) {
            entry* at = entry_key::at(slot);
            if (!gone(at->row())) return false;
            const std::size_t size = at->size();
            account(0, size);
            entries.add(at, size);
            return true;
        });
    }
    void ask_for_buckets(std::uint32_t from, std::uint32_t some) const noexcept {
        table_.ask_for_buckets(from, some);
    }
    /// Of entries, what a sweep looks at and what giving them back takes.
    void ask_for_rows(std::uint32_t from, std::uint32_t some) const noexcept {
        table_.ask_behind_slots(from, some, [](const std::uint64_t* slot) {
            const auto* at =
                reinterpret_cast<const std::byte*>(entry_key::in_word(word<threads>::load(*slot)));
            detail::prefetch(at);
            detail::prefetch(at + 48);
            pool::expect_give(at);
        });
    }
    [[nodiscard]] bool ends(const bucket_position& at) const noexcept { return table_.ends(at); }
    void clear() noexcept {
        sweep_budget all = sweep_budget::unlimited();
        dropped entries;
        for (bucket_position at; !ends(at);) {
            ask_for_buckets(at.bucket + 2 * swept_at_once, swept_at_once);
            ask_for_rows(at.bucket + swept_at_once, swept_at_once);
            erase_where(at, swept_at_once, all, entries, [](bytes_view) { return true; });
        }
    }

    template <class Take>
    [[nodiscard]] bool walk(bucket_position& from, std::uint32_t buckets, Take take) const {
        return table_.walk(from, buckets, [&](const std::uint64_t* slot) {
            const entry* at = entry_key::at(slot);
            return take(at->key(), at->row());
        });
    }

  private:
    /// nullptr without memory.
    [[nodiscard]] pool* own() noexcept {
        if constexpr (threads) return &pool_->mine();
        else return pool_.get();
    }
    /// nullptr without memory that a slot can point to.
    [[nodiscard]] entry* make(std::size_t key_size, std::size_t row_size) noexcept {
        pool* from = own();
        entry* made = from == nullptr ? nullptr : entry::make(*from, key_size, row_size);
        if (made == nullptr || entry_key::addressable(made)) [[likely]]
            return made;
        entry::free<pool>(made);
        return nullptr;
    }
    [[nodiscard]] bool prepare_new(pending& write, const probe& key, bytes_view bytes,
                                   std::size_t row_size) noexcept {
        write.made_ = make(bytes.size(), row_size);
        if (write.made_ == nullptr) return false;
        write.made_->set_key(bytes);
        if (write.at_.in != nullptr) return true;
        if (!table_.reserve(1)) return false;
        write.at_ = table_.locate_again(key.asked(), key.hash());
        return true;
    }
    [[gnu::always_inline]] void finish_new(pending& write, const probe& key,
                                           bytes_view row) noexcept {
        entry* made = std::exchange(write.made_, nullptr);
        if (link(write.at_, key, made, row)) table_.grow_after(1);
    }
    void account(std::size_t added, std::size_t gone) noexcept {
        word<threads>::store(entry_bytes_, entry_bytes_ + added - gone);
    }
    void drop(entry* old) noexcept {
        const std::size_t size = old->size();
        account(0, size);
        pool::give(old, size);
    }
    /// Fills an entry and puts it into its slot, in place of the old one if there is one; true for
    /// a new key.
    [[gnu::always_inline]] bool link(const typename table::place& at, const probe& key, entry* made,
                                     bytes_view row) noexcept {
        const auto store = [made, &key](std::uint64_t* to) {
            word<threads>::store(*to, entry_key::word_of(made, key.hash()));
        };
        account(made->set_row(row), 0);
        if (!at.found) return table_.insert(at, key.asked(), key.hash(), store), true;
        entry* old = entry_key::at(table_.slot_at(at));
        table_.rewrite(at, store);
        drop(old);
        return false;
    }

    std::conditional_t<threads, pools*, slab::own_pool<Concurrency>> pool_{};
    table table_;
    std::size_t entry_bytes_ = 0;
};

} // namespace ashlar::inline v0_1::hash
