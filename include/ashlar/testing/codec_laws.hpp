// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of codecs as functions that any test framework can call.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/codec/concept.hpp>
#include <ashlar/testing/random.hpp>

namespace ashlar::inline v0_1::testing {

/// Satisfied by what draws samples: `samples(random) -> T`. It may also have
///   normal(x) -> T        the form in which x comes back (default: x itself)
///   equal(x, y), less(x, y)   on normal forms (default: == and <)
/// Good samples are often alike: short, from a small alphabet, near the ends of their range.
template <class S>
concept codec_samples = requires(S& samples, random_source& random) { samples(random); };

/// Satisfied by what takes verdicts: called once for each law that was tried, with its name.
template <class C>
concept law_check = requires(C& check) { check(true, "law"); };

struct codec_law_options {
    std::size_t rounds = 1000;
    std::uint64_t seed = 1;
    bool canonical = true; ///< whatever decodes re-encodes to the bytes it came from
};

namespace law {

/// A copy that ends where the heap block ends, so that a sanitizer sees any read behind it.
class exact_copy {
  public:
    explicit exact_copy(bytes_view bytes)
        : data_{new std::byte[bytes.size()]}, size_{bytes.size()} {
        copy_bytes(data_, bytes);
    }
    exact_copy(const exact_copy&) = delete;
    exact_copy& operator=(const exact_copy&) = delete;
    ~exact_copy() { delete[] data_; }
    [[nodiscard]] bytes_view view() const noexcept { return {data_, size_}; }

  private:
    std::byte* data_;
    std::size_t size_;
};

template <class Samples, class T>
[[nodiscard]] T normal_form(Samples& samples, const T& x) {
    if constexpr (requires { samples.normal(x); }) return samples.normal(x);
    else return x;
}
template <class Samples, class T>
[[nodiscard]] bool equal(Samples& samples, const T& x, const T& y) {
    if constexpr (requires { samples.equal(x, y); }) return samples.equal(x, y);
    else return x == y;
}
template <class Samples, class T>
[[nodiscard]] bool less(Samples& samples, const T& x, const T& y) {
    if constexpr (requires { samples.less(x, y); }) return samples.less(x, y);
    else return x < y;
}

template <class Codec>
[[nodiscard]] consteval bool self_delimiting() {
    if constexpr (requires { Codec::self_delimiting; }) return Codec::self_delimiting;
    else return Codec::extent != dynamic_extent;
}

/// Encodes x, watched: the size is exact, nothing is written behind it. False when x is refused.
template <class Codec, class T, law_check Check>
bool encode(const T& x, byte_buffer& out, Check& check) {
    constexpr std::size_t fence = 8;
    constexpr std::byte paint{0xA5};
    const result<std::size_t> size = Codec::size(x);
    if (!size) return false;
    out.clear();
    std::byte* const begin = out.extend(*size + fence);
    if (begin == nullptr) return false;
    for (std::size_t i = 0; i < fence; ++i) begin[*size + i] = paint;
    const std::byte* const end = Codec::encode(x, begin);
    check(end == begin + *size, "encode writes exactly size() bytes");
    bool whole = true;
    for (std::size_t i = 0; i < fence; ++i) whole = whole && begin[*size + i] == paint;
    check(whole, "encode writes nothing behind its end");
    if constexpr (Codec::extent != dynamic_extent)
        check(*size == Codec::extent, "size() is the extent");
    out.truncate(*size);
    return true;
}

/// A codec that decodes into a value that is there, whatever it held, makes of it what it would
/// have made anew.
template <class Codec, class T, law_check Check>
void refilling(bytes_view bytes, decoder<Codec, T>& used, Check& check) {
    if constexpr (refilling_codec<Codec, T>) {
        const result<T> anew = decode_all<Codec, T>(bytes);
        const result<T>& refilled = used.next(bytes);
        check(anew.has_value() == refilled.has_value(), "decode_into takes what decode_some takes");
        byte_buffer one;
        byte_buffer other;
        if (!anew || !refilled || !encode<Codec>(*anew, one, check)) return;
        check(encode<Codec>(*refilled, other, check) && one.view() == other.view(),
              "decode_into makes what decode_some makes");
    }
}

/// Any bytes give an error or a value that re-encodes to the bytes that were taken.
template <class Codec, class T, law_check Check>
void hostile_bytes(bytes_view bytes, decoder<Codec, T>& used, byte_buffer& again, bool canonical,
                   Check& check) {
    const exact_copy input{bytes};
    refilling(input.view(), used, check);
    bytes_view rest = input.view();
    const result<T> value = Codec::decode_some(rest);
    if (!value) return;
    const std::size_t taken = input.view().size() - rest.size();
    check(rest.size() <= bytes.size() && rest.end() == input.view().end(),
          "decode_some takes bytes from the front only");
    check(encode<Codec>(*value, again, check), "what decodes can be encoded");
    if (canonical)
        check(again.view() == input.view().first(taken), "what decodes re-encodes to its bytes");
}

template <class Codec, class T, law_check Check>
void truncation(bytes_view whole, decoder<Codec, T>& used, byte_buffer& again, bool canonical,
                Check& check) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
        if constexpr (self_delimiting<Codec>()) {
            const exact_copy input{whole.first(n)};
            bytes_view rest = input.view();
            check(!Codec::decode_some(rest).has_value(), "a truncated encoding is an error");
        } else hostile_bytes<Codec, T>(whole.first(n), used, again, canonical, check);
    }
}

