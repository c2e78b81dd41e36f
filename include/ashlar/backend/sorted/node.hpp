// SPDX-License-Identifier: BSL-1.0
/// @file Defines the nodes of a sorted map: what stands where in them, and how they are searched.
#pragma once

#include <ashlar/backend/sorted/heads.hpp>
#include <ashlar/backend/sorted/item.hpp>
#include <ashlar/backend/sorted/pool_share.hpp>
#include <ashlar/detail/prefetch.hpp>

#include <cstring>

namespace ashlar::inline v0_1::sorted_tree {

/// Which of the three trees there are: everything else about keys and rows is a run-time number,
/// so that stores of other extents share the code.
///   Words   keys have a fixed length of at most 8 bytes: a key is one integer
///   Boxed   slots hold a pointer to an item; otherwise they hold the row itself
template <bool Words, bool Boxed, class Concurrency>
struct kind {
    static_assert(Words || Boxed, "keys that are no word rest in items");
    static constexpr bool words = Words;
    static constexpr bool boxed = Boxed;
    using concurrency = Concurrency;
    /// Whether readers may look without the lock: then whatever they may meet is written word by
    /// word, and nodes rest in a pool, which never gives their memory to anybody else.
    static constexpr bool sightable = Words && !Boxed && Concurrency::threads;
    /// What nodes come from, and items; a tree that has neither takes its nodes from the heap.
    static constexpr bool pooled = Boxed || sightable;
    using pool = std::conditional_t<Boxed, item_pool<Concurrency>, node_pool<Concurrency>>;
};

inline constexpr std::size_t leaf_capacity = most_heads; ///< entries
inline constexpr std::size_t inner_places = most_heads;  ///< children
inline constexpr std::size_t greatest_height = 24;       ///< 8 * 9^23 entries: never reached

/// The head of every node. Behind it stand
///   in a leaf: 32 integers, the heads of keys, and 32 slots (items or rows)
///   in an inner node: 32 heads, 32 children, and for keys that are no word, 32 separators as items
/// Heads and children, or heads and short rows, are nine lines: about as many as a processor asks
/// for at once (docs/decisions/0160-inner-nodes.md).
template <class Concurrency>
struct alignas(8) node {
    typename Concurrency::template atomic<std::uint32_t> refs{1U};
    std::uint16_t count = 0;   ///< entries of a leaf, separators of an inner node
    std::uint8_t level = 0;    ///< 0 for a leaf
    std::uint32_t skip = 0;    ///< bytes that all keys routed here share; heads begin behind them
    std::uint32_t version = 0; ///< of a leaf: odd while it is changed in place

    [[nodiscard]] bool sole() const noexcept { return refs.load_acquire() == 1; }
    [[nodiscard]] bool leaf() const noexcept { return level == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept {
        return leaf() ? leaf_capacity : inner_places - 1;
    }
    /// Below this it looks for company, and a merged node has at most so many.
    [[nodiscard]] std::size_t least_count() const noexcept { return 8; }
    [[nodiscard]] std::size_t merged_count() const noexcept { return 24; }
};

/// A place among the keys: at the first key not below `key`, or behind it when `past`.
struct probe {
    bytes_view key;
    std::uint64_t word = 0; ///< the key as an integer, where keys are words
    bool past = false;
};

/// Room for the bytes of a key that is stored as a word.
struct key_space {
    std::byte bytes[8];
};

/// Up to eight bytes as a big-endian integer, short ones padded with zeros: order is kept.
[[nodiscard]] inline std::uint64_t head_word(bytes_view bytes) noexcept {
    if (bytes.size() >= 8) [[likely]]
        return load_big<std::uint64_t>(bytes.data());
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        word |= std::to_integer<std::uint64_t>(bytes[i]) << (56 - 8 * i);
    return word;
}

/// The run-time part of a tree's shape, and everything that depends on it. A value; cheap to copy.
template <class Kind>
class format {
  public:
    using node = sorted_tree::node<typename Kind::concurrency>;
    using item = sorted_tree::item<typename Kind::concurrency>;
    using words = word<Kind::sightable>;
    using pool = typename Kind::pool;

