// SPDX-License-Identifier: BSL-1.0
/// @file Defines how ranges of a tree are read, row by row.
#pragma once

#include <ashlar/backend/sorted/cursor.hpp>
#include <ashlar/backend/sorted/tree.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Goes over a range in its direction, leaf by leaf: where a leaf's share of the range ends is
/// found once, not asked for every row. The tree must not change meanwhile.
template <class Kind>
class range_reader {
    using node = typename format<Kind>::node;

  public:
    range_reader(const tree<Kind>& in, const scan_range& range) noexcept
        : shape_{in.shape}, at_{in.shape, in.root}, wanted_{range.limit}, reverse_{range.reverse},
          bounded_{range.reverse || !range.hi.empty()},
          stop_{in.shape.probe_for(range.reverse ? range.lo : range.hi)} {
        if (!range.reverse) {
            const bytes_view from = range.resume ? range.after : range.lo;
            at_.seek(in.shape.probe_for(from, range.resume));
        } else if (range.resume || !range.hi.empty()) {
            at_.seek(in.shape.probe_for(range.resume ? range.after : range.hi));
        } else {
            at_.seek_end();
        }
        last_leaf_ = in.root == nullptr;
        if (!last_leaf_) enter();
    }
    /// The next row; false at the range's end. The views live until the next call.
    [[nodiscard, gnu::always_inline]] bool next(bytes_view& key, bytes_view& row) noexcept {
        while (from_ == to_) [[unlikely]]
            if (!turn()) return false;
        const std::size_t i = reverse_ ? --to_ : from_++;
        if constexpr (Kind::boxed) shape_.prefetch_item(leaf_, reverse_ ? i - ahead : i + ahead);
        key = shape_.key_at(leaf_, i, space_);
        row = shape_.row_in(shape_.slot(leaf_, i));
        return true;
    }

  private:
    static constexpr std::size_t ahead = 4; ///< items asked for before they are needed

    /// To the next leaf; false when the range has no more.
    [[gnu::noinline]] bool turn() noexcept {
        if (last_leaf_ || !(reverse_ ? at_.to_leaf_before() : at_.to_leaf_behind())) return false;
        enter();
        return true;
    }
    /// Takes the entries of the leaf that belong to the range, and asks for the next one when they
    /// are too few.
    void enter() noexcept {
        leaf_ = at_.node_at();
        const std::size_t count = leaf_->count;
        const std::size_t below = bounded_ ? count_below() : count;
        from_ = reverse_ ? below : at_.index();
        to_ = reverse_ ? at_.index() : below;
        last_leaf_ = bounded_ && (reverse_ ? below != 0 : below != count);
        if (from_ > to_) from_ = to_; // the place to begin at lies behind the range
        const std::size_t here = to_ - from_;
        if (wanted_ > here && !last_leaf_) at_.prefetch_beside(reverse_);
        wanted_ -= wanted_ < here ? wanted_ : here;
    }
    /// How many of the leaf's keys are below the stop, which need not be routed to this leaf.
    [[nodiscard]] std::size_t count_below() const noexcept {
        if constexpr (Kind::words) {
            return shape_.position(leaf_, stop_);
        } else {
            const auto is_below = [this](std::size_t i) {
                return shape_.boxed(shape_.slot(leaf_, i))->key() < stop_.key;
            };
            std::size_t low = 0;
            std::size_t high = leaf_->count;
            if (high != 0 && is_below(high - 1)) return high; // most leaves lie within the range
            while (low < high) {
                const std::size_t middle = low + (high - low) / 2;
                if (is_below(middle)) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }

    format<Kind> shape_;
    const node* leaf_ = nullptr;
    std::size_t from_ = 0; ///< entries of the leaf that are still to come: [from_, to_)
    std::size_t to_ = 0;
    cursor<Kind> at_;
    std::size_t wanted_; ///< of the rows that the range asks for, those behind this leaf
    bool reverse_;
    bool bounded_;
    bool last_leaf_ = true;
    probe stop_; ///< the first key behind the range, or going back the last one in it
    key_space space_;
};

} // namespace ashlar::inline v0_1::sorted_tree