/// Bytes near the valid ones, and bytes far from them.
template <class Codec, class T, law_check Check>
void garbage(bytes_view whole, random_source& random, decoder<Codec, T>& used, byte_buffer& again,
             bool canonical, Check& check) {
    byte_buffer bytes;
    if (!bytes.assign(whole)) return;
    for (std::uint64_t changes = 1 + random.below(3); !whole.empty() && changes != 0; --changes)
        bytes.data()[random.below(whole.size())] = random.one_in(2) ? random.byte() : std::byte{0};
    hostile_bytes<Codec, T>(bytes.view(), used, again, canonical, check);
    bytes.clear();
    const std::size_t length = random.below(40);
    std::byte* const at = bytes.extend(length);
    for (std::size_t i = 0; i < length && at != nullptr; ++i)
        at[i] = random.one_in(3) ? static_cast<std::byte>(random.below(3)) : random.byte();
    hostile_bytes<Codec, T>(bytes.view(), used, again, canonical, check);
}

template <class Codec, class T, class Samples, law_check Check>
void round_trip(const T& x, bytes_view whole, Samples& samples, random_source& random,
                Check& check) {
    const exact_copy input{whole};
    bytes_view rest = input.view();
    const result<T> back = Codec::decode_some(rest);
    check(back.has_value() && rest.empty(), "decode_some takes back what encode wrote");
    if (back) check(equal(samples, *back, normal_form(samples, x)), "decode(encode(x)) == x");
    if constexpr (self_delimiting<Codec>()) {
        byte_buffer longer;
        const std::byte tail[3] = {random.byte(), random.byte(), random.byte()};
        if (!longer.assign(whole) || !append(longer, bytes_view{tail, 3})) return;
        rest = longer.view();
        const result<T> first = Codec::decode_some(rest);
        check(first.has_value() && rest.size() == 3, "decode_some stops at the encoding's end");
    }
}