    /// key_size counts where keys are words; row_size where rows stand in the slots.
    constexpr format(std::size_t key_size, std::size_t row_size) noexcept
        : key_size_{static_cast<std::uint32_t>(key_size)},
          slot_size_{Kind::boxed ? static_cast<std::uint32_t>(sizeof(item*))
                                 : static_cast<std::uint32_t>(row_size)} {}
    /// What nodes and items come from; outlives them. REQUIRED before the first write.
    void use(pool* memory) noexcept
        requires Kind::pooled
    {
        pool_ = memory;
    }

    /// Of what a slot holds.
    [[nodiscard]] std::size_t slot_size() const noexcept {
        if constexpr (Kind::boxed) return sizeof(item*);
        else return slot_size_;
    }
    /// From one slot to the next.
    [[nodiscard]] std::size_t stride() const noexcept {
        if constexpr (Kind::sightable) return (slot_size() + 7) / 8 * 8;
        else return slot_size();
    }

    // --- parts -----------------------------------------------------------------------------------

    [[nodiscard]] static std::uint64_t* heads(node* n) noexcept {
        return reinterpret_cast<std::uint64_t*>(n + 1);
    }
    [[nodiscard]] static const std::uint64_t* heads(const node* n) noexcept {
        return reinterpret_cast<const std::uint64_t*>(n + 1);
    }
    [[nodiscard]] static node** children(node* n) noexcept {
        return reinterpret_cast<node**>(heads(n) + inner_places);
    }
    [[nodiscard]] static node* const* children(const node* n) noexcept {
        return reinterpret_cast<node* const*>(heads(n) + inner_places);
    }
    /// The separators' bytes; only where keys are no words.
    [[nodiscard]] static item** separators(node* n) noexcept {
        return reinterpret_cast<item**>(children(n) + inner_places);
    }
    [[nodiscard]] static item* const* separators(const node* n) noexcept {
        return reinterpret_cast<item* const*>(children(n) + inner_places);
    }
    [[nodiscard]] std::byte* slot(node* n, std::size_t i) const noexcept {
        return reinterpret_cast<std::byte*>(heads(n) + leaf_capacity) + i * stride();
    }
    [[nodiscard]] const std::byte* slot(const node* n, std::size_t i) const noexcept {
        return reinterpret_cast<const std::byte*>(heads(n) + leaf_capacity) + i * stride();
    }
    [[nodiscard]] static item* boxed(const std::byte* slot) noexcept {
        item* it = nullptr;
        std::memcpy(&it, slot, sizeof it);
        return it;
    }
    [[nodiscard]] bytes_view row_in(const std::byte* slot) const noexcept {
        if constexpr (Kind::boxed) return boxed(slot)->row();
        else return {slot, slot_size_};
    }
    /// The key of a leaf's entry: a view into its item, or into `space`.
    [[nodiscard]] bytes_view key_at(const node* n, std::size_t i, key_space& space) const noexcept {
        if constexpr (Kind::words) return key_of(heads(n)[i], space);
        else return static_cast<void>(space), boxed(slot(n, i))->key();
    }
    [[nodiscard]] bytes_view key_of(std::uint64_t word, key_space& space) const noexcept {
        store_big(space.bytes, word);
        return {space.bytes, key_size_};
    }

    // --- what readers without the lock may meet: written word by word ----------------------------

    static void set_count(node* n, std::size_t count) noexcept {
        words::store(n->count, static_cast<std::uint16_t>(count));
    }
    static void set_level(node* n, std::size_t level) noexcept {
        words::store(n->level, static_cast<std::uint8_t>(level));
    }
    static void set_head(node* n, std::size_t i, std::uint64_t head) noexcept {
        words::store(heads(n)[i], head);
    }
    static void set_child(node* n, std::size_t i, node* child) noexcept {
        words::store(children(n)[i], child);
    }
    /// REQUIRES: `from` is as long as what a slot holds.
    void set_slot(node* n, std::size_t i, const std::byte* from) const noexcept {
        words::store_bytes(reinterpret_cast<std::uint64_t*>(slot(n, i)), {from, slot_size()});
    }
    void move_slots(node* to, std::size_t at, const node* from, std::size_t first,
                    std::size_t n) const noexcept {
        if constexpr (Kind::sightable)
            words::move(reinterpret_cast<std::uint64_t*>(slot(to, at)),
                        reinterpret_cast<const std::uint64_t*>(slot(from, first)),
                        n * (stride() / 8));
        else if (slot_size() != 0) std::memmove(slot(to, at), slot(from, first), n * slot_size());
    }

