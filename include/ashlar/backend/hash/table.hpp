// SPDX-License-Identifier: BSL-1.0
/// @file Defines the core of hash_map: buckets addressed by linear hashing, grown step by step.
#pragma once

#include <ashlar/backend/hash/lookup.hpp>
#include <ashlar/backend/hash/walking.hpp>

namespace ashlar::inline v0_1::hash {

/// A hash table of slots of one run-time size: it is instantiated per kind of key, never per size.
///
/// Linear hashing (Litwin 1980): bucket i splits into i and i + 2^level, one bucket per insertion,
/// so that growth has no pause, moves no bucket and frees no memory; an entry only ever moves to a
/// higher bucket, which is all a walk needs. Splitting begins when three of four slots are taken;
/// what does not fit goes to a chained bucket. It never shrinks.
///
/// With Threads, one writer at a time (the caller's lock) and any number of readers through
/// `sight`, which write nothing; every other member needs the writer's lock.
/// Complexity: O(1) expected for all but walk, clear and presize.
template <key_kind Kind, bool Threads>
class bucket_table : public bucket_lookup<Kind, Threads> {
    using lookup = bucket_lookup<Kind, Threads>;
    using lookup::bucket_at;
    using lookup::buckets;
    using lookup::chains_;
    using lookup::extent_;
    using lookup::home_;
    using lookup::kind_;

  public:
    using lookup::slots;
    using probe = typename Kind::probe;
    using words = word<Threads>;

    constexpr bucket_table() noexcept = default;
    /// Allocates nothing. `row_words` of eight bytes follow the key in each slot.
    constexpr bucket_table(Kind kind, std::uint32_t row_words,
                           page_advice advise = nullptr) noexcept
        requires(!Threads)
        : lookup{kind, row_words, advise} {}
    /// The same in a share of an arena that outlives it, shaped for these slots.
    bucket_table(Kind kind, std::uint32_t row_words, arena_share share) noexcept
        requires Threads
        : lookup{kind, row_words, share} {}

    bucket_table(bucket_table&& other) noexcept { swap(other); }
    bucket_table& operator=(bucket_table&& other) noexcept {
        bucket_table taken{std::move(other)};
        swap(taken);
        return *this;
    }
    bucket_table(const bucket_table&) = delete;
    bucket_table& operator=(const bucket_table&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return words::load(count_); }
    [[nodiscard]] std::size_t memory_used() const noexcept {
        return home_.memory_used() + chains_.memory_used();
    }

    /// Where a key is, or would go.
    struct place {
        bucket* first = nullptr; ///< of the chain; nullptr in a table without buckets
        bucket* in = nullptr;    ///< the bucket of the slot; nullptr when the chain is full
        bucket* last = nullptr;  ///< of a full chain
        std::uint32_t slot = 0;
        bool found = false;
    };
    /// Inlined is what nearly always happens: the first bucket has the key, or room for it.
    [[nodiscard, gnu::always_inline]] place locate(const probe& key,
                                                   std::uint64_t hash) const noexcept {
        if (extent_.empty()) return {};
        bucket* first = &bucket_at(extent_.home(hash));
        slot_set hits = tagged_slots(first->tags, tag_word(hash));
        for (; !hits.empty(); hits.drop_first()) {
            const std::uint32_t slot = hits.first();
            if (kind_.template matches<false>(first->slot(slot, chains_.stride()), key))
                return {.first = first, .in = first, .slot = slot, .found = true};
        }
        const slot_set free = empty_slots<slots>(first->tags);
        if (first->next != 0 || free.empty()) return locate_in_chain(*first, key, hash);
        return {.first = first, .in = first, .last = first, .slot = free.first()};
    }
    [[nodiscard, gnu::noinline]] place locate_again(const probe& key,
                                                    std::uint64_t hash) const noexcept {
        return locate(key, hash);
    }
    [[nodiscard]] std::uint64_t* slot_at(const place& at) const noexcept {
        return at.in->slot(at.slot, chains_.stride());
    }

