// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the members of a struct are stored and read, one behind the other.
#pragma once

#include <ashlar/detail/hana_members.hpp>
#include <ashlar/format/record_field.hpp>

namespace ashlar::inline v0_1 {

/// The version that stands in front of a stored T. Specialise it when the members change:
/// `template <> inline constexpr std::uint16_t ashlar::record_version<account> = 2;`
template <class T>
inline constexpr std::uint16_t record_version = 1;

/// The members of T in the order of their adaptation, each read by its Field. What is left of the
/// input is held against a run of fixed members once, not against each of them.
template <template <class> class Field, class T, class Indices = detail::member_indices<T>>
struct loaded_members;

template <template <class> class Field, class T, std::size_t... I>
struct loaded_members<Field, T, std::index_sequence<I...>> {
    template <std::size_t N>
    using member = Field<detail::member_t<N, T>>;

    static constexpr bool fixed = (member<I>::fixed && ...);
    static constexpr std::size_t least_size = (member<I>::least_size + ... + 0);

    /// REQUIRES: when fixed, least_size bytes are there.
    [[nodiscard]] static errc load([[maybe_unused]] T& to, [[maybe_unused]] field_reader& in,
                                   [[maybe_unused]] unsigned depth) {
        errc bad = errc::ok;
        static_cast<void>(((bad = load_member<I>(to, in, depth), bad == errc::ok) && ...));
        return bad;
    }

  private:
    /// Bytes of the fixed members from the N-th on, up to the next that is not fixed, when the N-th
    /// begins such a run; else 0: its length was checked with the run's, or as a whole.
    template <std::size_t N>
    [[nodiscard]] static consteval std::size_t run_from() {
        constexpr bool is_fixed[] = {member<I>::fixed...};
        constexpr std::size_t sizes[] = {member<I>::least_size...};
        if (fixed || !is_fixed[N] || (N != 0 && is_fixed[N == 0 ? 0 : N - 1])) return 0;
        std::size_t total = 0;
        for (std::size_t i = N; i < sizeof...(I) && is_fixed[i]; ++i) total += sizes[i];
        return total;
    }
    template <std::size_t N>
    [[nodiscard, gnu::always_inline]] static errc load_member(T& to, field_reader& in,
                                                              unsigned depth) {
        if constexpr (run_from<N>() != 0)
            if (in.left() < run_from<N>()) return errc::corrupt;
        return member<N>::load(detail::member<N>(to), in, depth);
    }
};

template <class T, std::size_t... I>
[[nodiscard]] consteval bool all_members_storable(std::index_sequence<I...>) {
    return (storable_field<detail::member_t<I, T>> && ...);
}

/// Answers nothing but the sentence. In a function, for a class of a failed assertion is none.
template <class T>
[[nodiscard]] consteval errc refused_struct() {
    static_assert(
        all_members_storable<T>(detail::member_indices<T>{}),
        "ashlar: reflected can't store a member of this struct (pointers, views, sets and "
        "maps have no format); take a storable member or specialise record_field for it");
    return errc::unsupported;
}

/// A struct inside a struct: its members in order of their adaptation, no padding, no version. This
/// is of one that can't be stored: it has all that a field has, so that the sentence stands alone.
template <class T, class Indices = detail::member_indices<T>>
struct field_of_struct {
    static constexpr bool fixed = refused_struct<T>() != errc::ok;
    static constexpr std::size_t least_size = 1;
    static errc measure(const T&, std::size_t&, unsigned) noexcept { return refused_struct<T>(); }
    static std::byte* store(const T&, std::byte* out) noexcept { return out; }
    static errc load(T&, field_reader&, unsigned) { return refused_struct<T>(); }
    static void describe(sentence&, unsigned) noexcept {}
};

template <class T, std::size_t... I>
    requires(all_members_storable<T>(std::index_sequence<I...>{}))
struct field_of_struct<T, std::index_sequence<I...>> {
    template <std::size_t N>
    using member = record_field<detail::member_t<N, T>>;

    using members = loaded_members<record_field, T, std::index_sequence<I...>>;

    static constexpr bool fixed = members::fixed;
    static constexpr std::size_t least_size = members::least_size;

    [[nodiscard]] static errc measure([[maybe_unused]] const T& value, std::size_t& total,
                                      [[maybe_unused]] unsigned depth) {
        errc bad = errc::ok;
        if constexpr (fixed) total += least_size;
        else
            static_cast<void>(((bad = member<I>::measure(detail::member<I>(value), total, depth),
                                bad == errc::ok) &&
                               ...));
        return bad;
    }
    [[nodiscard]] static std::byte* store([[maybe_unused]] const T& value,
                                          std::byte* out) noexcept {
        ((out = member<I>::store(detail::member<I>(value), out)), ...);
        return out;
    }
    [[nodiscard]] static errc load(T& to, field_reader& in, unsigned depth) {
        return members::load(to, in, depth);
    }
    static void describe(sentence& out, [[maybe_unused]] unsigned depth) noexcept {
        out << "{";
        ((out << (I == 0 ? "" : " "), member<I>::describe(out, depth)), ...);
        out << "}";
    }
};

template <hana_struct T>
struct record_field<T> : field_of_struct<T> {};

/// Satisfied by Hana structs (BOOST_HANA_ADAPT_STRUCT, BOOST_HANA_DEFINE_STRUCT) whose members can
/// all be stored: bool, integers, floats up to 64 bits, enumerations, decimal, strings, byte
/// vectors, std::array and C arrays, vectors, optionals, nested Hana structs; no pointers or views.
template <class T>
concept reflected_record =
    hana_struct<T> && requires { T{}; } && all_members_storable<T>(detail::member_indices<T>{});

} // namespace ashlar::inline v0_1