    // --- life ------------------------------------------------------------------------------------

    [[nodiscard]] std::size_t footprint(std::size_t level) const noexcept {
        if (level == 0) return sizeof(node) + leaf_capacity * (8 + stride());
        return sizeof(node) + inner_places * (8 + (Kind::words ? 1 : 2) * sizeof(node*));
    }
    /// An empty node with one reference, or nullptr when memory is out.
    [[nodiscard]] node* make(std::size_t level) const noexcept {
        node* made = nullptr;
        if constexpr (Kind::sightable) made = static_cast<node*>(pool_->used_before(level == 0));
        if (made != nullptr) { // somebody may still look at it
            made->refs.store_relaxed(1U);
            set_count(made, 0);
        } else {
            void* room = fresh_room(level);
            if (room == nullptr) return nullptr;
            made = ::new (room) node;
        }
        set_level(made, level);
        return made;
    }
    /// Gives the memory of a node back, and nothing that it refers to.
    void dispose(node* n) const noexcept {
        if constexpr (Kind::sightable) pool_->keep(n, n->leaf());
        else if constexpr (Kind::pooled) decltype(pool_->objects)::give(n, footprint(n->level));
        else ::operator delete(n);
    }
    /// An item with one reference, or nullptr when memory is out.
    [[nodiscard]] item* make_item(bytes_view key, bytes_view row) const noexcept
        requires Kind::boxed
    {
        return item::make(pool_->objects, key, row);
    }
    /// A copy that shares children and items, or nullptr.
    [[nodiscard]] node* copy(const node* from) const noexcept {
        node* made = make(from->level);
        if (made == nullptr) return nullptr;
        made->skip = from->skip;
        words::move(heads(made), heads(from), from->count);
        if (from->leaf()) move_slots(made, 0, from, 0, from->count);
        else words::move(children(made), children(from), from->count + 1U);
        if constexpr (!Kind::words)
            if (!from->leaf()) words::move(separators(made), separators(from), from->count);
        set_count(made, from->count);
        if (made->leaf()) {
            if constexpr (Kind::boxed)
                for (std::size_t i = 0; i < made->count; ++i) boxed(slot(made, i))->acquire();
        } else {
            for (std::size_t i = 0; i <= made->count; ++i) acquire(children(made)[i]);
            if constexpr (!Kind::words)
                for (std::size_t i = 0; i < made->count; ++i) separators(made)[i]->acquire();
        }
        return made;
    }
    static void acquire(node* n) noexcept { n->refs.fetch_add_relaxed(1); }
    /// Gives up one reference; with the last one go the node, its items and its children.
    void release(node* n) const noexcept {
        if (!n->sole() && n->refs.fetch_sub(1) != 1) return;
        if (n->leaf()) {
            if constexpr (Kind::boxed)
                for (std::size_t i = 0; i < n->count; ++i) item::release(boxed(slot(n, i)));
        } else {
            for (std::size_t i = 0; i <= n->count; ++i) release(children(n)[i]);
            if constexpr (!Kind::words)
                for (std::size_t i = 0; i < n->count; ++i) item::release(separators(n)[i]);
        }
        dispose(n);
    }

