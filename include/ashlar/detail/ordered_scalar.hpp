// SPDX-License-Identifier: BSL-1.0
/// @file Defines the order-preserving bytes of one number: shared by big_endian, composite, packed.
#pragma once

#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

namespace detail {

template <std::size_t Size> struct word;
template <> struct word<1> {
    using type = std::uint8_t;
};
template <> struct word<2> {
    using type = std::uint16_t;
};
template <> struct word<4> {
    using type = std::uint32_t;
};
template <> struct word<8> {
    using type = std::uint64_t;
};
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;
template <> struct word<16> {
    using type = uint128;
};
template <class T>
concept int128_like = std::same_as<T, int128> || std::same_as<T, uint128>;
#else
template <class T>
concept int128_like = false;
#endif

/// The unsigned integer of as many bytes.
template <std::size_t Size>
using word_t = typename word<Size>::type;

template <class Word>
inline void store_word(std::byte* to, Word value) noexcept {
    if constexpr (sizeof(Word) == 16) {
        store_big(to, static_cast<std::uint64_t>(value >> 64));
        store_big(to + 8, static_cast<std::uint64_t>(value));
    } else store_big(to, value);
}
template <class Word>
[[nodiscard]] inline Word load_word(const std::byte* from) noexcept {
    if constexpr (sizeof(Word) == 16)
        return static_cast<Word>(load_big<std::uint64_t>(from)) << 64 |
               load_big<std::uint64_t>(from + 8);
    else return load_big<Word>(from);
}

/// Satisfied by enumerations that may hold every value of their underlying type (it is written
/// down: `enum class e`, `enum e : int`), so that hostile bytes can't make an impossible one.
template <class T>
concept fixed_enum = std::is_enum_v<T> && requires { T{std::underlying_type_t<T>{}}; };

template <class T> struct integer_of {
    using type = T;
};
template <fixed_enum T> struct integer_of<T> {
    using type = std::underlying_type_t<T>;
};
/// T itself, or what lies under an enumeration.
template <class T>
using integer_of_t = typename integer_of<T>::type;

} // namespace detail

/// Satisfied by numbers whose order bytes can keep: integers (bool, characters and 128 bits too),
/// enumerations with a fixed underlying type, float and double. Not long double: its layout and
/// padding differ between machines.
template <class T>
concept ordered_scalar = std::same_as<T, std::remove_cv_t<T>> &&
                         (std::integral<T> || detail::int128_like<T> || detail::fixed_enum<T> ||
                          std::same_as<T, float> || std::same_as<T, double>);

namespace detail {

/// The codec behind big_endian and behind the numbers of a composite.
template <ordered_scalar T>
struct ordered_scalar_codec {
    static constexpr std::size_t extent = sizeof(T);
    static constexpr bool refuses_nothing = true;
    static constexpr bool ordered = true;
    static constexpr bool self_delimiting = true;

    [[nodiscard]] static constexpr result<std::size_t> size(T) noexcept { return extent; }
    [[nodiscard]] static std::byte* encode(T value, std::byte* out) noexcept {
        store_word(out, to_bits(value));
        return out + extent;
    }
    [[nodiscard]] static result<T> decode_some(bytes_view& in) noexcept {
        if (in.size() < extent) return errc::corrupt;
        const bits found = load_word<bits>(in.data());
        if constexpr (std::same_as<integer, bool>)
            if (found > 1) return errc::corrupt;
        in = in.skip(extent);
        return from_bits(found);
    }
    /// Steps over one encoding; false when `in` is too short for it.
    [[nodiscard]] static bool skip(bytes_view& in) noexcept {
        if (in.size() < extent) return false;
        in = in.skip(extent);
        return true;
    }
    static constexpr void describe(sentence& text) noexcept {
        if constexpr (std::same_as<integer, bool>) text << "big_endian(bool)";
        else {
            text << "big_endian(" << (is_float ? "f" : is_signed ? "i" : "u");
            text << std::uint64_t{8 * sizeof(T)} << ")";
        }
    }

    using bits = word_t<sizeof(T)>;
    /// A number whose unsigned order is the order of T.
    [[nodiscard]] static constexpr bits to_bits(T value) noexcept {
        if constexpr (is_float) {
            // IEEE 754-2019, 5.10 totalOrder: negative numbers reversed, all below the positive.
            const bits raw = __builtin_bit_cast(bits, value);
            return raw ^ (static_cast<bits>(0 - (raw >> (8 * sizeof(T) - 1))) | sign);
        } else if constexpr (is_signed) return static_cast<bits>(static_cast<bits>(value) ^ sign);
        else return static_cast<bits>(value);
    }
    [[nodiscard]] static constexpr T from_bits(bits found) noexcept {
        if constexpr (is_float) {
            const bits raw = found ^ (static_cast<bits>((found >> (8 * sizeof(T) - 1)) - 1) | sign);
            return __builtin_bit_cast(T, raw);
        } else if constexpr (is_signed)
            return static_cast<T>(static_cast<integer>(static_cast<bits>(found ^ sign)));
        else return static_cast<T>(static_cast<integer>(found));
    }

  private:
    using integer = integer_of_t<T>;
    static constexpr bool is_float = std::is_floating_point_v<T>;
    static constexpr bool is_signed = static_cast<integer>(-1) < static_cast<integer>(1);
    static constexpr bits sign = static_cast<bits>(bits{1} << (8 * sizeof(T) - 1));
};

} // namespace detail
} // namespace ashlar::inline v0_1