    /// Makes sure that `insertions` of new keys can't fail, by allocating all they may need; false
    /// when there is no memory. Places located before are invalid behind it.
    [[nodiscard]] bool reserve(std::size_t insertions) noexcept {
        if (extent_.empty() && !presize(1)) return false;
        return chains_.reserve(insertions);
    }

    /// The share of an overflow bucket that inserting this key may cost, in parts of
    /// `whole_bucket`. With f free slots, K insertions into a chain take at most
    /// K / (min(f, slots - 1) + 1) buckets; so the sum over a batch's keys bounds what the batch
    /// can take, wherever its keys fall.
    static constexpr std::uint64_t whole_bucket = 420; // divisible by 1 to 7
    [[nodiscard]] std::uint64_t demand(std::uint64_t hash) const noexcept {
        if (extent_.empty()) return whole_bucket;
        std::uint32_t free = 0;
        chains_.each(bucket_at(extent_.home(hash)),
                     [&](const bucket& b) { free += empty_slots<slots>(b.tags).count(); });
        return whole_bucket / (free < slots - 1 ? free + 1 : slots);
    }

    /// Takes the slot of a key that is not there and has its row written: write(row words).
    /// REQUIRES: !at.found, at located since the last change, and room: a free slot or reserve().
    template <class Write>
    void insert(place at, const probe& key, std::uint64_t hash, Write write) noexcept {
        const std::uint32_t link = at.in == nullptr ? chains_.take() : 0;
        if (link != 0) at.in = chains_.at(link);
        begin_change(*at.first);
        std::uint64_t* to = slot_at(at);
        kind_.template store<Threads>(to, key);
        write(to + kind_.words());
        if (link != 0) words::store(at.last->next, link);
        words::store(at.in->tags, with_tag(at.in->tags, at.slot, tag_word(hash)));
        end_change(*at.first);
        words::store(count_, count_ + 1);
    }
    /// Has the row of a key that is there written anew: write(row words).
    template <class Write>
    void rewrite(const place& at, Write write) noexcept {
        begin_change(*at.first);
        write(slot_at(at) + kind_.words());
        end_change(*at.first);
    }
    /// REQUIRES: at.found.
    void erase(const place& at) noexcept {
        begin_change(*at.first);
        words::store(at.in->tags, with_tag(at.in->tags, at.slot, 0));
        if (at.in != at.first) chains_.trim(*at.first);
        end_change(*at.first);
        words::store(count_, count_ - 1);
    }

    /// Splits as many buckets as insertions were made, when the table is that full.
    void grow_after(std::size_t insertions) noexcept {
        while (insertions-- > 0 && crowded(count_) && split()) {
        }
    }
    /// Grows for `entries` at once. False when memory ran out; a table with buckets is none the
    /// worse for it.
    [[nodiscard]] bool presize(std::size_t entries) noexcept {
        if (extent_.empty()) {
            if (home_.size() == 0 && !home_.grow()) return false;
            for (std::uint32_t i = 0; i < home_.size(); ++i) chains_.init(bucket_at(i));
            words::store(extent_.bits, extent::of(home_.size()).bits);
        }
        while (crowded(entries))
            if (!split()) return false;
        return true;
    }

    /// Drops every entry: drop(slot) is called for each first. Keeps the memory.
    template <class Drop>
    void clear(Drop drop) noexcept {
        for (std::uint32_t i = 0; i < buckets(); ++i) {
            bucket& first = bucket_at(i);
            begin_change(first);
            chains_.each(first, [&](bucket& b) {
                for (slot_set used = used_slots(b.tags); !used.empty(); used.drop_first())
                    drop(b.slot(used.first(), chains_.stride()));
                words::store(b.tags, std::uint64_t{0});
            });
            chains_.trim(first);
            end_change(first);
        }
        words::store(count_, std::size_t{0});
    }

