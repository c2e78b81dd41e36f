// SPDX-License-Identifier: BSL-1.0
/// @file Defines cursor: a place in a tree of sorted rows that moves either way.
#pragma once

#include <ashlar/backend/sorted/node.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// A path from the root to an entry. Reads only; valid as long as no node on it changes: under the
/// map's lock, or in a snapshot. Nodes have no links to their neighbours (a copied node would leave
/// them dangling), so that moving to the next leaf climbs; amortised that is O(1) per step.
template <class Kind>
class cursor {
  public:
    using node = typename format<Kind>::node;

    /// `root` may be null: an empty tree.
    cursor(const format<Kind>& shape, const node* root) noexcept : shape_{shape}, root_{root} {}

    /// To the first entry not before the probe. O(log n).
    void seek(const probe& p) noexcept {
        depth_ = 0;
        if (root_ == nullptr) return;
        const node* n = root_;
        while (!n->leaf()) {
            n = push(n, shape_.child_index(n, p));
            shape_.prefetch(n);
        }
        steps_[depth_++] = {n, shape_.position(n, p)};
        settle();
    }
    void seek_first() noexcept {
        depth_ = 0;
        if (root_ == nullptr) return;
        const node* n = root_;
        for (; !n->leaf(); n = push(n, 0)) {
        }
        steps_[depth_++] = {n, 0};
        settle();
    }
    /// Behind the last entry, for going back from there.
    void seek_end() noexcept {
        depth_ = 0;
        if (root_ == nullptr) return;
        const node* n = root_;
        for (; !n->leaf(); n = push(n, n->count)) {
        }
        steps_[depth_++] = {n, n->count};
    }

    /// False behind the last entry.
    [[nodiscard]] bool valid() const noexcept {
        return depth_ != 0 && leaf().index < leaf().at->count;
    }
    /// REQUIRES: valid().
    void next() noexcept {
        ++leaf().index;
        settle();
    }
    /// To the entry before; false, and at rest, when there is none.
    [[nodiscard]] bool back() noexcept {
        if (depth_ == 0) return false;
        while (leaf().index == 0)
            if (!to_leaf_before()) return false;
        --leaf().index;
        return true;
    }

    /// REQUIRES of all three: valid().
    [[nodiscard]] bytes_view key(key_space& space) const noexcept {
        return shape_.key_at(leaf().at, leaf().index, space);
    }
    [[nodiscard]] bytes_view row() const noexcept { return shape_.row_in(slot()); }
    [[nodiscard]] const std::byte* slot() const noexcept {
        return shape_.slot(leaf().at, leaf().index);
    }

    /// The leaf stood in and the place there. REQUIRES: a root.
    [[nodiscard]] const node* node_at() const noexcept { return leaf().at; }
    [[nodiscard]] std::size_t index() const noexcept { return leaf().index; }
    /// To the beginning of the leaf behind, or the end of the leaf before; false, and at rest, when
    /// there is none. REQUIRES: a root.
    [[nodiscard]] bool to_leaf_behind() noexcept {
        std::size_t up = depth_ - 1;
        while (up > 0 && steps_[up - 1].index == steps_[up - 1].at->count) --up;
        if (up == 0) return false;
        step& turn = steps_[up - 1];
        const node* n = shape_.children(turn.at)[++turn.index];
        for (depth_ = up; !n->leaf(); n = push(n, 0)) {
        }
        steps_[depth_++] = {n, 0};
        return true;
    }
    [[nodiscard]] bool to_leaf_before() noexcept {
        std::size_t up = depth_ - 1;
        while (up > 0 && steps_[up - 1].index == 0) --up;
        if (up == 0) return false;
        step& turn = steps_[up - 1];
        const node* n = shape_.children(turn.at)[--turn.index];
        for (depth_ = up; !n->leaf(); n = push(n, n->count)) {
        }
        steps_[depth_++] = {n, n->count};
        return true;
    }

    /// Asks for the leaf behind, or before, where it hangs below the same node. REQUIRES: a root.
    void prefetch_beside(bool before) const noexcept {
        if (depth_ < 2) return;
        const step& above = steps_[depth_ - 2];
        const std::size_t beside = before ? above.index - 1 : above.index + 1;
        if (beside <= above.at->count) shape_.prefetch(shape_.children(above.at)[beside]);
    }

  private:
    struct step {
        const node* at;
        std::size_t index;
    };

    [[nodiscard]] step& leaf() noexcept { return steps_[depth_ - 1]; }
    [[nodiscard]] const step& leaf() const noexcept { return steps_[depth_ - 1]; }
    const node* push(const node* n, std::size_t child) noexcept {
        steps_[depth_++] = {n, child};
        return shape_.children(n)[child];
    }
    /// Forward over the ends of leaves, which may be empty.
    void settle() noexcept {
        while (leaf().index >= leaf().at->count)
            if (!to_leaf_behind()) return;
    }
    format<Kind> shape_;
    const node* root_;
    std::size_t depth_ = 0;
    step steps_[greatest_height];
};

} // namespace ashlar::inline v0_1::sorted_tree
