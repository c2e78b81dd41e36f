// SPDX-License-Identifier: BSL-1.0
/// @file Defines packed<Bits...>: a key codec that puts small numbers into one machine word.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/hana_members.hpp>
#include <ashlar/detail/ordered_scalar.hpp>

namespace ashlar::inline v0_1 {

namespace detail {

/// Satisfied by numbers without a sign of at least `Bits` bits.
template <class T, unsigned Bits>
concept unsigned_field = (std::integral<T> || fixed_enum<T>) &&
                         (integer_of_t<T>(0) < integer_of_t<T>(-1)) && Bits > 0 &&
                         Bits <= (std::same_as<integer_of_t<T>, bool> ? 1 : 8 * sizeof(T));

template <class T, unsigned... Bits>
[[nodiscard]] consteval bool members_fit() noexcept {
    if constexpr (member_count<T> != sizeof...(Bits)) return false;
    else
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (unsigned_field<member_t<I, T>, Bits> && ...);
        }(member_indices<T>{});
}

} // namespace detail

/// Satisfied by structs and tuples of as many unsigned numbers as there are fields, each field no
/// wider than its number.
template <class T, unsigned... Bits>
concept packed_key = has_members<T> && requires { T{}; } && detail::members_fit<T, Bits...>();

/// Key codec: the members of a struct or tuple as fields of `Bits` bits, the first uppermost, in a
/// word of 64 bits when they fit and else of 128, what is left below them zero, stored big-endian:
/// packed<32, 32> is db << 32 | chunk, packed<32, 32, 32> is db << 96 | chunk << 64 | gen << 32.
/// Extent 8 or 16, ordered as the tuple is, self-delimiting; a backend compares it as one integer.
/// Errors: a number too large for its field: invalid_argument; fewer bytes, or a bit set below the
/// last field: corrupt. Cost: shifts, a comparison for each field narrower than its member, bswap.
template <unsigned... Bits>
struct packed {
    using axis = key_codec_axis;

    static constexpr unsigned used_bits = (Bits + ... + 0u);
    static_assert(used_bits > 0 && used_bits <= 128,
                  "ashlar: packed<Bits...> holds 1 to 128 bits in all; narrow the fields, "
                  "or choose composite");

    template <packed_key<Bits...> Key>
    struct codec {
        static constexpr std::size_t extent = used_bits <= 64 ? 8 : 16;
        static constexpr bool ordered = true;
        static constexpr bool self_delimiting = true;

        [[nodiscard]] static constexpr result<std::size_t> size(const Key& key) noexcept {
            const bool fit = over_fields([&](auto... i) { return (fits<i()>(key) && ...); });
            if (!fit) return errc::invalid_argument;
            return extent;
        }
        [[nodiscard]] static std::byte* encode(const Key& key, std::byte* out) noexcept {
            word packed_word = 0;
            over_fields([&](auto... i) {
                ((packed_word |= static_cast<word>(number<i()>(key)) << shift<i()>), ...);
            });
            detail::store_word(out, packed_word);
            return out + extent;
        }
        [[nodiscard]] static result<Key> decode_some(bytes_view& in) noexcept {
            if (in.size() < extent) return errc::corrupt;
            const auto found = detail::load_word<word>(in.data());
            if ((found & unused) != 0) return errc::corrupt;
            in = in.skip(extent);
            Key key{};
            over_fields([&](auto... i) {
                ((detail::member<i()>(key) =
                      static_cast<field<i()>>(static_cast<detail::integer_of_t<field<i()>>>(
                          found >> shift<i()> & mask<i()>))),
                 ...);
            });
            return key;
        }
        static constexpr void describe(sentence& text) noexcept {
            text << "packed";
            const char* before = "(";
            ((text << before << std::uint64_t{Bits}, before = ","), ...);
            text << ")";
        }

      private:
        using word = detail::word_t<extent>;
        static constexpr unsigned widths[sizeof...(Bits)] = {Bits...};
        static constexpr word unused = static_cast<word>((word{1} << (8 * extent - used_bits)) - 1);

        template <std::size_t I>
        using field = detail::member_t<I, Key>;
        template <std::size_t I>
        static constexpr unsigned shift = [] {
            unsigned bits = 8 * extent;
            for (std::size_t i = 0; i <= I; ++i) bits -= widths[i];
            return bits;
        }();
        template <std::size_t I>
        static constexpr word mask = static_cast<word>(~word{0}) >> (8 * extent - widths[I]);

        template <class F>
        static constexpr auto over_fields(F&& f) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return f(std::integral_constant<std::size_t, I>{}...);
            }(detail::member_indices<Key>{});
        }
        template <std::size_t I>
        [[nodiscard]] static constexpr auto number(const Key& key) noexcept {
            return static_cast<detail::integer_of_t<field<I>>>(detail::member<I>(key));
        }
        template <std::size_t I>
        [[nodiscard]] static constexpr bool fits(const Key& key) noexcept {
            return static_cast<word>(number<I>(key)) <= mask<I>;
        }
    };
};

} // namespace ashlar::inline v0_1
