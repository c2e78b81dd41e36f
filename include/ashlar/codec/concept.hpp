// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a codec is: how a typed key or value becomes bytes and comes back.
#pragma once

#include <ashlar/axis.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// What a codec says of itself. A codec is a stateless type with static members:
///
///   extent          encoded length, or dynamic_extent
///   ordered         (keys) memcmp order of encodings == order of values
///   self_delimiting (keys, optional) no encoding begins another's, so others may follow it
///   view(x)         (optional) the encoding, where it is bytes that x holds already
///   size(x)         result<std::size_t>, exact; the only place where a value is refused
///   encode(x, out)  writes exactly that many bytes, returns the end; noexcept, can't fail
///   decode_some(in) result<T>; consumes a prefix of `in`: components of composites need it
///   decode_into(x, in) (optional) the same as result<void>, into an x that is there, whose memory
///                   is used again; after an error x may hold any value
///   refilling       (optional) the codec itself, where decode_into keeps nothing of what x held
///   describe(out)   appends the format's explicit id to a sentence: "big_endian(u64)"
///
/// The bytes given to decode_some are hostile: every length is checked before use.
template <class C, class T>
concept codec_for = requires(const T& value, std::byte* out, bytes_view& in, sentence& text) {
    { C::extent } -> std::convertible_to<std::size_t>;
    { C::size(value) } -> std::same_as<result<std::size_t>>;
    { C::encode(value, out) } noexcept -> std::same_as<std::byte*>;
    { C::decode_some(in) } -> std::same_as<result<T>>;
    C::describe(text);
};

/// Satisfied by codecs of keys, which also say whether they keep order.
template <class C, class T>
concept key_codec_for = codec_for<C, T> && requires {
    { C::ordered } -> std::convertible_to<bool>;
};

/// Satisfied by key codecs whose first component stands apart: `prefix_size(key)` bytes name the
/// group a key belongs to, `group_row` bytes behind it name the group's own row, and no key of a
/// value ever equals that row's key.
template <class C>
concept grouping_codec = requires(bytes_view key) {
    { C::prefix_size(key) } -> std::same_as<result<std::size_t>>;
    { C::group_row } -> std::convertible_to<bytes_view>;
};

/// Satisfied by policies of the key codec axis: they give a codec for each key type.
template <class P, class Key>
concept key_codec_policy =
    on_axis<P, key_codec_axis> && (requires { typename P::template codec<Key>; }) &&
    key_codec_for<typename P::template codec<Key>, Key>;

template <class P, class Value>
concept value_codec_policy =
    on_axis<P, value_codec_axis> && codec_for<typename P::template codec<Value>, Value>;

/// Satisfied by codecs that can decode into a T that is there.
template <class C, class T>
concept decoding_into = requires(T& to, bytes_view& in) {
    { C::decode_into(to, in) } -> std::same_as<result<void>>;
    requires !requires { typename C::refilling; } || std::same_as<typename C::refilling, C>;
};
/// Satisfied by codecs whose decode_into keeps nothing of what x held: it makes of any T what
/// decode_some would have made. Such a codec says `using refilling =` itself. A codec that derives
/// from it, and may refuse more, does not count as one by inheritance: decode_into would then
/// refuse too little.
template <class C, class T>
concept refilling_codec =
    std::default_initializable<T> && decoding_into<C, T> && requires { typename C::refilling; };

/// Decodes the whole of `bytes`; a remainder is corruption. Always inlined: where two stores have
/// keys of one type, g++ would call it for each row of an iteration.
template <class Codec, class T>
[[nodiscard, gnu::always_inline]] inline result<T> decode_all(bytes_view bytes) {
    result<T> value = Codec::decode_some(bytes);
    if (value && !bytes.empty()) return errc::corrupt;
    return value;
}

/// Decodes one value after another: what next() answers is the caller's, or lives until the next
/// call where the codec decodes into the same T, whose memory is used again.
template <class Codec, class T>
struct decoder {
    [[nodiscard, gnu::always_inline]] static result<T> next(bytes_view bytes) {
        return decode_all<Codec, T>(bytes);
    }
};
template <class Codec, class T>
    requires refilling_codec<Codec, T>
struct decoder<Codec, T> {
    result<T> last{T{}};

    [[nodiscard]] const result<T>& next(bytes_view bytes) {
        if (!last) last = T{};
        if (const auto done = Codec::decode_into(*last, bytes); !done) last = done.error();
        else if (!bytes.empty()) last = errc::corrupt;
        return last;
    }
};

} // namespace ashlar::inline v0_1
