// SPDX-License-Identifier: BSL-1.0
/// @file Defines the tree of a sorted map, and the path along which it is changed.
#pragma once

#include <ashlar/backend/sorted/node.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// A B+tree whose nodes are counted: whoever holds a reference to a root sees the rows of that
/// moment, because a node that somebody else can reach is copied before it is changed.
/// Holds one reference to its root. Not thread-safe by itself.
///
/// memory: bytes of the nodes and items that this tree reaches, shared or not. What only snapshots
/// still reach is not counted.
template <class Kind>
struct tree {
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;

    constexpr tree(std::size_t key_size, std::size_t row_size) noexcept
        : shape{key_size, row_size} {}
    tree(tree&& other) noexcept : shape{other.shape} { swap(other); }
    tree& operator=(tree&& other) noexcept {
        swap(other);
        return *this;
    }
    tree(const tree&) = delete;
    tree& operator=(const tree&) = delete;
    ~tree() {
        if (root != nullptr) shape.release(root);
    }
    void swap(tree& other) noexcept {
        std::swap(shape, other.shape);
        swap_rows(other);
    }
    /// With a tree of the same shape.
    void swap_rows(tree& other) noexcept {
        node* taken = other.root;
        other.set_root(root);
        set_root(taken);
        std::swap(size, other.size);
        std::swap(memory, other.memory);
    }
    void set_root(node* to) noexcept { format<Kind>::words::store(root, to); }
    /// Another tree of the same rows, in O(1): they share every node until one of them is changed.
    [[nodiscard]] tree share() const noexcept {
        tree twin{shape};
        if (root != nullptr) shape.acquire(root);
        twin.root = root;
        twin.size = size;
        twin.memory = memory;
        return twin;
    }

    /// The slot of that very key, or nullptr. O(log n).
    [[nodiscard]] const std::byte* find(bytes_view key) const noexcept {
        if (root == nullptr) return nullptr;
        const probe p = shape.probe_for(key);
        const node* n = root;
        while (!n->leaf()) {
            n = shape.children(n)[shape.child_index(n, p)];
            shape.prefetch(n);
        }
        const std::size_t i = shape.position(n, p);
        return shape.holds(n, i, p) ? shape.slot(n, i) : nullptr;
    }

    static constexpr std::size_t group_size = 16;

    /// The slots of up to group_size keys, or nullptr each. All go down level by level together, so
    /// that their cache misses overlap.
    void find_group(const bytes_view* keys, std::size_t count,
                    const std::byte** slots) const noexcept {
        if (count > group_size) __builtin_unreachable(); // g++ -O3 warns of such counts
        for (std::size_t i = 0; i < count; ++i) slots[i] = nullptr;
        if (root == nullptr) return;
        probe probes[group_size];
        const node* at[group_size];
        for (std::size_t i = 0; i < count; ++i) {
            probes[i] = shape.probe_for(keys[i]);
            at[i] = root;
        }
        for (std::size_t level = root->level; level > 0; --level)
            for (std::size_t i = 0; i < count; ++i) {
                at[i] = shape.children(at[i])[shape.child_index(at[i], probes[i])];
                shape.prefetch(at[i]);
            }
        std::size_t entries[group_size];
        for (std::size_t i = 0; i < count; ++i) {
            entries[i] = shape.position(at[i], probes[i]);
            shape.prefetch_row(at[i], entries[i]);
        }
        for (std::size_t i = 0; i < count; ++i)
            if (shape.holds(at[i], entries[i], probes[i])) slots[i] = shape.slot(at[i], entries[i]);
    }

    format<Kind> shape;
    node* root = nullptr;
    std::size_t size = 0;
    std::size_t memory = 0;

  private:
    explicit tree(const format<Kind>& like) noexcept : shape{like} {}
};

/// From the root to the place of a key in a leaf, for changing it.
template <class Kind>
class path {
  public:
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;

    /// One node on the way. All keys routed to it stand in [low, high), the separators to either
    /// side of it in the nodes above; null for no bound, and where keys are words.
    struct step {
        node* at;
        std::size_t index; ///< of the child taken, or of the entry
        const item* low;
        const item* high;
    };

    /// Finds the key's place; answers whether the key is there. Changes nothing.
    bool locate(const tree<Kind>& in, const probe& p) noexcept {
        depth_ = 0;
        if (in.root == nullptr) return false;
        step s{in.root, 0, nullptr, nullptr};
        while (!s.at->leaf()) {
            s.index = in.shape.child_index(s.at, p);
            steps_[depth_++] = s;
            if constexpr (!Kind::words) {
                if (s.index > 0) s.low = in.shape.separators(s.at)[s.index - 1];
                if (s.index < s.at->count) s.high = in.shape.separators(s.at)[s.index];
            }
            s.at = in.shape.children(s.at)[s.index];
            in.shape.prefetch(s.at);
        }
        s.index = in.shape.position(s.at, p);
        steps_[depth_++] = s;
        return in.shape.holds(s.at, s.index, p);
    }

    /// Whether a snapshot shares a node on the way.
    [[nodiscard]] bool shared() const noexcept {
        for (std::size_t i = 0; i < depth_; ++i)
            if (!steps_[i].at->sole()) return true;
        return false;
    }
    /// Makes every node on the way this tree's own, by copying those that a snapshot shares.
    /// False when memory is out: the rows are as they were.
    [[nodiscard]] bool unshare(tree<Kind>& in) noexcept {
        for (std::size_t i = 0; i < depth_; ++i)
            if (!unshare(in, i == 0 ? in.root : link(i - 1, 0), steps_[i].at)) return false;
        return true;
    }
    /// The same for the neighbour to the right (or, with -1, the left) of the node below step `i`.
    [[nodiscard]] node* unshare_neighbour(tree<Kind>& in, std::size_t i, int side) noexcept {
        node* at = link(i, side);
        return unshare(in, link(i, side), at) ? at : nullptr;
    }

    [[nodiscard]] bool empty() const noexcept { return depth_ == 0; }
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
    [[nodiscard]] step& operator[](std::size_t i) noexcept { return steps_[i]; }
    [[nodiscard]] step& leaf() noexcept { return steps_[depth_ - 1]; }
    /// Whether the way down to that step keeps to the right edge.
    [[nodiscard]] bool rightmost(std::size_t i) const noexcept {
        while (i-- > 0)
            if (steps_[i].index != steps_[i].at->count) return false;
        return true;
    }

  private:
    [[nodiscard]] node*& link(std::size_t i, int side) noexcept {
        const auto child = static_cast<std::ptrdiff_t>(steps_[i].index) + side;
        return format<Kind>::children(steps_[i].at)[child];
    }
    [[nodiscard]] static bool unshare(tree<Kind>& in, node*& link, node*& at) noexcept {
        if (link->sole()) return true;
        node* copied = in.shape.copy(link);
        if (copied == nullptr) return false;
        node* old = link;
        format<Kind>::words::store(link, copied);
        at = copied;
        in.shape.release(old);
        return true;
    }

    std::size_t depth_ = 0;
    step steps_[greatest_height];
};

} // namespace ashlar::inline v0_1::sorted_tree
