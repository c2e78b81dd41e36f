// SPDX-License-Identifier: BSL-1.0
/// @file Defines transfer_buffer: memory that a disk can write to at its best.
#pragma once

#include <ashlar/environment/direct_reader.hpp>

#include <new>

namespace ashlar::inline v0_1::log_parts {

/// Memory in large pages, where the environment has them: a device is given one address for each,
/// and not one for every 4 KiB, which would fill its queue with little. Not thread-safe.
template <class Environment>
class transfer_buffer {
  public:
    static constexpr std::size_t page = std::size_t{2} << 20;
    static_assert(page % direct_unit == 0);

    transfer_buffer() noexcept = default;
    transfer_buffer(transfer_buffer&&) = delete;
    ~transfer_buffer() { release(); }

    /// Room for `size` bytes, made whole pages. What was there is lost when more is needed; without
    /// memory (false) nothing is there.
    [[nodiscard]] bool make_room(std::size_t size) noexcept {
        if (size <= room_) return true;
        release();
        room_ = (size + page - 1) / page * page;
        memory_ = ::operator new(room_, alignment, std::nothrow);
        if (memory_ == nullptr) return room_ = 0, false;
        if constexpr (page_adviser<Environment>) Environment::prefer_large_pages(memory_, room_);
        return true;
    }
    [[nodiscard]] std::byte* data() const noexcept { return static_cast<std::byte*>(memory_); }

  private:
    static constexpr std::align_val_t alignment{page};

    void release() noexcept { ::operator delete(memory_, alignment); }

    void* memory_ = nullptr;
    std::size_t room_ = 0;
};

} // namespace ashlar::inline v0_1::log_parts
