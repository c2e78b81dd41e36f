// SPDX-License-Identifier: BSL-1.0
/// @file Defines what ranges of keys are to a flash log: a way to go, and keys to erase.
#pragma once

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::flash {

/// Of a put or an erase.
[[nodiscard]] inline change change_of(const operation& op) noexcept {
    const bool erases = op.kind == operation_kind::erase;
    return {op.key, erases ? bytes_view{} : op.value, erases};
}

/// Where a scan is: it goes on from `bound`, which is in `key` behind the first row.
template <std::uint32_t MaxKey>
struct range_position {
    explicit range_position(const scan_range& range) noexcept
        : where{range.reverse ? seek::before : seek::behind} {
        if (range.resume) bound = range.after;
        else if (!range.reverse) bound = range.lo, where = seek::at_or_behind;
        else if (range.hi.empty()) where = seek::last;
        else bound = range.hi;
    }
    bytes_view bound{};
    seek where;
    std::byte key[MaxKey == 0 ? 1 : MaxKey];
};

/// In the place of an erase_range there is an erasure of each key that the batch itself put into
/// the range before, and of each row of the log in it, damaged ones included. Asks the log anew
/// each time it is gone through, and remembers one key. Views: log and operations must outlive it.
template <class Log>
class changes_of {
  public:
    changes_of(const Log& log, operation_list operations) noexcept
        : log_{log}, operations_{operations} {}

    struct end_type {};

    /// Changes point into the iterator and live until it moves.
    class iterator {
      public:
        iterator(const Log& log, operation_list operations) noexcept
            : log_{log}, operations_{operations}, at_{operations.begin()}, earlier_{at_} {
            begin_operation();
        }
        [[nodiscard]] change operator*() const noexcept {
            const operation op = *at_;
            if (op.kind != operation_kind::erase_range) return change_of(op);
            if (earlier_ != at_) return {(*earlier_).key, {}, true};
            return {{key_, key_size_}, {}, true};
        }
        iterator& operator++() noexcept {
            const operation op = *at_;
            bool within = op.kind == operation_kind::erase_range;
            if (within && earlier_ == at_) within = settle(op, {key_, key_size_}, seek::behind);
            else if (within) ++earlier_, within = settle(op, op.key, seek::at_or_behind);
            if (within) return *this;
            ++at_;
            begin_operation();
            return *this;
        }
        [[nodiscard]] bool operator==(end_type) const noexcept { return at_ == operations_.end(); }

      private:
        /// Stands on the first change of the operation at at_, or of the next that has one.
        void begin_operation() noexcept {
            for (; at_ != operations_.end(); ++at_) {
                const operation op = *at_;
                earlier_ = operations_.begin();
                if (op.kind != operation_kind::erase_range ||
                    settle(op, op.key, seek::at_or_behind))
                    return;
            }
        }
        /// Stands on the next change of a range, if there is one: an earlier put from earlier_ on,
        /// or a row of the log from `bound` on, that no later operation has taken already.
        [[nodiscard]] bool settle(const operation& op, bytes_view bound, seek where) noexcept {
            const scan_range range{.lo = op.key, .hi = op.value};
            while (earlier_ != at_) {
                const operation put = *earlier_;
                auto next = earlier_;
                ++next;
                if (put.kind == operation_kind::put && range.contains(put.key) &&
                    !is_touched(put.key, next))
                    return true;
                earlier_ = next;
            }
            for (;;) {
                std::uint32_t size = 0;
                bool there = false;
                const errc found =
                    log_.nearest(bound, where, key_, key_size_, nullptr, 0, size, there);
                if (!there && found == errc::ok) return false;
                bound = {key_, key_size_};
                where = seek::behind;
                if (!range.contains(bound)) return false;
                if (!is_touched(bound, operations_.begin())) return true;
            }
        }
        /// Whether an operation from `from` on, before this one, is about a key.
        [[nodiscard]] bool is_touched(bytes_view key,
                                      operation_list::iterator from) const noexcept {
            for (; from != at_; ++from) {
                const operation op = *from;
                if (op.kind == operation_kind::erase_range
                        ? scan_range{.lo = op.key, .hi = op.value}.contains(key)
                        : op.key == key)
                    return true;
            }
            return false;
        }

        const Log& log_;
        operation_list operations_;
        operation_list::iterator at_;
        operation_list::iterator earlier_; ///< in a range: before at_, until that is reached
        std::uint32_t key_size_ = 0;
        std::byte key_[Log::max_key_size];
    };

    [[nodiscard]] iterator begin() const noexcept { return {log_, operations_}; }
    [[nodiscard]] end_type end() const noexcept { return {}; }

  private:
    const Log& log_;
    operation_list operations_;
};

} // namespace ashlar::inline v0_1::flash
