// SPDX-License-Identifier: BSL-1.0
/// @file Defines the chains of overflow buckets behind the buckets of a table.
#pragma once

#include <ashlar/backend/hash/bucket_array.hpp>

namespace ashlar::inline v0_1::hash {

/// Owns the overflow buckets of one table and knows how chains are lengthened and shortened.
/// Buckets given back are used again, never freed: a reader without the lock may stand in one; it
/// will notice by the version of the chain's first bucket. Changes need the table's lock and,
/// when the chain is in use, an odd version.
template <std::uint32_t Slots, bool Threads>
class chain_pool {
  public:
    using words = word<Threads>;

    constexpr chain_pool() noexcept = default;
    /// For slots of `stride` words, in buckets of its own.
    constexpr chain_pool(std::uint32_t stride, page_advice advise) noexcept
        requires(!Threads)
        : buckets_{bucket::size(Slots, stride), advise}, stride_{stride} {}
    /// For slots of `stride` words, in a share of an arena that outlives it.
    chain_pool(std::uint32_t stride, arena_share share) noexcept
        requires Threads
        : buckets_{share.of->chains, share.number, bucket::size(Slots, stride)}, stride_{stride} {}

    [[nodiscard]] std::uint32_t stride() const noexcept { return stride_; }
    [[nodiscard]] std::size_t memory_used() const noexcept { return buckets_.memory_used(); }

    /// REQUIRES: link is the `next` of a bucket of this table, not 0.
    [[nodiscard]] bucket* at(std::uint32_t link) const noexcept { return buckets_.at(link - 1); }
    [[nodiscard]] bucket* behind(const bucket& b) const noexcept { return at(b.next); }

    /// f(bucket) for each of the chain.
    template <class F>
    void each(bucket& first, F f) const {
        for (bucket* b = &first;; b = behind(*b)) {
            f(*b);
            if (b->next == 0) return;
        }
    }
    [[nodiscard]] static bool empty(const bucket& b) noexcept { return used_slots(b.tags).empty(); }
    static void init(bucket& fresh) noexcept {
        words::store(fresh.tags, std::uint64_t{0});
        words::store(fresh.version, std::uint32_t{0});
        words::store(fresh.next, std::uint32_t{0});
    }

    /// Makes sure that `count` buckets can be taken; false when there is no memory.
    [[nodiscard]] bool reserve(std::size_t count) noexcept {
        if (count > max_buckets) return false;
        while (free_ + (buckets_.size() - born_) < count)
            if (!buckets_.grow()) return false;
        return true;
    }
    /// The link to an empty bucket. REQUIRES: room.
    [[nodiscard]] std::uint32_t take() noexcept {
        std::uint32_t link = 0;
        if (free_ > 0) {
            link = free_list_;
            free_list_ = at(link)->next;
            --free_;
        } else {
            link = ++born_;
        }
        init(*at(link));
        return link;
    }

    /// Gives empty buckets at the end of a chain back; those before others stay, because a walk
    /// counts slots from the chain's beginning.
    void trim(bucket& first) noexcept {
        for (;;) {
            bucket* before = nullptr;
            bucket* last = &first;
            for (; last->next != 0; last = behind(*last)) before = last;
            if (before == nullptr || !empty(*last)) return;
            const std::uint32_t link = before->next;
            words::store(before->next, std::uint32_t{0});
            words::store(last->next, free_list_);
            free_list_ = link;
            ++free_;
        }
    }

    /// Fills the holes of a chain from further back, so that it becomes as short as it can.
    void compact(bucket& first) noexcept {
        for (bucket* to = &first; to->next != 0; to = behind(*to)) {
            bucket* from = next_used(*to);
            while (from != nullptr && !empty_slots<Slots>(to->tags).empty()) {
                const std::uint32_t source = used_slots(from->tags).first();
                copy_slot(*from, source, *to, empty_slots<Slots>(to->tags).first());
                words::store(from->tags, with_tag(from->tags, source, 0));
                from = next_used(*to);
            }
        }
        trim(first);
    }

    /// Copies a slot with its tag.
    void copy_slot(const bucket& from, std::uint32_t source, bucket& to,
                   std::uint32_t hole) const noexcept {
        const std::uint64_t* read = from.slot(source, stride_);
        std::uint64_t* written = to.slot(hole, stride_);
        for (std::uint32_t i = 0; i < stride_; ++i) words::store(written[i], read[i]);
        const std::uint64_t tag = ((from.tags >> (8 * source)) & 0xFFU) * 0x0101'0101'0101'0101U;
        words::store(to.tags, with_tag(to.tags, hole, tag));
    }

  private:
    [[nodiscard]] bucket* next_used(const bucket& b) const noexcept {
        for (std::uint32_t link = b.next; link != 0; link = at(link)->next)
            if (!empty(*at(link))) return at(link);
        return nullptr;
    }

    bucket_stripe<Threads> buckets_;
    std::uint32_t stride_ = 1;
    std::uint32_t free_list_ = 0; ///< link to the bucket given back last
    std::uint32_t free_ = 0;      ///< how many were given back
    std::uint32_t born_ = 0;      ///< how many were ever taken first
};

} // namespace ashlar::inline v0_1::hash
