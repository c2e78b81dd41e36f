// SPDX-License-Identifier: BSL-1.0
/// @file Defines record_field: how each kind of member is stored, and read from hostile bytes.
#pragma once

#include <ashlar/decimal.hpp>

#include <bit>

namespace ashlar::inline v0_1 {

/// How one member is stored; undefined for types that can't be. A specialisation for a type of
/// your own has the members of `field_of_integer` below.
///   fixed, least_size   its length in bytes, exact when fixed; never 0 inside a sequence
///   measure(x, n, d)    adds the length to n; refuses what can't be stored
///   store(x, out)       writes it, returns the end
///   load(x, in, d)      reads it from hostile bytes; when fixed, least_size bytes are there
///   describe(out, d)    its format id
template <class T>
struct record_field;

/// Satisfied by types that can be a member of a stored record.
template <class T>
concept storable_field = requires { record_field<T>::least_size; };

/// What is left of the input.
struct field_reader {
    const std::byte* at;
    const std::byte* end;
    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end - at); }
};

/// Sequences may nest (a struct may hold a vector of itself), but no deeper than this.
inline constexpr unsigned max_record_depth = 64;
/// A format id shows sequences in sequences down to here: a vector of itself has no end.
inline constexpr unsigned described_depth = 3;

template <class T>
[[nodiscard]] errc load_field(T& to, field_reader& in, unsigned depth) {
    if constexpr (record_field<T>::fixed) {
        if (in.left() < record_field<T>::least_size) return errc::corrupt;
    }
    return record_field<T>::load(to, in, depth);
}

/// Bool, integers, floats and enumerations: their own size, least significant byte first.
template <class T, class Bits>
struct field_of_integer {
    static constexpr bool fixed = true;
    static constexpr std::size_t least_size = sizeof(Bits);
    [[nodiscard]] static errc measure(const T&, std::size_t& total, unsigned) noexcept {
        total += sizeof(Bits);
        return errc::ok;
    }
    [[nodiscard]] static std::byte* store(const T& value, std::byte* out) noexcept {
        store_little(out, std::bit_cast<Bits>(value));
        return out + sizeof(Bits);
    }
    [[nodiscard]] static errc load(T& to, field_reader& in, unsigned) noexcept {
        const Bits bits = load_little<Bits>(in.at);
        in.at += sizeof(Bits);
        if constexpr (holds_bool()) {
            if (bits > 1) return errc::corrupt; // any other bool is undefined behaviour later
        }
        to = std::bit_cast<T>(bits);
        return errc::ok;
    }
    static void describe(sentence& out, unsigned) noexcept {
        const bool is_signed = std::is_signed_v<T> && std::is_integral_v<T>;
        out << (std::is_floating_point_v<T> ? "f"
                : std::is_enum_v<T>         ? "e"
                : std::same_as<T, bool>     ? "b"
                : is_signed                 ? "i"
                                            : "u")
            << std::uint64_t{8 * sizeof(Bits)};
    }

  private:
    static consteval bool holds_bool() {
        if constexpr (std::is_enum_v<T>) return std::same_as<std::underlying_type_t<T>, bool>;
        else return std::same_as<T, bool>;
    }
};
template <class T>
    requires((std::is_arithmetic_v<T> || std::is_enum_v<T>) && sizeof(T) == 1)
struct record_field<T> : field_of_integer<T, std::uint8_t> {};
template <class T>
    requires((std::is_arithmetic_v<T> || std::is_enum_v<T>) && sizeof(T) == 2)
struct record_field<T> : field_of_integer<T, std::uint16_t> {};
template <class T>
    requires((std::is_arithmetic_v<T> || std::is_enum_v<T>) && sizeof(T) == 4)
struct record_field<T> : field_of_integer<T, std::uint32_t> {};
template <class T>
    requires((std::is_arithmetic_v<T> || std::is_enum_v<T>) && sizeof(T) == 8 &&
             !std::same_as<T, long double>)
struct record_field<T> : field_of_integer<T, std::uint64_t> {};

/// 14 bytes as decimal::store writes them.
template <>
struct record_field<decimal> {
    static constexpr bool fixed = true;
    static constexpr std::size_t least_size = decimal::encoded_size;
    [[nodiscard]] static errc measure(const decimal&, std::size_t& total, unsigned) noexcept {
        total += decimal::encoded_size;
        return errc::ok;
    }
    [[nodiscard]] static std::byte* store(const decimal& value, std::byte* out) noexcept {
        return value.store(out);
    }
    [[nodiscard]] static errc load(decimal& to, field_reader& in, unsigned) noexcept {
        const result<decimal> value = decimal::load(in.at);
        in.at += decimal::encoded_size;
        if (value) to = *value;
        return value.error().code;
    }
    static void describe(sentence& out, unsigned) noexcept { out << "decimal"; }
};

