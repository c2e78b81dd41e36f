// SPDX-License-Identifier: BSL-1.0
/// @file Defines page: the head of a slab, and what objects of one size it has.
#pragma once

#include <ashlar/slab/regions.hpp>

#include <cstring>

namespace ashlar::inline v0_1::slab {

/// The head of a slab of objects of one size (Bonwick 1994). Those that were given back are a list
/// through themselves, by their offsets in the slab.
///
/// It stands in one of the slab's first 64 lines, by the slab's address, and objects on either
/// side: heads at the same place of every slab would contend for a few sets of a processor's cache.
template <class Pool>
class page {
  public:
    /// The one for a slab's memory.
    [[nodiscard]] static page* make(Pool& owner, region* in, std::byte* slab,
                                    std::size_t object) noexcept {
        return ::new (static_cast<void*>(slab + head_in(slab))) page{owner, in, slab, object};
    }
    /// The one that an object stands beside.
    [[nodiscard]] static page& of(void* object) noexcept {
        std::byte* slab = slab_of(static_cast<std::byte*>(object));
        return *std::launder(reinterpret_cast<page*>(slab + head_in(slab)));
    }
    [[nodiscard]] std::byte* slab() noexcept { return slab_of(reinterpret_cast<std::byte*>(this)); }
    [[nodiscard]] std::size_t object_size() const noexcept { return object_; }
    [[nodiscard]] bool full() const noexcept { return used_ == room_; }
    [[nodiscard]] bool empty() const noexcept { return used_ == 0; }

    /// REQUIRES: !full().
    [[nodiscard]] void* take() noexcept {
        ++used_;
        std::byte* const slab = this->slab();
        if (free_ == none) { // none was given back: one that was never used
            std::byte* fresh = slab + fresh_;
            fresh_ = static_cast<std::uint16_t>(fresh_ + object_);
            pass_by_head(slab);
            return fresh;
        }
        std::byte* first = slab + free_;
        std::memcpy(&free_, first, sizeof free_);
        return first;
    }
    void give(void* object) noexcept {
        --used_;
        std::memcpy(object, &free_, sizeof free_);
        free_ = static_cast<std::uint16_t>(static_cast<std::byte*>(object) - slab());
    }

    Pool& owner;
    alignas(8) region* in;
    page* next = nullptr; ///< among those of this size with room
    page* before = nullptr;

  private:
    static constexpr std::uint16_t none = 0xFFFF;
    static constexpr std::size_t line = 64;

    page(Pool& pool, region* from, std::byte* slab, std::size_t object) noexcept
        : owner{pool}, in{from}, object_{static_cast<std::uint16_t>(object)} {
        const std::size_t head = head_in(slab);
        room_ =
            static_cast<std::uint16_t>(head / object + (slab_size - head - sizeof(page)) / object);
        pass_by_head(slab);
    }
    [[nodiscard]] static std::byte* slab_of(std::byte* at) noexcept {
        return at - (reinterpret_cast<std::uintptr_t>(at) & (slab_size - 1));
    }
    [[nodiscard]] static std::size_t head_in(const std::byte* slab) noexcept {
        return reinterpret_cast<std::uintptr_t>(slab) / slab_size % 64 * line;
    }
    void pass_by_head(const std::byte* slab) noexcept {
        const std::size_t head = head_in(slab);
        if (fresh_ <= head && fresh_ + std::size_t{object_} > head)
            fresh_ = static_cast<std::uint16_t>(head + sizeof(page));
    }

    std::uint16_t free_ = none; ///< offset of the first that was given back
    std::uint16_t fresh_ = 0;   ///< offset of the first that was never used
    std::uint16_t object_;
    std::uint16_t room_ = 0;
    std::uint16_t used_ = 0;
};

} // namespace ashlar::inline v0_1::slab
