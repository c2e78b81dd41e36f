// SPDX-License-Identifier: BSL-1.0
/// @file Defines how ranges of a tree are read: row by row, or in chunks that outlive the lock.
#pragma once

#include <ashlar/backend/sorted/cursor.hpp>
#include <ashlar/backend/sorted/tree.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Goes over a range in its direction. The tree must not change meanwhile.
template <class Kind>
class range_reader {
  public:
    range_reader(const tree<Kind>& in, const scan_range& range) noexcept
        : at_{in.shape, in.root}, range_{range} {
        if (!range.reverse) {
            const bytes_view from = range.resume ? range.after : range.lo;
            at_.seek(in.shape.probe_for(from, range.resume));
        } else if (range.resume || !range.hi.empty()) {
            at_.seek(in.shape.probe_for(range.resume ? range.after : range.hi));
        } else {
            at_.seek_end();
        }
    }

    /// The next row; false at the range's end. The views live until the next call.
    [[nodiscard]] bool next(bytes_view& key, bytes_view& row) noexcept {
        if (range_.reverse) {
            if (!at_.back()) return false;
        } else {
            if (begun_) at_.next();
            begun_ = true;
            if (!at_.valid()) return false;
        }
        key = at_.key(space_);
        if (range_.reverse ? key < range_.lo : !range_.hi.empty() && !(key < range_.hi))
            return false;
        row = at_.row();
        return true;
    }

  private:
    cursor<Kind> at_;
    scan_range range_;
    key_space space_;
    bool begun_ = false;
};

/// Rows copied out of a tree, to be visited without its lock.
class chunk {
  public:
    static constexpr std::size_t first_rows = 64; ///< a scan that is stopped early copies no more
    static constexpr std::size_t later_rows = 256;
    static constexpr std::size_t enough_bytes = 64 * 1024;

    /// Memory for the usual chunk, so that little is allocated under the lock.
    void reserve() noexcept {
        if (bytes_.extend(8192) != nullptr) bytes_.clear();
    }

    /// Copies rows up to the limits of a chunk; answers whether the range has more. When memory
    /// runs out behind the first row the chunk is merely shorter.
    template <class Reader>
    [[nodiscard]] result<bool> fill(Reader& from, std::size_t limit) noexcept {
        bytes_.clear();
        count_ = 0;
        bytes_view key;
        bytes_view row;
        while (from.next(key, row)) {
            if (count_ == limit || bytes_.size() >= enough_bytes) return true;
            const sizes s{static_cast<std::uint32_t>(key.size()),
                          static_cast<std::uint32_t>(row.size())};
            std::byte* to = bytes_.extend(sizeof s + key.size() + row.size());
            if (to == nullptr) {
                if (count_ != 0) return true;
                return errc::out_of_memory;
            }
            std::memcpy(to, &s, sizeof s);
            copy_short(to + sizeof s, key);
            copy_short(to + sizeof s + key.size(), row);
            ++count_;
        }
        return false;
    }

    /// Shows the rows; answers whether the visitor wants more of them.
    template <class Visit>
    [[nodiscard]] bool show(Visit& visit) {
        const std::byte* at = bytes_.data();
        for (std::size_t i = 0; i < count_; ++i) {
            sizes s;
            std::memcpy(&s, at, sizeof s);
            last_ = {at + sizeof s, s.key};
            const bytes_view row{last_.end(), s.row};
            at = row.end();
            if (!visit_row(visit, last_, row)) return false;
        }
        return true;
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// The key shown last.
    [[nodiscard]] bytes_view last() const noexcept { return last_; }

  private:
    /// Keys and rows of one word are common; a call of memcpy for each was 40 % of a scan.
    static void copy_short(std::byte* to, bytes_view from) noexcept {
        if (from.size() == 8) std::memcpy(to, from.data(), 8);
        else copy_bytes(to, from);
    }
    struct sizes {
        std::uint32_t key;
        std::uint32_t row;
    };

    byte_buffer bytes_;
    std::size_t count_ = 0;
    bytes_view last_;
};

} // namespace ashlar::inline v0_1::sorted_tree