/// Satisfied by elements whose memory is their encoding: runs of them are copied whole.
template <class T>
concept little_endian_image =
    std::is_arithmetic_v<T> && !std::same_as<T, bool> && std::endian::native == std::endian::little;

/// N elements one behind the other, for std::array and C arrays.
template <class Array, storable_field Element, std::size_t N>
struct field_of_array {
    using element = record_field<Element>;
    static constexpr bool fixed = element::fixed;
    static constexpr std::size_t least_size = N * element::least_size;
    [[nodiscard]] static errc measure(const Array& value, std::size_t& total, unsigned depth) {
        if constexpr (fixed) {
            total += least_size;
        } else {
            for (const Element& e : value)
                if (const errc bad = element::measure(e, total, depth); bad != errc::ok) return bad;
        }
        return errc::ok;
    }
    [[nodiscard]] static std::byte* store(const Array& value, std::byte* out) noexcept {
        if constexpr (little_endian_image<Element>) {
            copy_bytes(out, {reinterpret_cast<const std::byte*>(&value), least_size});
            return out + least_size;
        } else {
            for (const Element& e : value) out = element::store(e, out);
            return out;
        }
    }
    [[nodiscard]] static errc load(Array& to, field_reader& in, unsigned depth) {
        if constexpr (little_endian_image<Element>) {
            copy_bytes(reinterpret_cast<std::byte*>(&to), {in.at, least_size});
            in.at += least_size;
        } else {
            for (Element& e : to) {
                const errc bad = fixed ? element::load(e, in, depth) : load_field(e, in, depth);
                if (bad != errc::ok) return bad;
            }
        }
        return errc::ok;
    }
    static void describe(sentence& out, unsigned depth) noexcept {
        element::describe(out, depth);
        out << "*" << std::uint64_t{N};
    }
};
template <storable_field Element, std::size_t N>
struct record_field<Element[N]> : field_of_array<Element[N], Element, N> {};
template <template <class, std::size_t> class Array, storable_field Element, std::size_t N>
    requires(std::tuple_size<Array<Element, N>>::value == N)
struct record_field<Array<Element, N>> : field_of_array<Array<Element, N>, Element, N> {};

/// Satisfied by std::string, std::vector<std::byte> and their like.
template <class T>
concept growing_bytes =
    byte_range<T> &&
    (std::integral<typename T::value_type> || std::same_as<typename T::value_type, std::byte>) &&
    requires(T& t, const typename T::value_type* p) { t.assign(p, p); };

/// Satisfied by std::vector and its like.
template <class T>
concept growing_sequence =
    !growing_bytes<T> && requires(T& t, const T& c, std::size_t n, typename T::value_type e) {
        c.size();
        c.begin();
        t.clear();
        t.reserve(n);
        t.push_back(std::move(e));
    };

/// Satisfied by std::optional and its like.
template <class T>
concept optional_value = requires(T& t, const T& c) {
    typename T::value_type;
    { c.has_value() } -> std::same_as<bool>;
    *c;
    t.reset();
    t.emplace();
};

/// Length u32, bytes.
template <growing_bytes T>
struct record_field<T> {
    static constexpr bool fixed = false;
    static constexpr std::size_t least_size = 4;
    [[nodiscard]] static errc measure(const T& value, std::size_t& total, unsigned) noexcept {
        if (value.size() > UINT32_MAX) return errc::value_too_long;
        total += 4 + value.size();
        return errc::ok;
    }
    [[nodiscard]] static std::byte* store(const T& value, std::byte* out) noexcept {
        store_little(out, static_cast<std::uint32_t>(value.size()));
        copy_bytes(out + 4, value);
        return out + 4 + value.size();
    }
    [[nodiscard]] static errc load(T& to, field_reader& in, unsigned) {
        if (in.left() < 4) return errc::corrupt;
        const auto n = load_little<std::uint32_t>(in.at);
        in.at += 4;
        if (n > in.left()) return errc::corrupt;
        const auto* first = reinterpret_cast<const typename T::value_type*>(in.at);
        to.assign(first, first + n);
        in.at += n;
        return errc::ok;
    }
    static void describe(sentence& out, unsigned) noexcept { out << "bytes"; }
};

