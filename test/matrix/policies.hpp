// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "matrix/plan.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/packed.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/slot.hpp>
#include <ashlar/codec/tagged.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <string>
#include <utility>

namespace ashlar_test::matrix {

struct measured {
    std::int32_t degrees;
    std::uint16_t sensor;
    bool operator==(const measured&) const = default;
};
struct labelled {
    std::string label;
    std::uint16_t count;
    bool operator==(const labelled&) const = default;
};
struct point {
    std::int32_t x{};
    std::int32_t y{};
    template <class Archive> void serialize(Archive& archive) { archive(x, y); }
    bool operator==(const point&) const = default;
};

} // namespace ashlar_test::matrix

BOOST_HANA_ADAPT_STRUCT(ashlar_test::matrix::measured, degrees, sensor);
BOOST_HANA_ADAPT_STRUCT(ashlar_test::matrix::labelled, label, count);

// The policies that the plan names, with a key type for each key codec and a
// value type for each value codec.
namespace ashlar_test::matrix {

template <policy P> struct named;
template <> struct named<shared> : std::type_identity<ashlar::shared> {};
template <> struct named<single> : std::type_identity<ashlar::single> {};
template <>
struct named<unversioned> : std::type_identity<ashlar::unversioned> {};
template <> struct named<stamped> : std::type_identity<ashlar::stamped> {};
template <>
struct named<shared_version> : std::type_identity<ashlar::shared_version<ashlar::by_prefix>> {};
template <> struct named<posix> : std::type_identity<ashlar::posix> {};
template <> struct named<bare> : std::type_identity<ashlar::bare> {};

/// A key codec and three keys of it, `make(1) < make(2) < make(3)`.
/// `Fixed`: lengths must be known, so wrappers choose what to wrap accordingly.
template <policy P, bool Fixed> struct keys;

struct text_keys {
    using key = std::string;
    static key make(int i) { return "key:" + std::to_string(i); }
};
struct number_keys {
    using key = std::uint64_t;
    static key make(int i) { return static_cast<key>(i) << 40; }
};
struct object_keys {
    using key = ashlar::object_key<std::string>;
    static key make(int i) { return {"car", "part" + std::to_string(i)}; }
};
struct number_pairs {
    using key = std::pair<std::uint32_t, std::uint32_t>;
    static key make(int i) { return {7, static_cast<std::uint32_t>(i) << 20}; }
};

template <bool Fixed> struct keys<native_text, Fixed> : text_keys {
    using codec = ashlar::native_key;
};
template <bool Fixed> struct keys<native_number, Fixed> : number_keys {
    using codec = ashlar::native_key;
};
template <bool Fixed> struct keys<big_endian, Fixed> : number_keys {
    using codec = ashlar::big_endian;
};
template <bool Fixed> struct keys<text, Fixed> : text_keys {
    using codec = ashlar::text;
};
template <bool Fixed> struct keys<composite, Fixed> : number_pairs {
    using codec = ashlar::composite;
};
template <bool Fixed> struct keys<object_entry, Fixed> : object_keys {
    using codec = ashlar::object_entry;
};
template <bool Fixed> struct keys<namespaced, Fixed> {
    using codec = ashlar::namespaced<ashlar::text>;
    using key = ashlar::namespaced_key<std::string>;
    static key make(int i) { return {"tenant", "key:" + std::to_string(i)}; }
};
template <bool Fixed> struct keys<packed, Fixed> : number_pairs {
    using codec = ashlar::packed<32, 32>;
};
template <> struct keys<slot, false> : object_keys {
    using codec = ashlar::slot<16, ashlar::object_entry, ashlar::slot_of::group_prefix>;
};
template <> struct keys<slot, true> : number_keys {
    using codec = ashlar::slot<16, ashlar::big_endian>;
};
template <bool Fixed> struct keys<normalized, Fixed> : text_keys {
    using codec = ashlar::normalized<ashlar::native_key, ashlar::identifier_rule<>>;
};

/// A value codec and values of it; other numbers make other values.
template <policy P, bool Fixed> struct values;

template <bool Fixed> struct values<native_value, Fixed> {
    using codec = ashlar::native_value;
    using value = std::int64_t;
    static value make(int i) { return -i; }
};
template <> struct values<raw, false> {
    using codec = ashlar::raw;
    using value = std::string;
    static value make(int i) { return std::string(static_cast<std::size_t>(i) * 20, 'v'); }
};
template <> struct values<raw, true> {
    using codec = ashlar::raw;
    using value = std::array<std::byte, 5>;
    static value make(int i) { return {std::byte{1}, static_cast<std::byte>(i)}; }
};
template <> struct values<reflected, false> {
    using codec = ashlar::reflected;
    using value = labelled;
    static value make(int i) { return {"label", static_cast<std::uint16_t>(i)}; }
};
template <> struct values<reflected, true> {
    using codec = ashlar::reflected;
    using value = measured;
    static value make(int i) { return {-i, static_cast<std::uint16_t>(i)}; }
};
template <bool Fixed> struct values<cereal, Fixed> {
    using codec = ashlar::cereal_value<>;
    using value = point;
    static value make(int i) { return {i, -i}; }
};
template <bool Fixed> struct values<tagged, Fixed> {
    using codec = ashlar::tagged;
    using value = ashlar::tagged_value;
    static value make(int i) { return value::list({i, "two", nullptr}); }
};
template <bool Fixed> struct values<checksummed, Fixed> : values<raw, Fixed> {
    using codec = ashlar::checksummed<ashlar::raw>;
};

/// What a choice is made of, given the type of its backend: no file includes
/// all backends' headers only to run one.
template <choice C, class Backend> struct parts {
    static constexpr bool fixed = C[0] == static_map;
    using keys = matrix::keys<C[3], fixed>;
    using values = matrix::values<C[4], fixed>;
    using key = typename keys::key;
    using value = typename values::value;
    using composition = ashlar::composition<
        typename keys::codec, typename values::codec, Backend, typename named<C[2]>::type,
        ashlar::unreplicated, ashlar::ephemeral, ashlar::kept, ashlar::unindexed, ashlar::unlimited,
        ashlar::silent, ashlar::unmetered, typename named<C[1]>::type, typename named<C[5]>::type>;
    using store = ashlar::basic_store<key, value, composition>;
};

} // namespace ashlar_test::matrix
