// SPDX-License-Identifier: BSL-1.0
/// @file Defines native_key and native_value: keys and values as they lie in memory, the defaults.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/text_bytes.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by std::array<std::byte, N> and its like: one-byte elements, as many as the type says.
template <class T>
concept byte_array = byte_range<T> && __is_trivially_copyable(T) &&
                     requires { requires std::tuple_size<T>::value == sizeof(T); };

/// Satisfied by integers and floating-point numbers (and asked without a standard trait: each
/// would be instantiated for every value type of every store).
template <class T>
concept number = requires(T t) { t* t; } && !__is_class(T);

/// Satisfied by types whose bytes are their whole value: no pointers and views, whose data lies
/// elsewhere, and no partly filled buffers, of which some bytes mean nothing.
template <class T>
concept memory_image =
    __is_trivially_copyable(T) && (__is_class(T) || __is_union(T) || __is_enum(T) || number<T>) &&
    (!byte_range<T> || byte_array<T>);

/// Satisfied by types that are equal exactly when their bytes are: no padding, no float (0 == -0).
template <class T>
concept equal_by_bytes = std::has_unique_object_representations_v<T>;

/// Satisfied by the keys that native_key takes.
template <class T>
concept native_key_type = owned_text<T> || (memory_image<T> && equal_by_bytes<T>);

namespace detail {

template <memory_image T>
struct image_codec {
    static constexpr std::size_t extent = sizeof(T);
    static constexpr bool refuses_nothing = true;

    [[nodiscard]] static constexpr result<std::size_t> size(const T&) noexcept { return extent; }
    [[nodiscard]] static std::byte* encode(const T& value, std::byte* out) noexcept {
        __builtin_memcpy(out, &value, extent);
        return out + extent;
    }
    [[nodiscard]] static result<T> decode_some(bytes_view& in) noexcept {
        struct image {
            std::byte bytes[extent];
        } copy;
        if (in.size() < extent) return errc::corrupt;
        __builtin_memcpy(&copy, in.data(), extent);
        if constexpr (std::same_as<T, bool>)
            if (copy.bytes[0] > std::byte{1}) return errc::corrupt;
        in = in.skip(extent);
        return __builtin_bit_cast(T, copy);
    }
    static constexpr void describe(sentence& text) noexcept {
        text << "native(" << std::uint64_t{extent};
        text << (little_endian_machine ? ",little)" : ",big)");
    }
};

/// Text as it is, to the end of the bytes. Takes any bytes, and gives them as a view to those who
/// can do without a copy.
template <owned_text Text>
struct plain_text_codec {
    static constexpr std::size_t extent = dynamic_extent;

    [[nodiscard]] static bytes_view view(bytes_view text) noexcept { return text; }
    [[nodiscard]] static result<std::size_t> size(bytes_view text) noexcept { return text.size(); }
    [[nodiscard]] static std::byte* encode(bytes_view text, std::byte* out) noexcept {
        copy_bytes(out, text);
        return out + text.size();
    }
    [[nodiscard]] static result<Text> decode_some(bytes_view& in) noexcept {
        const bytes_view all = in;
        in = in.skip(in.size());
        return make_text<Text>(all);
    }
    [[nodiscard]] static result<void> decode_into(Text& to, bytes_view& in) noexcept
        requires refillable_text<Text>
    {
        const bytes_view all = in;
        in = in.skip(in.size());
        return refill_text(to, all);
    }
    static constexpr void describe(sentence& text) noexcept { text << "native(text)"; }
};

/// One byte, or an array of bytes, that compares unsigned: memcmp does the same.
template <class T>
inline constexpr bool bytes_in_order =
    sizeof(T) == 1 && (std::same_as<T, std::byte> || std::is_unsigned_v<T>);
template <byte_array T>
inline constexpr bool bytes_in_order<T> =
    bytes_in_order<std::remove_cvref_t<decltype(*std::declval<const T&>().data())>>;

} // namespace detail

/// Key codec, the default: text is stored as it is, other keys as their memory image.
///
/// Text (owned_text): extent dynamic, ordered (unsigned, a prefix first), not self-delimiting:
/// decoding takes all bytes that are left, so it stands alone or last. size and encode take any
/// bytes, so look-ups by std::string_view or a literal copy nothing. No error but out_of_memory.
///
/// Images: extent sizeof(Key), in the machine's byte order and therefore not ordered, but for
/// single unsigned bytes and arrays of them. Fewer bytes than sizeof(Key): corrupt. Members that
/// can't hold every value of their bytes (a bool in a struct) are not checked: use composite for
/// files that strangers may write. Cost: a memcpy.
struct native_key {
    using axis = key_codec_axis;

    template <native_key_type Key>
    struct codec : detail::image_codec<Key> {
        static constexpr bool ordered = detail::bytes_in_order<Key>;
        static constexpr bool self_delimiting = true;
    };

    template <owned_text Key>
    struct codec<Key> : detail::plain_text_codec<Key> {
        using refilling = codec;
        static constexpr bool ordered = true;
        static constexpr bool self_delimiting = false;
    };
};
static_assert(key_codec_policy<native_key, std::uint32_t>);

/// Value codec, the default. Text (owned_text) is stored as it is, to the end of the row. Other
/// values, trivially copyable, as their memory image, padding included (its bytes are whatever they
/// were: choose `reflected` when they must not reach a disk, or when `equals` is to compare):
/// extent sizeof(Value), fewer bytes: corrupt. Cost: a memcpy.
struct native_value {
    using axis = value_codec_axis;

    template <class Value>
    struct codec;
    template <memory_image Value>
    struct codec<Value> : detail::image_codec<Value> {};
    template <owned_text Value>
    struct codec<Value> : detail::plain_text_codec<Value> {
        using refilling = codec;
    };
};
static_assert(value_codec_policy<native_value, double>);

} // namespace ashlar::inline v0_1
