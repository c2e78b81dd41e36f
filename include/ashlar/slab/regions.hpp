// SPDX-License-Identifier: BSL-1.0
/// @file Defines where slabs lie: regions of memory that are taken from the heap and given back
/// whole.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::slab {

/// A slab's size, and its alignment: so an object's address leads to its slab. A page and its tail
/// waste at most a sixteenth of it.
inline constexpr std::size_t slab_size = std::size_t{16} << 10;

/// How an environment is told that large pages would serve; null for one that has none.
using page_advice = void (*)(void* at, std::size_t size) noexcept;

/// Up to 128 slabs in one allocation. Its pages are touched only when a slab is used.
class region {
  public:
    static constexpr std::uint32_t most = 128;

    /// nullptr without memory. REQUIRES: slabs is a power of two of at most `most`.
    [[nodiscard]] static region* make(std::uint32_t slabs, page_advice advise) noexcept {
        const bool large = advise != nullptr && slabs == most;
        const std::align_val_t alignment{large ? most * slab_size : slab_size};
        void* memory = ::operator new(slabs * slab_size, alignment, std::nothrow);
        if (memory == nullptr) return nullptr;
        auto* made = new (std::nothrow) region{static_cast<std::byte*>(memory), slabs, alignment};
        if (made == nullptr) ::operator delete(memory, alignment);
        else if (large) advise(memory, slabs * slab_size);
        return made;
    }
    region(const region&) = delete;
    region& operator=(const region&) = delete;
    ~region() { ::operator delete(static_cast<void*>(memory_), alignment_); }

    [[nodiscard]] std::size_t size() const noexcept { return slabs_ * slab_size; }
    [[nodiscard]] bool full() const noexcept { return taken_ == slabs_; }
    [[nodiscard]] bool empty() const noexcept { return taken_ == 0; }

    /// The lowest free slab. REQUIRES: !full().
    [[nodiscard]] std::byte* take() noexcept {
        const std::uint32_t half = free_[0] != 0 ? 0 : 1;
        const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(free_[half]));
        free_[half] &= free_[half] - 1;
        ++taken_;
        return memory_ + (half * 64 + bit) * slab_size;
    }
    void give(std::byte* slab) noexcept {
        const auto number = static_cast<std::size_t>(slab - memory_) / slab_size;
        free_[number / 64] |= std::uint64_t{1} << (number % 64);
        --taken_;
    }

    region* next = nullptr; ///< among those with a free slab
    region* before = nullptr;

  private:
    region(std::byte* memory, std::uint32_t slabs, std::align_val_t alignment) noexcept
        : memory_{memory}, slabs_{slabs}, alignment_{alignment},
          free_{ones(slabs), ones(slabs > 64 ? slabs - 64 : 0)} {}
    [[nodiscard]] static std::uint64_t ones(std::uint32_t count) noexcept {
        return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    }

    std::byte* memory_;
    std::uint32_t slabs_;
    std::uint32_t taken_ = 0;
    std::align_val_t alignment_;
    std::uint64_t free_[2];
};

/// Hands out slabs. A region is about a quarter of what is there already, from 64 KiB to 2 MiB,
/// the latter in large pages where there are any. One that is empty again goes back to the heap,
/// but for the last such: work at the border must not take and give one each time. Not thread-safe.
class regions {
  public:
    constexpr regions() noexcept = default;
    regions(const regions&) = delete;
    regions& operator=(const regions&) = delete;
    /// REQUIRES: all slabs were given back.
    ~regions() { delete spare_; }
    /// For the regions that are yet to come.
    void use(page_advice advise) noexcept { advise_ = advise; }

    /// A slab's memory and its region, or nullptr without memory.
    [[nodiscard]] std::byte* take(region*& from) noexcept {
        if (open_ == nullptr && !add()) return nullptr;
        from = open_;
        if (from == spare_) spare_ = nullptr;
        std::byte* slab = from->take();
        if (from->full()) unlink(from);
        return slab;
    }
    void give(region* to, std::byte* slab) noexcept {
        if (to->full()) link(to);
        to->give(slab);
        if (!to->empty()) return;
        if (spare_ == nullptr) {
            spare_ = to;
            return;
        }
        unlink(to);
        bytes_ -= to->size();
        delete to;
    }
    /// Bytes that are held of the heap.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  private:
    [[nodiscard]] bool add() noexcept {
        std::uint32_t slabs = 4;
        while (slabs < region::most && slabs * slab_size < bytes_ / 4) slabs *= 2;
        region* made = region::make(slabs, advise_);
        if (made == nullptr) return false;
        bytes_ += made->size();
        link(made);
        return true;
    }
    void link(region* at) noexcept {
        at->next = open_;
        at->before = nullptr;
        if (open_ != nullptr) open_->before = at;
        open_ = at;
    }
    void unlink(region* at) noexcept {
        if (at->before != nullptr) at->before->next = at->next;
        else open_ = at->next;
        if (at->next != nullptr) at->next->before = at->before;
    }

    region* open_ = nullptr;  ///< those with a free slab
    region* spare_ = nullptr; ///< the one without a taken slab, if there is one; stays open
    std::size_t bytes_ = 0;
    page_advice advise_ = nullptr;
};

} // namespace ashlar::inline v0_1::slab
