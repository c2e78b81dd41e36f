// SPDX-License-Identifier: BSL-1.0
/// @file Defines what an eviction order knows of a row: an entry, and lists of entries.
#pragma once

#include <ashlar/bytes.hpp>

#include <string_view>

namespace ashlar::inline v0_1::eviction {

/// One row that may have to go. Owned by the directory; linked into the order's lists.
struct entry {
    std::string_view key; ///< in the directory
    std::uint64_t hash = 0;
    std::uint64_t expiry = 0; ///< as in the row's header, 0 for never
    std::size_t size = 0;     ///< what the row counts as
    entry* before = nullptr;
    entry* after = nullptr;
    std::uint8_t queue = 0; ///< for orders with more than one list
    std::uint8_t uses = 0;  ///< for orders that count, up to their own limit
};

/// Entries in a line, the oldest first; owns none of them.
class queue {
  public:
    [[nodiscard]] entry* oldest() const noexcept { return first_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    void add(entry& e) noexcept {
        e.before = last_;
        e.after = nullptr;
        (last_ == nullptr ? first_ : last_->after) = &e;
        last_ = &e;
        bytes_ += e.size;
    }
    void remove(entry& e) noexcept {
        (e.before == nullptr ? first_ : e.before->after) = e.after;
        (e.after == nullptr ? last_ : e.after->before) = e.before;
        bytes_ -= e.size;
    }
    void resize(entry& e, std::size_t size) noexcept {
        bytes_ += size - e.size;
        e.size = size;
    }

  private:
    entry* first_ = nullptr;
    entry* last_ = nullptr;
    std::size_t bytes_ = 0;
};

} // namespace ashlar::inline v0_1::eviction
