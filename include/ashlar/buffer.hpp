// SPDX-License-Identifier: BSL-1.0
/// @file Defines where bytes under construction live: a growing heap buffer and a fixed one.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by owners of contiguous bytes that can be extended and say so when they can't.
template <class T>
concept byte_sink = requires(T& sink, std::size_t n) {
    { sink.extend(n) } -> std::same_as<std::byte*>; // n more bytes, or nullptr and unchanged
    { sink.data() } -> std::same_as<std::byte*>;
    { sink.size() } -> std::convertible_to<std::size_t>;
    sink.clear();
};

template <byte_sink Sink>
[[nodiscard]] bool append(Sink& sink, bytes_view bytes) noexcept {
    std::byte* to = sink.extend(bytes.size());
    if (to == nullptr && !bytes.empty()) return false;
    copy_bytes(to, bytes);
    return true;
}

/// Owns bytes on the heap behind `Inline` bytes that need none. Grows by doubling; a failed
/// allocation is reported, never thrown. Not thread-safe. Pointers into it die when it grows.
template <std::size_t Inline>
class small_buffer {
  public:
    small_buffer() noexcept = default;
    small_buffer(small_buffer&& other) noexcept { take(other); }
    small_buffer& operator=(small_buffer&& other) noexcept {
        if (this != &other) {
            release();
            take(other);
        }
        return *this;
    }
    small_buffer(const small_buffer&) = delete;
    small_buffer& operator=(const small_buffer&) = delete;
    ~small_buffer() { release(); }

    [[nodiscard]] std::byte* extend(std::size_t n) noexcept {
        if (n > capacity_ - size_ && !grow(n)) return nullptr;
        std::byte* at = data() + size_;
        size_ += n;
        return at;
    }
    /// Keeps the first `size` bytes. REQUIRES: size <= this->size().
    void truncate(std::size_t size) noexcept { size_ = size; }
    void clear() noexcept { size_ = 0; }
    [[nodiscard]] bool assign(bytes_view bytes) noexcept {
        clear();
        return append(*this, bytes);
    }

    [[nodiscard]] std::byte* data() noexcept { return heap_ != nullptr ? heap_ : inline_; }
    [[nodiscard]] const std::byte* data() const noexcept {
        return heap_ != nullptr ? heap_ : inline_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bytes_view view() const noexcept { return {data(), size_}; }

  private:
    [[nodiscard]] bool grow(std::size_t n) noexcept {
        if (n > dynamic_extent / 4 - size_) return false;
        std::size_t wanted = capacity_ < 64 ? 64 : capacity_ * 2;
        if (wanted < size_ + n) wanted = size_ + n;
        auto* larger = static_cast<std::byte*>(::operator new(wanted, std::nothrow));
        if (larger == nullptr) return false;
        copy_bytes(larger, view());
        if (heap_ != nullptr) ::operator delete(heap_);
        heap_ = larger;
        capacity_ = wanted;
        return true;
    }
    void take(small_buffer& other) noexcept {
        heap_ = std::exchange(other.heap_, nullptr);
        if (heap_ == nullptr) copy_bytes(inline_, {other.inline_, other.size_});
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, Inline);
    }
    void release() noexcept {
        if (heap_ != nullptr) ::operator delete(heap_);
    }

    std::byte* heap_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = Inline;
    std::byte inline_[Inline == 0 ? 1 : Inline];
};

/// For batches and pages: everything on the heap.
using byte_buffer = small_buffer<0>;
/// For one encoded key: 64 bytes without an allocation.
using key_buffer = small_buffer<64>;
static_assert(byte_sink<byte_buffer> && byte_sink<key_buffer>);

/// The first key behind all that begin with `prefix`; empty when there is none (all bytes FF).
/// False when out of memory.
template <byte_sink Sink>
[[nodiscard]] bool successor(bytes_view prefix, Sink& out) noexcept {
    std::size_t size = prefix.size();
    while (size != 0 && prefix[size - 1] == std::byte{0xFF}) --size;
    out.clear();
    if (!append(out, prefix.first(size))) return false;
    if (size != 0)
        out.data()[size - 1] = static_cast<std::byte>(static_cast<unsigned>(prefix[size - 1]) + 1U);
    return true;
}

/// At most `Capacity` bytes in place: for builds without a heap. Constant-initialisable.
template <std::size_t Capacity>
class fixed_buffer {
  public:
    [[nodiscard]] constexpr std::byte* extend(std::size_t n) noexcept {
        if (n > Capacity - size_) return nullptr;
        std::byte* at = bytes_ + size_;
        size_ += n;
        return at;
    }
    constexpr void truncate(std::size_t size) noexcept { size_ = size; }
    constexpr void clear() noexcept { size_ = 0; }
    [[nodiscard]] bool assign(bytes_view bytes) noexcept {
        clear();
        return append(*this, bytes);
    }
    [[nodiscard]] constexpr std::byte* data() noexcept { return bytes_; }
    [[nodiscard]] constexpr const std::byte* data() const noexcept { return bytes_; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] constexpr bytes_view view() const noexcept { return {bytes_, size_}; }

  private:
    std::size_t size_ = 0;
    std::byte bytes_[Capacity]{};
};
static_assert(byte_sink<fixed_buffer<8>>);

} // namespace ashlar::inline v0_1
