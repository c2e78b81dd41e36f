// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a cursor of a change log shows: commits, and what each has done.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/feed/change/reader.hpp>

namespace ashlar::inline v0_1 {

/// One key that a commit has changed, or a range that it has erased. Lives for the call of the
/// visitor it is given to.
template <class Store>
class changed_key {
    using row = typename Store::row;

  public:
    explicit changed_key(const operation& of) noexcept : of_{of} {}

    /// put, erase or erase_range; an `add` is the put of its sum.
    [[nodiscard]] operation_kind kind() const noexcept { return of_.kind; }
    /// Errors: corrupt in an erased range whose bounds are no keys (use range_begin, range_end).
    [[nodiscard]] result<typename Store::key_type> key() const {
        return decode_all<typename Store::key_codec, typename Store::key_type>(of_.key);
    }
    /// Of a put. Errors: not_found for what was erased, corrupt.
    [[nodiscard]] result<typename Store::mapped_type> value() const {
        if (kind() != operation_kind::put) return errc::not_found;
        return Store::decode_value(of_.value);
    }
    /// That the row has been written at, where the store keeps versions of rows; else 0.
    [[nodiscard]] std::uint64_t version() const noexcept {
        if constexpr (row::fields.version)
            if (kind() == operation_kind::put && row::fits(of_.value))
                return row::version(of_.value);
        return 0;
    }
    [[nodiscard]] bytes_view range_begin() const noexcept { return of_.key; }
    /// Empty: no upper bound.
    [[nodiscard]] bytes_view range_end() const noexcept { return of_.value; }

  private:
    const operation& of_;
};

/// One commit. Lives for the call of the visitor it is given to.
template <class Store>
class change {
  public:
    explicit change(const change_parts::record& of) noexcept : of_{of} {}

    /// Grows from commit to commit for each key, over restarts too, with gaps.
    [[nodiscard]] commit_seq sequence() const noexcept { return commit_seq{of_.sequence}; }
    /// visit(const changed_key<Store>&), in the order of the batch. Rows that groups keep of
    /// themselves are left out.
    template <class Visit>
    void for_each(Visit visit) const {
        // The bytes are the reader's own buffer, which nobody else looks at.
        auto* const bytes = const_cast<std::byte*>(of_.payload.data());
        for (const operation op : operation_list{bytes, of_.payload.size()})
            if (op.kind == operation_kind::erase_range || !is_group_row<Store>(op.key))
                visit(changed_key<Store>{op});
    }

  private:
    template <class S>
    [[nodiscard]] static bool is_group_row(bytes_view key) noexcept {
        if constexpr (grouping_codec<typename S::key_codec> && S::row::fields.version) {
            const bytes_view suffix = S::key_codec::group_row;
            const auto size = S::key_codec::prefix_size(key);
            return size && key.size() == *size + suffix.size() && key.skip(*size) == suffix;
        }
        return false;
    }

    const change_parts::record& of_;
};

} // namespace ashlar::inline v0_1
