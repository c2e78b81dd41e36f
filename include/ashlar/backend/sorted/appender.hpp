// SPDX-License-Identifier: BSL-1.0
/// @file Defines appender: rows in ascending order, put behind all that a tree has.
#pragma once

#include <ashlar/backend/sorted/growth.hpp>
#include <ashlar/backend/sorted/rows.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Goes down to the last leaf once for all the rows that it still takes, and leaves full leaves
/// behind. For a tree that nobody else reads or changes meanwhile; nodes that a snapshot shares are
/// copied. O(1) amortised per row.
template <class Kind>
class appender {
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;

  public:
    explicit appender(tree<Kind>& to) noexcept : tree_{to} {}

    /// Errors: invalid_argument when the key is not behind all others; out_of_memory. Then the rows
    /// are as they were.
    [[nodiscard]] result<void> append(bytes_view key, bytes_view row) noexcept {
        const probe p = tree_.shape.probe_for(key);
        if (!behind_all(p)) return errc::invalid_argument;
        if constexpr (Kind::boxed) {
            item* made = item::make(Kind::words ? bytes_view{} : key, row);
            if (made == nullptr) return errc::out_of_memory;
            if (insert(p, reinterpret_cast<const std::byte*>(&made))) {
                tree_.memory += made->footprint();
                return {};
            }
            item::release(made);
        } else {
            if (insert(p, row.data())) return {};
        }
        return errc::out_of_memory;
    }

  private:
    [[nodiscard]] bool behind_all(const probe& p) const noexcept {
        if (leaf_ != nullptr) {
            const std::size_t last = leaf_->count - 1U;
            if constexpr (Kind::words) return tree_.shape.heads(leaf_)[last] < p.word;
            else return tree_.shape.boxed(tree_.shape.slot(leaf_, last))->key() < p.key;
        }
        range_reader<Kind> backward{tree_, {.reverse = true}};
        bytes_view last;
        bytes_view row;
        return !backward.next(last, row) || last < p.key;
    }
    [[nodiscard]] bool insert(const probe& p, const std::byte* slot) noexcept {
        if (leaf_ != nullptr) {
            path_.leaf().index = leaf_->count;
        } else {
            static_cast<void>(path_.locate(tree_, p));
            if (!path_.unshare(tree_)) return false;
        }
        const bool splits = path_.empty() || path_.leaf().at->count == leaf_capacity;
        if (!insert_entry(tree_, path_, p, slot)) return false;
        leaf_ = splits ? nullptr : path_.leaf().at;
        return true;
    }

    tree<Kind>& tree_;
    path<Kind> path_;
    node* leaf_ = nullptr; ///< the last one, at the end of the path; null when that must be found
};

} // namespace ashlar::inline v0_1::sorted_tree