    /// Asks for all lines that a search may look at: in an inner node its heads and children, in a
    /// leaf of short rows all of it.
    static void prefetch(const node* n) noexcept {
        static_assert(leaf_capacity == inner_places);
        constexpr std::size_t most = sizeof(node) + inner_places * 16;
        detail::prefetch_lines<(most + detail::cache_line - 1) / detail::cache_line>(n);
    }
    /// Asks for the first lines of an entry's item, if there is such an entry.
    void prefetch_item(const node* n, std::size_t i) const noexcept {
        if (i >= n->count) return;
        const auto* it = reinterpret_cast<const std::byte*>(boxed(slot(n, i)));
        for (std::size_t at = 0; at < 192; at += 64) detail::prefetch(it + at);
    }
    void prefetch_row(const node* n, std::size_t i) const noexcept {
        if (i >= n->count) return;
        if constexpr (Kind::boxed) detail::prefetch(boxed(slot(n, i)));
        else detail::prefetch(slot(n, i));
    }

    // --- search ----------------------------------------------------------------------------------

    [[nodiscard]] probe probe_for(bytes_view key, bool past = false) const noexcept {
        probe p{key, 0, past};
        if constexpr (Kind::words) {
            // A bound may be shorter or longer than the keys are. A longer one lies behind the key
            // that begins it.
            const std::size_t n = key.size() < key_size_ ? key.size() : key_size_;
            p.word = head_word(key.first(n));
            p.past = key.size() > key_size_ || (past && key.size() == key_size_);
        }
        return p;
    }
    [[nodiscard]] static std::uint64_t head_of(bytes_view key, std::size_t skip) noexcept {
        return head_word(key.skip(skip));
    }
    [[nodiscard]] static std::uint64_t head_of(const probe& p, const node* n) noexcept {
        if constexpr (Kind::words) return p.word;
        else return head_of(p.key, n->skip);
    }
    /// Which child the probe is routed to: as many separators are not above it.
    [[nodiscard]] static std::size_t child_index(const node* n, const probe& p) noexcept {
        if constexpr (Kind::words) return count_heads<true>(heads(n), n->count, p.word);
        else
            return among_equal_heads<true>(n, p,
                                           [n](std::size_t i) { return separators(n)[i]->key(); });
    }
    /// Where the probe stands among a leaf's entries.
    [[nodiscard]] std::size_t position(const node* n, const probe& p) const noexcept {
        if constexpr (Kind::words) {
            return p.past ? count_heads<true>(heads(n), n->count, p.word)
                          : count_heads<false>(heads(n), n->count, p.word);
        } else {
            const auto key = [this, n](std::size_t i) { return boxed(slot(n, i))->key(); };
            return p.past ? among_equal_heads<true>(n, p, key)
                          : among_equal_heads<false>(n, p, key);
        }
    }
    /// Whether the entry has that very key. REQUIRES: i < count, or i == count for false.
    [[nodiscard]] bool holds(const node* n, std::size_t i, const probe& p) const noexcept {
        if (i >= n->count) return false;
        if constexpr (Kind::words) return heads(n)[i] == p.word && p.key.size() == key_size_;
        else return heads(n)[i] == head_of(p, n) && boxed(slot(n, i))->key() == p.key;
    }

  private:
    template <bool NotAbove, class KeyOf>
    [[nodiscard]] static std::size_t among_equal_heads(const node* n, const probe& p,
                                                       KeyOf key_of) noexcept {
        const std::uint64_t head = head_of(p, n);
        std::size_t low = count_heads<false>(heads(n), n->count, head);
        if (low == n->count || heads(n)[low] != head) [[likely]]
            return low;
        std::size_t high = low + count_heads<true>(heads(n) + low, n->count - low, head);
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            const int order = compare(key_of(middle).skip(n->skip), p.key.skip(n->skip));
            if (NotAbove ? order <= 0 : order < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    [[nodiscard]] void* fresh_room(std::size_t level) const noexcept {
        if constexpr (Kind::sightable) return pool_->take(footprint(level));
        else if constexpr (Kind::pooled) return pool_->objects.take(footprint(level));
        else return ::operator new(footprint(level), std::nothrow);
    }

    struct nothing {};
    std::uint32_t key_size_;
    std::uint32_t slot_size_;
    [[no_unique_address]] std::conditional_t<Kind::pooled, pool*, nothing> pool_{};
};

} // namespace ashlar::inline v0_1::sorted_tree
