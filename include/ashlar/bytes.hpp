// SPDX-License-Identifier: BSL-1.0
/// @file Defines byte views and text views: what everything below the typed face is handed.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace ashlar::inline v0_1 {

/// Marks an encoding whose length is known only at run time.
inline constexpr std::size_t dynamic_extent = static_cast<std::size_t>(-1);

/// Satisfied by contiguous ranges of one-byte elements: std::string, std::span<std::byte>, ...
template <class T>
concept byte_range = requires(const T& t) {
    { t.size() } -> std::convertible_to<std::size_t>;
    *t.data();
} && sizeof(*std::declval<const T&>().data()) == 1;

/// A non-owning view of bytes. Compares as memcmp: unsigned, a prefix before what it begins.
/// Why not std::span or std::string_view: their headers cost more than the whole core (0.1 s each).
class bytes_view {
  public:
    constexpr bytes_view() noexcept = default;
    constexpr bytes_view(const std::byte* data, std::size_t size) noexcept
        : data_{data}, size_{size} {}
    template <byte_range T>
    bytes_view(const T& range) noexcept // NOLINT: views convert implicitly, as string_view does
        : data_{reinterpret_cast<const std::byte*>(range.data())}, size_{range.size()} {}

    [[nodiscard]] constexpr const std::byte* data() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] constexpr const std::byte* begin() const noexcept { return data_; }
    [[nodiscard]] constexpr const std::byte* end() const noexcept { return data_ + size_; }
    [[nodiscard]] constexpr std::byte operator[](std::size_t i) const noexcept { return data_[i]; }

    /// REQUIRES: n <= size().
    [[nodiscard]] constexpr bytes_view first(std::size_t n) const noexcept { return {data_, n}; }
    /// REQUIRES: n <= size().
    [[nodiscard]] constexpr bytes_view skip(std::size_t n) const noexcept {
        return {data_ + n, size_ - n};
    }
    [[nodiscard]] bool starts_with(bytes_view prefix) const noexcept {
        return size_ >= prefix.size_ && first(prefix.size_) == prefix;
    }

    /// Text::Text(const char*, size): `view.as<std::string_view>()`, `view.as<std::string>()`.
    template <class Text>
    [[nodiscard]] Text as() const {
        return Text(reinterpret_cast<const char*>(data_), size_);
    }

    /// Less than, equal to or greater than zero.
    [[nodiscard]] friend int compare(bytes_view a, bytes_view b) noexcept {
        const std::size_t common = a.size_ < b.size_ ? a.size_ : b.size_;
        const int order = common == 0 ? 0 : __builtin_memcmp(a.data_, b.data_, common);
        if (order != 0) return order;
        return a.size_ < b.size_ ? -1 : static_cast<int>(a.size_ > b.size_);
    }
    [[nodiscard]] friend bool operator==(bytes_view a, bytes_view b) noexcept {
        return a.size_ == b.size_ &&
               (a.size_ == 0 || __builtin_memcmp(a.data_, b.data_, a.size_) == 0);
    }
    [[nodiscard]] friend bool operator<(bytes_view a, bytes_view b) noexcept {
        return compare(a, b) < 0;
    }

  private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// A view of text whose end need not be a NUL: what paths and sentences are passed as.
class text_view {
  public:
    constexpr text_view() noexcept = default;
    constexpr text_view(const char* data, std::size_t size) noexcept : data_{data}, size_{size} {}
    constexpr text_view(const char* text) noexcept // NOLINT: literals convert implicitly
        : data_{text}, size_{text == nullptr ? 0 : __builtin_strlen(text)} {}
    template <byte_range T>
    constexpr text_view(const T& text) noexcept // NOLINT: std::string converts implicitly
        : data_{text.data()}, size_{text.size()} {}

    [[nodiscard]] constexpr const char* data() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] friend constexpr bool operator==(text_view a, text_view b) noexcept {
        return a.size_ == b.size_ &&
               (a.size_ == 0 || __builtin_memcmp(a.data_, b.data_, a.size_) == 0);
    }

  private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

namespace literals {
/// `"key"_b`: the bytes of a literal, without its NUL.
inline bytes_view operator""_b(const char* text, std::size_t size) noexcept {
    return {reinterpret_cast<const std::byte*>(text), size};
}
} // namespace literals

/// The bytes of a trivially copyable object as they lie in memory. It must outlive the view.
template <class T>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] bytes_view object_bytes(const T& object) noexcept {
    return {reinterpret_cast<const std::byte*>(&object), sizeof(T)};
}

/// The same bytes in the other order. Loops of shifts are not enough: g++ 12 turns them into one
/// instruction at -O2 for two bytes only.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T swap_bytes(T value) noexcept {
    static_assert(sizeof(T) <= 8);
    if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(value));
    else if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(value));
    else if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
    else return value;
}
inline constexpr bool little_endian_machine = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

/// Loads an unsigned integer stored least significant byte first.
/// REQUIRES: sizeof(T) readable bytes at `from`, of any alignment.
template <std::unsigned_integral T>
[[nodiscard]] inline T load_little(const std::byte* from) noexcept {
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return little_endian_machine ? value : swap_bytes(value);
}

template <std::unsigned_integral T>
inline void store_little(std::byte* to, T value) noexcept {
    if constexpr (!little_endian_machine) value = swap_bytes(value);
    __builtin_memcpy(to, &value, sizeof(T));
}

/// Loads an unsigned integer stored most significant byte first, so that memcmp orders it.
template <std::unsigned_integral T>
[[nodiscard]] inline T load_big(const std::byte* from) noexcept {
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return little_endian_machine ? swap_bytes(value) : value;
}

template <std::unsigned_integral T>
inline void store_big(std::byte* to, T value) noexcept {
    if constexpr (little_endian_machine) value = swap_bytes(value);
    __builtin_memcpy(to, &value, sizeof(T));
}

inline void copy_bytes(std::byte* to, bytes_view from) noexcept {
    if (!from.empty()) __builtin_memcpy(to, from.data(), from.size());
}

} // namespace ashlar::inline v0_1
