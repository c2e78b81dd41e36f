// SPDX-License-Identifier: BSL-1.0
/// @file Defines shrinkage: what becomes of nodes that have lost too many entries.
#pragma once

#include <ashlar/backend/sorted/pieces.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Joins thin nodes along a path with a neighbour, or levels the two out. It is housekeeping, and
/// stops when memory for it is out: a tree with thin nodes is slower, not wrong.
template <class Kind>
class shrinkage {
  public:
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;

    shrinkage(tree<Kind>& in, path<Kind>& at) noexcept : tree_{in}, path_{at} {}

    /// REQUIRES: the path is unshared. The path is spent afterwards.
    void run() noexcept {
        for (std::size_t i = path_.depth() - 1; i > 0; --i) {
            if (path_[i].at->count >= path_[i].at->least_count()) break;
            if (path_[i - 1].at->count != 0 && !join(i)) break;
        }
        while (tree_.root != nullptr && tree_.root->count == 0 && tree_.root->sole()) {
            node* gone = tree_.root;
            tree_.set_root(gone->leaf() ? nullptr : tree_.shape.children(gone)[0]);
            discard(gone);
        }
    }

  private:
    /// Answers whether the node above has lost a child, and may be thin now.
    [[nodiscard]] bool join(std::size_t i) noexcept {
        auto& above = path_[i - 1];
        const bool has_left = above.index > 0;
        node* other = path_.unshare_neighbour(tree_, i - 1, has_left ? -1 : 1);
        if (other == nullptr) return false;
        at_ = has_left ? above.index - 1 : above.index;
        above_ = above.at;
        left_ = has_left ? other : path_[i].at;
        right_ = has_left ? path_[i].at : other;
        low_ = above.low;
        high_ = above.high;
        if constexpr (!Kind::words) {
            if (at_ > 0) low_ = tree_.shape.separators(above_)[at_ - 1];
            if (at_ + 1 < above_->count) high_ = tree_.shape.separators(above_)[at_ + 1];
        }
        if (left_->count + std::size_t{right_->count} <= left_->merged_count()) {
            if (left_->leaf()) merge_leaves();
            else merge_inner();
            return true;
        }
        if (left_->leaf()) level_leaves();
        else level_inner();
        return false;
    }

    void merge_leaves() noexcept {
        pieces<Kind>::move_entries(tree_.shape, right_, 0, right_->count, left_, left_->count);
        tree_.shape.set_count(left_, left_->count + std::size_t{right_->count});
        const separator<Kind> gone = pieces<Kind>::separator_at(above_, at_);
        pieces<Kind>::take_child(above_, at_);
        discard(right_);
        discard(gone);
        fit(left_, low_, high_);
    }
    void merge_inner() noexcept {
        append(left_, pieces<Kind>::separator_at(above_, at_), tree_.shape.children(right_)[0]);
        pieces<Kind>::move_separators(right_, 0, right_->count, left_, left_->count);
        pieces<Kind>::move_children(right_, 1, right_->count, left_, left_->count + 1U);
        tree_.shape.set_count(left_, left_->count + std::size_t{right_->count});
        pieces<Kind>::take_child(above_, at_);
        discard(right_);
        fit(left_, low_, high_);
    }

