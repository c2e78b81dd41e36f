// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a batch will change of what its rows take.
#pragma once

#include <ashlar/engine.hpp>

#include <algorithm>
#include <vector>

namespace ashlar::inline v0_1::quota_parts {

/// What the rows that a batch touches take before it and after it.
struct change {
    std::size_t before = 0;
    std::size_t after = 0;
};

/// Follows the operations of a batch, in their order, over the sizes of the rows there are. May
/// throw std::bad_alloc. REQUIRES: nobody else writes these keys meanwhile. Complexity: a look-up
/// per key, a scan per range, O(keys log keys), each key against each range.
template <class Next, std::size_t PerRow>
class planner {
  public:
    using row = typename Next::row;

    [[nodiscard]] static constexpr std::size_t charge(bytes_view key,
                                                      std::size_t row_size) noexcept {
        return key.size() + row_size + PerRow;
    }
    /// What a key takes now; 0 for one that is not there.
    [[nodiscard]] static result<std::size_t> taken_by(const Next& engine, bytes_view key) {
        std::size_t size = 0;
        const auto there =
            engine.read(key, [&](bytes_view bytes) noexcept { size = charge(key, bytes.size()); });
        if (!there) return there.error();
        return size;
    }

    explicit planner(const Next& engine) noexcept : engine_{engine} {}

    [[nodiscard]] result<change> plan(operation_list operations) {
        std::size_t index = 0;
        for (const operation op : operations) {
            steps_.push_back({op, index++});
            if (op.kind == operation_kind::erase_range) ranges_.push_back(steps_.back());
        }
        std::erase_if(steps_, [](const step& s) { return is_range(s.op); });
        std::sort(steps_.begin(), steps_.end(), [](const step& a, const step& b) {
            return a.op.key < b.op.key || (a.op.key == b.op.key && a.index < b.index);
        });
        for (auto at = steps_.begin(); at != steps_.end();) {
            const auto same = [&](const step& s) { return s.op.key == at->op.key; };
            const auto end = std::find_if_not(at, steps_.end(), same);
            if (const auto done = follow(at->op.key, &*at, &*at + (end - at)); !done)
                return done.error();
            at = end;
        }
        if constexpr (ordered_engine<Next>)
            for (std::size_t i = 0; i < ranges_.size(); ++i)
                if (const auto done = add_range(i); !done) return done.error();
        return sum_;
    }

  private:
    struct step {
        operation op;
        std::size_t index;
    };
    [[nodiscard]] static bool is_range(const operation& op) noexcept {
        return op.kind == operation_kind::erase_range;
    }
    [[nodiscard]] static scan_range range_of(const step& s) noexcept {
        return {.lo = s.op.key, .hi = s.op.value};
    }
    /// The operations on one key, and the ranges around it, in order.
    [[nodiscard]] result<void> follow(bytes_view key, const step* first, const step* last) {
        const auto now = taken_by(engine_, key);
        if (!now) return now.error();
        std::size_t size = *now;
        std::size_t done = 0; // operations before this index are accounted for
        const auto drop_between = [&](std::size_t end) {
            for (const step& r : ranges_)
                if (r.index >= done && r.index < end && range_of(r).contains(key)) size = 0;
            done = end;
        };
        for (; first != last; ++first) {
            drop_between(first->index);
            if (first->op.kind == operation_kind::put) size = charge(key, first->op.value.size());
            else if (first->op.kind == operation_kind::erase) size = 0;
            else if (size == 0) size = charge(key, row::header_size + sizeof(std::int64_t)); // add
        }
        drop_between(static_cast<std::size_t>(-1));
        sum_.before += *now;
        sum_.after += size;
        return {};
    }
    /// Rows of a range that no single operation and no earlier range has met.
    [[nodiscard]] result<void> add_range(std::size_t number) {
        const auto met =
            engine_.scan(range_of(ranges_[number]), [&](bytes_view key, bytes_view bytes) {
                for (std::size_t i = 0; i < number; ++i)
                    if (range_of(ranges_[i]).contains(key)) return;
                const auto at = std::lower_bound(
                    steps_.begin(), steps_.end(), key,
                    [](const step& s, bytes_view wanted) { return s.op.key < wanted; });
                if (at == steps_.end() || !(at->op.key == key))
                    sum_.before += charge(key, bytes.size());
            });
        if (!met) return met.error();
        return {};
    }

    const Next& engine_;
    std::vector<step> steps_; ///< without ranges, by key
    std::vector<step> ranges_;
    change sum_;
};

} // namespace ashlar::inline v0_1::quota_parts