/// Count u32, elements. The count is held against the bytes left before anything is reserved.
template <growing_sequence T>
struct record_field<T> {
    using value_type = typename T::value_type;
    // Not members: a struct may hold a vector of itself, whose size isn't known here yet.
    [[nodiscard]] static consteval std::size_t element_size() {
        static_assert(storable_field<value_type>,
                      "ashlar: the elements of a stored sequence have no format (pointers, views, "
                      "sets and maps have none); take a storable element or specialise "
                      "record_field for it");
        static_assert(record_field<value_type>::least_size > 0,
                      "ashlar: elements of a stored sequence need at least one byte each, else a "
                      "count has no bound; this element has none, so give it a member");
        return record_field<value_type>::least_size;
    }
    static constexpr bool fixed = false;
    static constexpr std::size_t least_size = 4;
    [[nodiscard]] static errc measure(const T& value, std::size_t& total, unsigned depth) {
        if (value.size() > UINT32_MAX) return errc::value_too_long;
        if (depth >= max_record_depth) return errc::invalid_argument;
        total += 4;
        if constexpr (record_field<value_type>::fixed) {
            total += value.size() * element_size();
        } else {
            for (const value_type& e : value) {
                const errc bad = record_field<value_type>::measure(e, total, depth + 1);
                if (bad != errc::ok) return bad;
            }
        }
        return errc::ok;
    }
    [[nodiscard]] static std::byte* store(const T& value, std::byte* out) noexcept {
        store_little(out, static_cast<std::uint32_t>(value.size()));
        out += 4;
        if constexpr (copied_whole()) {
            const bytes_view image{reinterpret_cast<const std::byte*>(value.data()),
                                   value.size() * sizeof(value_type)};
            copy_bytes(out, image);
            out += image.size();
        } else {
            for (const value_type& e : value) out = record_field<value_type>::store(e, out);
        }
        return out;
    }
    [[nodiscard]] static errc load(T& to, field_reader& in, unsigned depth) {
        if (in.left() < 4 || depth >= max_record_depth) return errc::corrupt;
        const auto n = load_little<std::uint32_t>(in.at);
        in.at += 4;
        if (n > in.left() / element_size()) return errc::corrupt;
        if constexpr (copied_whole()) {
            to.resize(n);
            copy_bytes(reinterpret_cast<std::byte*>(to.data()), {in.at, n * element_size()});
            in.at += n * element_size();
            return errc::ok;
        }
        to.clear();
        to.reserve(n);
        for (std::uint32_t i = 0; i < n; ++i) {
            value_type element{};
            if (const errc bad = load_field(element, in, depth + 1); bad != errc::ok) return bad;
            to.push_back(std::move(element));
        }
        return errc::ok;
    }
    static void describe(sentence& out, unsigned depth) noexcept {
        out << "[";
        if (depth < described_depth) record_field<value_type>::describe(out, depth + 1);
        else out << "...";
        out << "]";
    }

  private:
    [[nodiscard]] static consteval bool copied_whole() {
        return little_endian_image<value_type> && requires(T& t) {
            t.resize(1);
            { t.data() } -> std::same_as<value_type*>;
        };
    }
};

/// 0, or 1 and the value.
template <optional_value T>
    requires storable_field<typename T::value_type>
struct record_field<T> {
    using value = record_field<typename T::value_type>;
    static constexpr bool fixed = false;
    static constexpr std::size_t least_size = 1;
    [[nodiscard]] static errc measure(const T& x, std::size_t& total, unsigned depth) {
        total += 1;
        return x.has_value() ? value::measure(*x, total, depth) : errc::ok;
    }
    [[nodiscard]] static std::byte* store(const T& x, std::byte* out) noexcept {
        *out++ = static_cast<std::byte>(x.has_value());
        return x.has_value() ? value::store(*x, out) : out;
    }
    [[nodiscard]] static errc load(T& to, field_reader& in, unsigned depth) {
        if (in.left() < 1 || *in.at > std::byte{1}) return errc::corrupt;
        to.reset();
        if (*in.at++ == std::byte{0}) return errc::ok;
        return load_field(to.emplace(), in, depth);
    }
    static void describe(sentence& out, unsigned depth) noexcept {
        out << "?";
        value::describe(out, depth);
    }
};

} // namespace ashlar::inline v0_1