    /// Erases the entries that gone(slot) names, which drops what they own, in whole chains from
    /// `from` on, until `budget.left` entries or empty buckets were looked at, or `most` buckets; a
    /// chain that is longer than the whole budget goes beyond it. Answers how many went; `from` may
    /// end behind the last bucket.
    template <class Gone>
    std::size_t erase_where(bucket_position& from, std::uint32_t most, sweep_budget& budget,
                            Gone gone) noexcept {
        const std::size_t before = count_;
        for (; from.bucket < buckets() && most != 0 && budget.left != 0; ++from.bucket, --most) {
            if (!budget.take(entries_in(bucket_at(from.bucket)))) break;
            erase_in_chain(bucket_at(from.bucket), gone);
        }
        from.slot = 0;
        from.buckets = buckets();
        return before - count_;
    }
    [[nodiscard]] bool ends(const bucket_position& at) const noexcept {
        return at.bucket >= buckets();
    }

    /// take(slot) for each entry from `from` on until it answers false, which leaves `from` before
    /// that entry; at most `most` buckets are looked at. True when the end was reached.
    template <class Take>
    [[nodiscard]] bool walk(bucket_position& from, std::uint32_t most, Take take) const {
        if (from.slot != 0 && split_since(from)) from.slot = 0; // its entries may have moved up
        const std::uint32_t all = this->buckets();
        from.buckets = all;
        for (; from.bucket < all; ++from.bucket, from.slot = 0) {
            if (most-- == 0) return false;
            if constexpr (Threads) ask_ahead(from.bucket + 8); // stripes stand far apart
            std::uint32_t before = 0; // slots of the chain in front of this bucket
            for (const bucket* at = &bucket_at(from.bucket);; at = chains_.behind(*at)) {
                for (slot_set used = used_slots(at->tags); !used.empty(); used.drop_first()) {
                    const std::uint32_t number = before + used.first();
                    if (number < from.slot) continue;
                    from.slot = number;
                    if (!take(at->slot(used.first(), chains_.stride()))) return false;
                    from.slot = number + 1;
                }
                before += slots;
                if (at->next == 0) break;
            }
        }
        return true;
    }

  private:
    [[nodiscard]] std::size_t entries_in(bucket& first) const noexcept {
        std::size_t entries = 0;
        chains_.each(first, [&](const bucket& at) { entries += used_slots(at.tags).count(); });
        return entries;
    }
    template <class Gone>
    void erase_in_chain(bucket& first, Gone& gone) noexcept {
        std::size_t erased = 0;
        chains_.each(first, [&](bucket& at) {
            std::uint64_t left = at.tags;
            for (slot_set used = used_slots(at.tags); !used.empty(); used.drop_first())
                if (gone(at.slot(used.first(), chains_.stride())))
                    left = with_tag(left, used.first(), 0);
            if (left == at.tags) return;
            if (erased == 0) begin_change(first);
            erased += used_slots(at.tags).count() - used_slots(left).count();
            words::store(at.tags, left);
        });
        if (erased == 0) return;
        chains_.trim(first);
        end_change(first);
        words::store(count_, count_ - erased);
    }
    void ask_ahead(std::uint32_t i) const noexcept {
        if (i >= buckets()) return;
        const auto* first = reinterpret_cast<const std::byte*>(&bucket_at(i));
        detail::prefetch(first);
        if constexpr (!Kind::one_line) detail::prefetch(first + 64);
    }
    [[nodiscard, gnu::noinline]] place locate_in_chain(bucket& first, const probe& key,
                                                       std::uint64_t hash) const noexcept {
        const std::uint64_t tag = tag_word(hash);
        for (bucket* at = &first;; at = chains_.behind(*at)) {
            for (slot_set hits = tagged_slots(at->tags, tag); !hits.empty(); hits.drop_first()) {
                const std::uint32_t slot = hits.first();
                if (kind_.template matches<false>(at->slot(slot, chains_.stride()), key))
                    return {.first = &first, .in = at, .slot = slot, .found = true};
            }
            if (at->next == 0) return hole(first);
        }
    }
    [[nodiscard]] place hole(bucket& first) const noexcept {
        place to{.first = &first, .last = &first};
        for (;; to.last = chains_.behind(*to.last)) {
            if (const slot_set free = empty_slots<slots>(to.last->tags); !free.empty()) {
                to.in = to.last;
                to.slot = free.first();
                return to;
            }
            if (to.last->next == 0) return to;
        }
    }
    static void begin_change(bucket& first) noexcept {
        if constexpr (Threads) words::store(first.version, first.version + 1);
    }
    static void end_change(bucket& first) noexcept { begin_change(first); }

