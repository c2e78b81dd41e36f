// SPDX-License-Identifier: BSL-1.0
/// @file Defines growth: one more entry in a tree, with the splits it takes.
#pragma once

#include <ashlar/backend/sorted/pieces.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Splits the full nodes at the end of a path. All memory is taken by prepare(), so that once a
/// node has changed nothing can fail. A leaf that is filled in ascending order is split behind its
/// last entry: ascending loads leave full leaves.
template <class Kind>
class growth {
  public:
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;

    growth(tree<Kind>& in, path<Kind>& at) noexcept : tree_{in}, path_{at} {}
    growth(const growth&) = delete;
    growth& operator=(const growth&) = delete;
    ~growth() {
        while (spare_count_ > 0) tree_.shape.dispose(spares_[--spare_count_]);
        if (between_.text != nullptr) item::release(between_.text);
    }

    [[nodiscard]] bool prepare(const probe& key) noexcept {
        std::size_t level = 0;
        for (std::size_t i = path_.depth(); i > 0 && full(path_[i - 1].at); --i)
            if (!add_spare(level++)) return false;
        if (level == path_.depth() && !add_spare(level)) return false;

        const auto& leaf = path_.leaf();
        const bool ascending = leaf.index == leaf.at->count && path_.rightmost(path_.depth() - 1);
        split_at_ = ascending ? leaf.index : leaf.at->count / 2U;
        if constexpr (Kind::words) {
            between_.word = ascending ? key.word : tree_.shape.heads(leaf.at)[split_at_];
            return true;
        } else {
            key_space space;
            const bytes_view before = tree_.shape.key_at(leaf.at, split_at_ - 1, space);
            const bytes_view behind =
                ascending ? key.key : tree_.shape.key_at(leaf.at, split_at_, space);
            between_.text = tree_.shape.make_item(shortest_between(before, behind), {});
            return between_.text != nullptr;
        }
    }

    /// REQUIRES: prepare() answered true.
    void insert(const probe& key, const std::byte* slot) noexcept {
        if constexpr (!Kind::words) tree_.memory += between_.text->footprint();
        node* fresh = split_leaf(key, slot);
        for (std::size_t i = path_.depth() - 1; i > 0; --i) {
            auto& above = path_[i - 1];
            if (!full(above.at)) {
                pieces<Kind>::put_child(above.at, above.index, between_, fresh);
                between_ = {};
                return;
            }
            fresh = split_inner(i - 1, fresh);
        }
        node* root = take_spare();
        tree_.shape.set_child(root, 0, tree_.root);
        pieces<Kind>::put_child(root, 0, between_, fresh);
        between_ = {};
        tree_.set_root(root);
    }

  private:
    [[nodiscard]] static bool full(const node* n) noexcept { return n->count == n->capacity(); }
    [[nodiscard]] bool add_spare(std::size_t level) noexcept {
        // A tree of greatest_height can't be filled by any memory; the bound is kept all the same.
        if (level >= greatest_height) return false;
        node* made = tree_.shape.make(level);
        if (made == nullptr) return false;
        spares_[spare_count_++] = made;
        return true;
    }
    /// In the order of levels, from the leaf up.
    [[nodiscard]] node* take_spare() noexcept {
        node* taken = spares_[taken_];
        spares_[taken_++] = nullptr;
        if (taken_ == spare_count_) spare_count_ = 0;
        tree_.memory += tree_.shape.footprint(taken->level);
        return taken;
    }

    [[nodiscard]] node* split_leaf(const probe& key, const std::byte* slot) noexcept {
        auto& step = path_.leaf();
        node* left = step.at;
        node* right = take_spare();
        right->skip = left->skip;
        tree_.shape.set_count(right, left->count - split_at_);
        pieces<Kind>::move_entries(tree_.shape, left, split_at_, right->count, right, 0);
        tree_.shape.set_count(left, split_at_);
        fit(left, step.low, between_.text);
        fit(right, between_.text, step.high);
        bool goes_right = false;
        if constexpr (Kind::words) goes_right = key.word >= between_.word;
        else goes_right = !(key.key < between_.text->key());
        if (goes_right)
            pieces<Kind>::put_entry(tree_.shape, right, step.index - split_at_, key, slot);
        else pieces<Kind>::put_entry(tree_.shape, left, step.index, key, slot);
        return right;
    }

    /// Splits the full node of a step and hangs `fresh` into it; leaves in between_ what stands
    /// between its halves, and answers the right one.
    [[nodiscard]] node* split_inner(std::size_t i, node* fresh) noexcept {
        auto& step = path_[i];
        node* left = step.at;
        node* right = take_spare();
        const bool ascending = step.index == left->count && path_.rightmost(i);
        const std::size_t middle = ascending ? left->count - 1U : left->count / 2U;
        const separator<Kind> promoted = pieces<Kind>::separator_at(left, middle);
        right->skip = left->skip;
        tree_.shape.set_count(right, left->count - middle - 1);
        pieces<Kind>::move_separators(left, middle + 1, right->count, right, 0);
        pieces<Kind>::move_children(left, middle + 1, right->count + 1U, right, 0);
        tree_.shape.set_count(left, middle);
        fit(left, step.low, promoted.text);
        fit(right, promoted.text, step.high);
        if (step.index <= middle) pieces<Kind>::put_child(left, step.index, between_, fresh);
        else pieces<Kind>::put_child(right, step.index - middle - 1, between_, fresh);
        between_ = promoted;
        return right;
    }
    void fit(node* n, const item* low, const item* high) noexcept {
        pieces<Kind>::fit(tree_.shape, n, low, high, false);
    }

    tree<Kind>& tree_;
    path<Kind>& path_;
    node* spares_[greatest_height];
    std::size_t spare_count_ = 0;
    std::size_t taken_ = 0;
    std::size_t split_at_ = 0;
    separator<Kind> between_{};
};

/// Puts an entry at the place of a path that found none. False when memory is out: nothing has
/// changed. The slot's bytes are copied; an item in it then belongs to the tree.
/// REQUIRES: the path is unshared.
template <class Kind>
[[nodiscard]] bool insert_entry(tree<Kind>& in, path<Kind>& at, const probe& key,
                                const std::byte* slot) noexcept {
    if (at.empty()) {
        auto* root = in.shape.make(0);
        if (root == nullptr) return false;
        in.memory += in.shape.footprint(0);
        pieces<Kind>::put_entry(in.shape, root, 0, key, slot);
        in.set_root(root);
    } else if (at.leaf().at->count < leaf_capacity) {
        pieces<Kind>::put_entry(in.shape, at.leaf().at, at.leaf().index, key, slot);
    } else {
        growth<Kind> more{in, at};
        if (!more.prepare(key)) return false;
        more.insert(key, slot);
    }
    ++in.size;
    return true;
}

} // namespace ashlar::inline v0_1::sorted_tree
