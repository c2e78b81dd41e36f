// SPDX-License-Identifier: BSL-1.0
/// @file Defines raw: the value codec for values that are bytes already.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/guarded.hpp>

namespace ashlar::inline v0_1 {

/// What a byte range points at, without const.
template <byte_range T>
using byte_element_t = std::remove_cvref_t<decltype(*std::declval<const T&>().data())>;

/// Satisfied by ranges whose elements may hold any of 256 values (which a bool may not).
template <class T>
concept any_byte_range =
    byte_range<T> &&
    (std::same_as<byte_element_t<T>, std::byte> || std::same_as<byte_element_t<T>, char> ||
     std::same_as<byte_element_t<T>, unsigned char> ||
     std::same_as<byte_element_t<T>, signed char> || std::same_as<byte_element_t<T>, char8_t>);

/// Satisfied by std::array<std::byte, N> and its like: the length is part of the type.
template <class T>
concept raw_fixed =
    any_byte_range<T> && std::is_trivially_copyable_v<T> && requires { std::tuple_size<T>::value; };

/// Satisfied by std::string, std::string_view, bytes_view: made of (pointer, size).
template <class T>
concept raw_from_size = any_byte_range<T> && !raw_fixed<T> &&
                        std::is_constructible_v<T, const byte_element_t<T>*, std::size_t>;

/// Satisfied by std::vector<std::byte> and its like: made of (first, last).
template <class T>
concept raw_from_range =
    any_byte_range<T> && !raw_fixed<T> && !raw_from_size<T> &&
    std::is_constructible_v<T, const byte_element_t<T>*, const byte_element_t<T>*>;

/// Satisfied by the values that `raw` stores: byte ranges that can be made from bytes.
template <class T>
concept raw_value = raw_fixed<T> || raw_from_size<T> || raw_from_range<T>;

/// Value codec: the bytes as they are. An encoding has no end of its own, so decoding takes all
/// bytes that are left (for std::array<..., N>: exactly N, the extent).
///
/// A *view* type (bytes_view, std::string_view) is not copied: what is decoded points into the
/// stored bytes and dies with them, when the visitor returns. Owners copy once. No memory:
/// `out_of_memory`. Nothing else can fail; a value of any length is taken.
struct raw {
    using axis = value_codec_axis;

    template <raw_value Value>
    struct codec {
        static constexpr std::size_t extent = [] {
            if constexpr (raw_fixed<Value>) return std::tuple_size<Value>::value;
            else return dynamic_extent;
        }();

        using refilling = codec;

        [[nodiscard]] static result<std::size_t> size(const Value& value) noexcept {
            return static_cast<std::size_t>(value.size());
        }
        [[nodiscard]] static std::byte* encode(const Value& value, std::byte* out) noexcept {
            const bytes_view bytes{value};
            copy_bytes(out, bytes);
            return out + bytes.size();
        }
        [[nodiscard]] static result<Value> decode_some(bytes_view& in) {
            if constexpr (raw_fixed<Value>) {
                if (in.size() < extent) return errc::corrupt;
                Value value;
                copy_bytes(reinterpret_cast<std::byte*>(value.data()), in.first(extent));
                in = in.skip(extent);
                return value;
            } else {
                const bytes_view all = in;
                in = in.skip(in.size());
                return owned(all);
            }
        }
        /// Into the memory of an owner that is there.
        [[nodiscard]] static result<void> decode_into(Value& to, bytes_view& in) noexcept
            requires(!raw_fixed<Value> && !std::is_trivially_copyable_v<Value> &&
                     requires(const byte_element_t<Value>* at) { to.assign(at, at); })
        {
            const bytes_view all = in;
            in = in.skip(in.size());
            return guarded(errc::out_of_memory, [&]() -> result<void> {
                const auto* first = reinterpret_cast<const byte_element_t<Value>*>(all.data());
                to.assign(first, first + all.size());
                return {};
            });
        }
        static void describe(sentence& out) noexcept {
            out << "raw";
            if constexpr (raw_fixed<Value>) out << "[" << std::uint64_t{extent} << "]";
        }

      private:
        [[nodiscard]] static Value made(bytes_view all) {
            const auto* first = reinterpret_cast<const byte_element_t<Value>*>(all.data());
            if constexpr (raw_from_size<Value>) {
                // std::string(nullptr, 0) is not promised to be valid.
                if (all.empty() && !std::is_trivially_copyable_v<Value>) return Value();
                return Value(first, all.size());
            } else {
                return Value(first, first + all.size());
            }
        }
        [[nodiscard]] static result<Value> owned(bytes_view all) noexcept {
            if constexpr (std::is_trivially_copyable_v<Value>) {
                return made(all); // a view: nothing is allocated, nothing can throw
            } else {
                // bad_alloc or length_error: what else can a copy of bytes throw?
                return guarded(errc::out_of_memory, [&]() -> result<Value> { return made(all); });
            }
        }
    };
};
static_assert(value_codec_policy<raw, bytes_view>);

} // namespace ashlar::inline v0_1