    /// The buckets that this round of splits began with.
    [[nodiscard]] std::uint32_t half() const noexcept {
        return static_cast<std::uint32_t>((extent_.bits >> 33) + 1);
    }
    /// Three quarters of the slots (5.2 of 7) begin a round of splits; it ends with 5/4 of that for
    /// each of the round's first buckets (6.5).
    [[nodiscard]] bool crowded(std::size_t entries) const noexcept {
        constexpr std::uint64_t tenths = slots * 15 / 2;
        const std::uint64_t whole = half();
        return std::uint64_t{entries} * 10 > whole * tenths + (buckets() - whole) * (tenths / 4);
    }

    [[nodiscard]] bool split_since(const bucket_position& from) const noexcept {
        for (std::uint64_t step = 4; step < buckets(); step *= 2)
            if (const std::uint64_t child = from.bucket + step;
                from.bucket < step && child >= from.buckets && child < buckets())
                return true;
        return false;
    }

    /// Splits the next bucket of the round; false (and nothing changed) without memory.
    [[nodiscard, gnu::noinline]] bool split() noexcept {
        const std::uint32_t half = this->half();
        const std::uint32_t born = buckets();
        if (born == max_buckets) return false;
        if (home_.size() == born && !home_.grow()) return false;
        bucket& old = bucket_at(born - half);
        bucket& fresh = bucket_at(born);
        chains_.init(fresh);
        if (count_ != 0 && !copy_movers(old, half, fresh)) return false;
        words::store(extent_.bits,
                     extent::of(born + 1).bits); // readers find the movers in both places now
        if (count_ == 0) return true;            // made ready for rows to come
        begin_change(old);
        chains_.each(old, [&](bucket& b) {
            for (slot_set used = used_slots(b.tags); !used.empty(); used.drop_first())
                if (moves(b, used.first(), half))
                    words::store(b.tags, with_tag(b.tags, used.first(), 0));
        });
        chains_.compact(old);
        end_change(old);
        approach_next_split();
        return true;
    }
    /// Of tables side by side, each splits once in so many insertions, and then in other lines.
    void approach_next_split() const noexcept {
        if constexpr (Threads) {
            const std::uint32_t born = buckets();
            ask_ahead(born - half());
            if (born < home_.size()) __builtin_prefetch(&bucket_at(born), 1);
        }
    }
    [[nodiscard]] bool moves(const bucket& b, std::uint32_t slot,
                             std::uint32_t half) const noexcept {
        return kind_.has_bit(b.slot(slot, chains_.stride()), half);
    }
    /// False (and `fresh` is empty again) when its chain found no memory.
    [[nodiscard]] bool copy_movers(bucket& old, std::uint32_t half, bucket& fresh) noexcept {
        bucket* to = &fresh;
        bool room = true;
        chains_.each(old, [&](const bucket& b) {
            for (slot_set used = used_slots(b.tags); !used.empty() && room; used.drop_first()) {
                if (!moves(b, used.first(), half)) continue;
                if (empty_slots<slots>(to->tags).empty()) {
                    room = chains_.reserve(1);
                    if (!room) return;
                    words::store(to->next, chains_.take());
                    to = chains_.behind(*to);
                }
                chains_.copy_slot(b, used.first(), *to, empty_slots<slots>(to->tags).first());
            }
        });
        if (room) return true;
        chains_.each(fresh, [](bucket& b) { words::store(b.tags, std::uint64_t{0}); });
        chains_.trim(fresh);
        return false;
    }

    void swap(bucket_table& other) noexcept {
        lookup::swap(other);
        std::swap(count_, other.count_);
    }

    std::size_t count_ = 0;
};

/// Fixed keys of one to eight bytes: what a store of integers rests on.
template <bool Threads>
using word_table = bucket_table<word_key, Threads>;

} // namespace ashlar::inline v0_1::hash
