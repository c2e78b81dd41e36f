// SPDX-License-Identifier: BSL-1.0
/// @file Defines item: one key and row of a sorted map outside the tree's nodes.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/slab/pool.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// Keys and rows are at most so long: a length fits 32 bits, and two of them fit std::size_t.
inline constexpr std::size_t size_limit = sizeof(std::size_t) > 4 ? 0x7FFF'FFFF : 0x3FFF'FFFF;

/// A key and a row in one object of a pool, counted: a node and its copies made for snapshots share
/// it. Immutable while shared. The count is atomic where Concurrency has threads, because snapshots
/// are dropped without the map's lock.
template <class Concurrency>
class item {
  public:
    /// A new item with one reference, or nullptr when memory is out. `key` may be empty when the
    /// key stands in the node. REQUIRES: neither is longer than size_limit.
    [[nodiscard]] static item* make(slab::pool<Concurrency>& from, bytes_view key,
                                    bytes_view row) noexcept {
        void* room = from.take(sizeof(item) + key.size() + row.size());
        if (room == nullptr) return nullptr;
        auto* made = ::new (room)
            item(static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(row.size()));
        copy_bytes(made->data(), key);
        copy_bytes(made->data() + key.size(), row);
        return made;
    }

    void acquire() noexcept { refs_.fetch_add_relaxed(1); }
    static void release(item* it) noexcept {
        // A sole owner needs no read-modify-write: nobody is left to take another reference.
        if (it->sole() || it->refs_.fetch_sub(1) == 1)
            slab::pool<Concurrency>::give(it, it->footprint());
    }
    [[nodiscard]] bool sole() const noexcept { return refs_.load_acquire() == 1; }

    [[nodiscard]] bytes_view key() const noexcept { return {data(), key_size_}; }
    [[nodiscard]] bytes_view row() const noexcept { return {data() + key_size_, row_size_}; }
    /// REQUIRES: sole(), and `row` is as long as the present one.
    void overwrite(bytes_view row) noexcept { copy_bytes(data() + key_size_, row); }
    /// What the item takes of the pool.
    [[nodiscard]] std::size_t footprint() const noexcept {
        return sizeof(item) + key_size_ + row_size_;
    }

  private:
    item(std::uint32_t key_size, std::uint32_t row_size) noexcept
        : key_size_{key_size}, row_size_{row_size} {}
    [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] const std::byte* data() const noexcept {
        return reinterpret_cast<const std::byte*>(this + 1);
    }

    typename Concurrency::template atomic<std::uint32_t> refs_{1U};
    std::uint32_t key_size_;
    std::uint32_t row_size_;
};

} // namespace ashlar::inline v0_1::sorted_tree
