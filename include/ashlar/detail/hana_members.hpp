// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the members of a Hana struct, a Hana tuple or a standard tuple are reached.
#pragma once

#include <ashlar/bytes.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/at.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/tag_of.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/tuple.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by structs made known by BOOST_HANA_ADAPT_STRUCT or BOOST_HANA_DEFINE_STRUCT.
template <class T>
concept hana_struct = boost::hana::Struct<T>::value;

/// Satisfied by boost::hana::tuple.
template <class T>
concept hana_tuple = std::same_as<boost::hana::tag_of_t<T>, boost::hana::tuple_tag>;

/// Satisfied by std::pair, std::tuple, std::array (none of them is included here).
template <class T>
concept standard_tuple = requires { std::tuple_size<T>::value; };

/// Satisfied by types whose members can be counted and reached by number.
template <class T>
concept has_members = hana_struct<T> || hana_tuple<T> || standard_tuple<T>;

namespace detail {

template <has_members T>
[[nodiscard]] consteval std::size_t count_members() noexcept {
    if constexpr (hana_struct<T>)
        return decltype(boost::hana::length(boost::hana::accessors<T>()))::value;
    else if constexpr (hana_tuple<T>)
        return decltype(boost::hana::length(std::declval<const T&>()))::value;
    else return std::tuple_size<T>::value;
}
template <has_members T>
inline constexpr std::size_t member_count = count_members<T>();

/// Member number I, in the order in which the struct was made known. Object may be const.
template <std::size_t I, class Object>
[[nodiscard]] constexpr auto& member(Object& object) noexcept {
    using object_type = std::remove_const_t<Object>;
    if constexpr (hana_struct<object_type>)
        return boost::hana::second(boost::hana::at_c<I>(boost::hana::accessors<object_type>()))(
            object);
    else if constexpr (hana_tuple<object_type>) return boost::hana::at_c<I>(object);
    else return get<I>(object);
}
template <std::size_t I, class T>
using member_t = std::remove_cvref_t<decltype(member<I>(std::declval<T&>()))>;

template <has_members T>
using member_indices = std::make_index_sequence<member_count<T>>;

} // namespace detail
} // namespace ashlar::inline v0_1