    void level_leaves() noexcept {
        const std::size_t total = left_->count + std::size_t{right_->count};
        const std::size_t wanted = total / 2;
        separator<Kind> fresh;
        if constexpr (Kind::words) {
            fresh.word = *head_of_pair(wanted);
        } else {
            const item* before = item_of_pair(wanted - 1);
            const item* behind = item_of_pair(wanted);
            fresh.text = tree_.shape.make_item(shortest_between(before->key(), behind->key()), {});
            if (fresh.text == nullptr) return;
            tree_.memory += fresh.text->footprint();
        }
        const auto& shape = tree_.shape;
        if (left_->count < wanted) {
            const std::size_t n = wanted - left_->count;
            pieces<Kind>::move_entries(shape, right_, 0, n, left_, left_->count);
            pieces<Kind>::move_entries(shape, right_, n, right_->count - n, right_, 0);
        } else {
            const std::size_t n = left_->count - wanted;
            pieces<Kind>::move_entries(shape, right_, 0, right_->count, right_, n);
            pieces<Kind>::move_entries(shape, left_, wanted, n, right_, 0);
        }
        shape.set_count(left_, wanted);
        shape.set_count(right_, total - wanted);
        discard(pieces<Kind>::separator_at(above_, at_));
        settle(fresh);
    }
    void level_inner() noexcept {
        const std::size_t wanted = (left_->count + std::size_t{right_->count}) / 2;
        separator<Kind> middle = pieces<Kind>::separator_at(above_, at_);
        node** children = tree_.shape.children(right_);
        while (left_->count < wanted) {
            append(left_, middle, children[0]);
            middle = pieces<Kind>::separator_at(right_, 0);
            pieces<Kind>::move_separators(right_, 1, right_->count - 1U, right_, 0);
            pieces<Kind>::move_children(right_, 1, right_->count, right_, 0);
            tree_.shape.set_count(right_, right_->count - 1U);
        }
        while (left_->count > wanted) {
            pieces<Kind>::move_separators(right_, 0, right_->count, right_, 1);
            pieces<Kind>::move_children(right_, 0, right_->count + 1U, right_, 1);
            put_raw(right_, 0, middle);
            tree_.shape.set_count(right_, right_->count + 1U);
            tree_.shape.set_child(right_, 0, tree_.shape.children(left_)[left_->count]);
            middle = pieces<Kind>::separator_at(left_, left_->count - 1U);
            tree_.shape.set_count(left_, left_->count - 1U);
        }
        settle(middle);
    }

    [[nodiscard]] const std::uint64_t* head_of_pair(std::size_t i) const noexcept {
        return i < left_->count ? tree_.shape.heads(left_) + i
                                : tree_.shape.heads(right_) + (i - left_->count);
    }
    [[nodiscard]] const item* item_of_pair(std::size_t i) const noexcept {
        return tree_.shape.boxed(i < left_->count ? tree_.shape.slot(left_, i)
                                                  : tree_.shape.slot(right_, i - left_->count));
    }
    /// Without a head where heads depend on the skip: fit() follows.
    static void put_raw(node* n, std::size_t i, const separator<Kind>& s) noexcept {
        if constexpr (Kind::words) format<Kind>::set_head(n, i, s.word);
        else format<Kind>::separators(n)[i] = s.text;
    }
    static void append(node* n, const separator<Kind>& s, node* child) noexcept {
        put_raw(n, n->count, s);
        format<Kind>::set_child(n, n->count + 1U, child);
        format<Kind>::set_count(n, n->count + 1U);
    }
    void settle(const separator<Kind>& between) noexcept {
        pieces<Kind>::set_separator(above_, at_, between);
        fit(left_, low_, between.text);
        fit(right_, between.text, high_);
    }
    void fit(node* n, const item* low, const item* high) noexcept {
        pieces<Kind>::fit(tree_.shape, n, low, high, true);
    }
    /// The node alone: what it referred to has moved.
    void discard(node* n) noexcept {
        tree_.memory -= tree_.shape.footprint(n->level);
        tree_.shape.dispose(n);
    }
    void discard(const separator<Kind>& s) noexcept {
        if (s.text == nullptr) return;
        tree_.memory -= s.text->footprint();
        item::release(s.text);
    }

    tree<Kind>& tree_;
    path<Kind>& path_;
    node* above_ = nullptr;
    node* left_ = nullptr;
    node* right_ = nullptr;
    std::size_t at_ = 0; ///< of the separator between left and right
    const item* low_ = nullptr;
    const item* high_ = nullptr;
};

/// Takes the entry at the place of a path out of its leaf, which may get thin. The slot's item, if
/// any, is then the caller's. REQUIRES: the path found the key and is unshared.
template <class Kind>
void remove_entry(tree<Kind>& in, path<Kind>& at) noexcept {
    pieces<Kind>::take_entry(in.shape, at.leaf().at, at.leaf().index);
    --in.size;
}

} // namespace ashlar::inline v0_1::sorted_tree
