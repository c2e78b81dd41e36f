// SPDX-License-Identifier: BSL-1.0
/// @file Defines the keys of static_map: a sorted array of one length each, found by bisection.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1::static_table {

/// An unsigned integer of that many bytes, or void.
template <std::size_t Size>
[[nodiscard]] consteval auto word_of() {
    if constexpr (Size == 1) return std::uint8_t{};
    else if constexpr (Size == 2) return std::uint16_t{};
    else if constexpr (Size == 4) return std::uint32_t{};
    else if constexpr (Size == 8) return std::uint64_t{};
}

/// Up to `Capacity` keys of `KeySize` bytes in their order, without a heap; constant-initialisable.
/// Keys of one word are compared as one. What is asked for may have any length. Not thread-safe.
template <std::size_t Capacity, std::size_t KeySize>
class sorted_keys {
    using word = decltype(word_of<KeySize>());
    static constexpr bool words = !std::is_void_v<word>;

  public:
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bytes_view at(std::size_t i) const noexcept {
        return {bytes_ + i * KeySize, KeySize};
    }
    /// The place of the first key that is not less. O(log n).
    [[nodiscard]] std::size_t lower_bound(bytes_view key) const noexcept {
        if constexpr (words)
            if (key.size() == KeySize)
                return behind_all([wanted = load_big<word>(key.data())](const std::byte* other) {
                    return load_big<word>(other) < wanted;
                });
        return behind_all(
            [key](const std::byte* other) { return bytes_view{other, KeySize} < key; });
    }
    [[nodiscard]] bool is_at(std::size_t i, bytes_view key) const noexcept {
        if (i >= size_) return false;
        if constexpr (words)
            if (key.size() == KeySize)
                return load_big<word>(bytes_ + i * KeySize) == load_big<word>(key.data());
        return at(i) == key;
    }

    /// REQUIRES: i is the key's place, and there is room.
    void insert(std::size_t i, bytes_view key) noexcept {
        shift(i + 1, i);
        copy_bytes(bytes_ + i * KeySize, key);
        ++size_;
    }
    void erase(std::size_t from, std::size_t end) noexcept {
        shift(from, end);
        size_ -= end - from;
    }
    void clear() noexcept { size_ = 0; }

  private:
    /// Behind all keys that are less, by a bisection that computes its way instead of branching:
    /// which way it goes can't be foretold.
    template <class IsLess>
    [[nodiscard]] std::size_t behind_all(IsLess is_less) const noexcept {
        std::size_t from = 0;
        for (std::size_t count = size_; count != 0;) {
            const std::size_t half = count / 2;
            const bool less = is_less(bytes_ + (from + half) * KeySize);
            from = less ? from + half + 1 : from;
            count = less ? count - half - 1 : half;
        }
        return from;
    }
    void shift(std::size_t to, std::size_t from) noexcept {
        __builtin_memmove(bytes_ + to * KeySize, bytes_ + from * KeySize, (size_ - from) * KeySize);
    }

    std::size_t size_ = 0;
    std::byte bytes_[Capacity * KeySize]{};
};

} // namespace ashlar::inline v0_1::static_table
