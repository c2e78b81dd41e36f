// SPDX-License-Identifier: BSL-1.0
/// @file Defines composite: the key codec of structs and tuples, member after member.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/hana_members.hpp>
#include <ashlar/detail/ordered_scalar.hpp>
#include <ashlar/detail/text_bytes.hpp>

namespace ashlar::inline v0_1 {

/// The codec of a component. Specialise it for a type of your own: a key codec that is also
/// self-delimiting and has `skip(bytes_view& in) -> bool`, which steps over one encoding.
template <class T>
struct key_component;

template <ordered_scalar T>
struct key_component<T> : detail::ordered_scalar_codec<T> {};

template <owned_text T>
struct key_component<T> : detail::escaped_text_codec<T> {};

/// Satisfied by types that may be members of a composite key.
template <class T>
concept composable = key_codec_for<key_component<T>, T> && requires(bytes_view& in) {
    requires key_component<T>::self_delimiting;
    { key_component<T>::skip(in) } -> std::same_as<bool>;
};

namespace detail {

template <class T>
[[nodiscard]] consteval bool members_composable() noexcept {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return sizeof...(I) != 0 && (composable<member_t<I, T>> && ...);
    }(member_indices<T>{});
}

} // namespace detail

/// Satisfied by the keys that composite takes: structs and tuples, not empty, whose members are
/// numbers, text, or such structs and tuples in turn.
template <class T>
concept composite_key = has_members<T> && requires { T{}; } && detail::members_composable<T>();

namespace detail {

template <composite_key T>
struct composite_codec {
  private:
    using indices = member_indices<T>;
    template <std::size_t I>
    using component = key_component<member_t<I, T>>;

    template <class F>
    static constexpr auto over_members(F&& f) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return f(std::integral_constant<std::size_t, I>{}...);
        }(indices{});
    }

  public:
    static constexpr std::size_t extent = over_members([](auto... i) {
        const bool fixed = ((component<i()>::extent != dynamic_extent) && ...);
        return fixed ? (component<i()>::extent + ...) : dynamic_extent;
    });
    static constexpr bool ordered =
        over_members([](auto... i) { return (component<i()>::ordered && ...); });
    static constexpr bool self_delimiting = true;

    [[nodiscard]] static constexpr result<std::size_t> size(const T& key) noexcept {
        std::size_t total = 0;
        error failure;
        const auto add = [&](result<std::size_t> one) {
            if (!one) failure = one.error();
            else if (__builtin_add_overflow(total, *one, &total)) failure.code = errc::key_too_long;
            return failure.code == errc::ok;
        };
        const bool all = over_members(
            [&](auto... i) { return (add(component<i()>::size(member<i()>(key))) && ...); });
        if (!all) return failure;
        return total;
    }
    [[nodiscard]] static std::byte* encode(const T& key, std::byte* out) noexcept {
        over_members(
            [&](auto... i) { ((out = component<i()>::encode(member<i()>(key), out)), ...); });
        return out;
    }
    [[nodiscard]] static result<T> decode_some(bytes_view& in) noexcept {
        if constexpr (extent != dynamic_extent) // one comparison; the members' own then vanish
            if (in.size() < extent) return errc::corrupt;
        T key{};
        error failure;
        const auto take = [&](auto& to, auto one) {
            const bool fine = one.has_value();
            if (fine) to = *std::move(one);
            else failure = one.error();
            return fine;
        };
        const bool all = over_members([&](auto... i) {
            return (take(member<i()>(key), component<i()>::decode_some(in)) && ...);
        });
        if (!all) return failure;
        return key;
    }
    [[nodiscard]] static bool skip(bytes_view& in) noexcept {
        return over_members([&](auto... i) { return (component<i()>::skip(in) && ...); });
    }
    static constexpr void describe(sentence& text) noexcept {
        text << "composite(";
        over_members([&](auto... i) {
            ((text << (i() == 0 ? "" : ","), component<i()>::describe(text)), ...);
        });
        text << ")";
    }

    /// The first member names the group: its rows are contiguous, the group's own row first.
    [[nodiscard]] static result<std::size_t> prefix_size(bytes_view key) noexcept
        requires(member_count<T> >= 2)
    {
        bytes_view rest = key;
        if (!component<0>::skip(rest)) return errc::corrupt;
        return key.size() - rest.size();
    }
    /// Nothing follows the prefix of the group's own row, and every key has a second member.
    static constexpr bytes_view group_row{};
};

} // namespace detail

template <composite_key T>
struct key_component<T> : detail::composite_codec<T> {};

/// Key codec: the members of a Hana struct, Hana tuple, std::pair, std::tuple or std::array in the
/// order in which they are declared to Hana; numbers as big_endian, text as text, structs nested.
/// Sorts by the first member, then the second, ... Extent: the sum when all members have one, else
/// dynamic. Ordered, self-delimiting, grouping by the first member when there are two or more.
/// Errors: those of the members; a part that is missing: corrupt. Cost: that of the members.
struct composite {
    using axis = key_codec_axis;

    template <composite_key Key>
    using codec = detail::composite_codec<Key>;
};

} // namespace ashlar::inline v0_1
