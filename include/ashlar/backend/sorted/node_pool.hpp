// SPDX-License-Identifier: BSL-1.0
/// @file Defines node_pool: where the nodes of a sorted map rest that is read without its lock.
#pragma once

#include <ashlar/backend/sorted/heads.hpp>
#include <ashlar/bytes.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/slab/regions.hpp>

namespace ashlar::inline v0_1::sorted_tree {

using slab::page_advice;

/// Nodes stand in slabs that grow from 4 KiB to 2 MiB, the latter in large pages where there are
/// any. A node that is given back stays a node, leaf or inner as it was, and is used again: a
/// reader without the lock may still look at it. All memory goes with the
/// pool.
/// Thread-safe: snapshots give nodes back without the map's lock. Not movable.
template <class Concurrency>
class node_pool {
  public:
    explicit node_pool(page_advice advise) noexcept : advise_{advise} {}
    node_pool(const node_pool&) = delete;
    node_pool& operator=(const node_pool&) = delete;
    ~node_pool() {
        for (slab* s = slabs_; s != nullptr;) {
            slab* next = s->next;
            ::operator delete(static_cast<void*>(s), s->alignment);
            s = next;
        }
    }

    /// A node that was given back, or nullptr. Its head is as it was.
    [[nodiscard]] void* used_before(bool leaf) noexcept {
        const guard lock{mutex_};
        std::byte*& first = kept_[leaf ? 0 : 1];
        std::byte* node = first;
        if (node != nullptr) {
            const std::uint64_t next = *link_of(node);
            first = reinterpret_cast<std::byte*>(static_cast<std::uintptr_t>(next));
        }
        return node;
    }
    /// Memory that no node has stood in, or nullptr when there is none.
    [[nodiscard]] void* take(std::size_t bytes) noexcept {
        bytes = (bytes + line - 1) / line * line;
        const guard lock{mutex_};
        if (left_ < bytes && !add_slab(bytes)) return nullptr;
        std::byte* room = next_;
        next_ += bytes;
        left_ -= bytes;
        return room;
    }
    void keep(void* unused, bool leaf) noexcept {
        auto* node = static_cast<std::byte*>(unused);
        const guard lock{mutex_};
        std::byte*& first = kept_[leaf ? 0 : 1];
        word<true>::store(*link_of(node),
                          static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(first)));
        first = node;
    }

    typename Concurrency::template atomic<std::uint32_t> users{1U}; ///< shares in it (pool_share)

  private:
    static constexpr std::size_t line = 64;
    static constexpr std::size_t least = std::size_t{4} << 10;
    static constexpr std::size_t large_page = std::size_t{1} << 21;
    struct slab {
        slab* next;
        std::align_val_t alignment;
    };

    /// Behind a node's head, which stays as it was.
    [[nodiscard]] static std::uint64_t* link_of(std::byte* node) noexcept {
        return reinterpret_cast<std::uint64_t*>(node + 24);
    }
    [[nodiscard]] bool add_slab(std::size_t bytes) noexcept {
        std::size_t size = size_ * 2 < large_page ? size_ * 2 : large_page;
        while (size < bytes + line) size *= 2;
        const bool large = advise_ != nullptr && size >= large_page;
        const std::align_val_t alignment{large ? large_page : line};
        void* memory = ::operator new(size, alignment, std::nothrow);
        if (memory == nullptr) return false;
        if (large) advise_(memory, size);
        size_ = size;
        slabs_ = ::new (memory) slab{slabs_, alignment};
        next_ = static_cast<std::byte*>(memory) + line;
        left_ = size - line;
        return true;
    }

    typename Concurrency::mutex mutex_;
    std::byte* kept_[2]{}; ///< given back: leaves and inner nodes
    std::byte* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t size_ = least / 2; ///< of the last slab
    slab* slabs_ = nullptr;
    page_advice advise_;
};

} // namespace ashlar::inline v0_1::sorted_tree