template <class Codec, law_check Check>
void grouping(bytes_view whole, random_source& random, Check& check) {
    const result<std::size_t> prefix = Codec::prefix_size(whole);
    check(prefix.has_value() && *prefix > 0 && *prefix <= whole.size(),
          "every key has a group prefix");
    if (!prefix) return;
    byte_buffer row;
    const std::byte tail[2] = {random.byte(), random.byte()};
    if (!row.assign(whole.first(*prefix)) || !append(row, bytes_view{tail, 2})) return;
    check(Codec::prefix_size(row.view()).value_or(0) == *prefix,
          "the group prefix ends where it says, whatever follows");
    row.truncate(*prefix);
    if (!append(row, Codec::group_row)) return;
    check(!(row.view() == whole), "no key equals its group's own row");
    check(Codec::prefix_size(row.view()).value_or(0) == *prefix, "the group's row is of the group");
}

/// The laws of two keys: memcmp orders them as they are ordered, unlike keys have unlike bytes,
/// no encoding begins another.
template <class Codec, class T, class Samples, law_check Check>
void pair(const T& x, bytes_view xs, const T& y, bytes_view ys, Samples& samples, Check& check) {
    const T a = normal_form(samples, x);
    const T b = normal_form(samples, y);
    const bool same = equal(samples, a, b);
    check(same == (xs == ys), "keys are equal exactly when their bytes are");
    if constexpr (Codec::ordered) {
        check(less(samples, a, b) == (compare(xs, ys) < 0), "order(x, y) == order(bytes)");
        check(less(samples, b, a) == (compare(ys, xs) < 0), "order(y, x) == order(bytes)");
    }
    if constexpr (self_delimiting<Codec>())
        if (!same) check(!xs.starts_with(ys) && !ys.starts_with(xs), "no encoding begins another");
}

} // namespace law

/// Tries the laws that codecs of keys and of values share: exact size, round trip, truncation at
/// every byte, hostile bytes. Samples that the codec refuses are skipped; the number of those that
/// it took is the answer, and a test should look at it. Needs a heap; run it under a sanitizer too.
template <class Codec, codec_samples Samples, law_check Check>
std::size_t check_codec_laws(Samples&& samples, Check&& check, codec_law_options options = {}) {
    using T = std::remove_cvref_t<decltype(samples(std::declval<random_source&>()))>;
    static_assert(codec_for<Codec, T>);
    random_source random{options.seed};
    byte_buffer whole;
    byte_buffer again;
    decoder<Codec, T> used;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < options.rounds; ++i) {
        const T x = samples(random);
        if (!law::encode<Codec>(x, whole, check)) continue;
        ++taken;
        law::round_trip<Codec>(x, whole.view(), samples, random, check);
        law::refilling(whole.view(), used, check);
        law::truncation<Codec, T>(whole.view(), used, again, options.canonical, check);
        law::garbage<Codec, T>(whole.view(), random, used, again, options.canonical, check);
        if constexpr (grouping_codec<Codec>) law::grouping<Codec>(whole.view(), random, check);
    }
    return taken;
}

/// Tries the laws of pairs of keys: order, equality, prefixes. Each sample is paired with the one
/// before. Cheap: a million pairs of numbers take a fraction of a second.
template <class Codec, codec_samples Samples, law_check Check>
std::size_t check_key_pair_laws(Samples&& samples, Check&& check, codec_law_options options = {}) {
    using T = std::remove_cvref_t<decltype(samples(std::declval<random_source&>()))>;
    static_assert(key_codec_for<Codec, T>);
    random_source random{options.seed};
    byte_buffer bytes[2];
    std::size_t taken = 0;
    T before = samples(random);
    bool paired = law::encode<Codec>(before, bytes[0], check);
    for (std::size_t i = 0; i < options.rounds; ++i) {
        T x = samples(random);
        if (!law::encode<Codec>(x, bytes[1], check)) continue;
        if (paired) {
            ++taken;
            law::pair<Codec>(before, bytes[0].view(), x, bytes[1].view(), samples, check);
        }
        std::swap(bytes[0], bytes[1]);
        before = std::move(x);
        paired = true;
    }
    return taken;
}

} // namespace ashlar::inline v0_1::testing
