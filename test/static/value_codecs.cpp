// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal
// What is a value codec, and what must not be one.
#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/tagged.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <cereal/types/string.hpp>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace static_value_codecs {

struct fixed {
    int x;
};
struct dynamic {
    std::vector<std::string> x;
};
struct owns {
    std::unique_ptr<int> x;
};
struct keyed {
    std::map<int, int> x;
};
struct views {
    std::string_view x;
};
struct queued {
    std::deque<int> x;
};
struct plain {
    int x;
};
struct no_default {
    explicit no_default(int n) : x{n} {}
    int x;
};

} // namespace static_value_codecs
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::fixed, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::dynamic, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::owns, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::keyed, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::views, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::queued, x);
BOOST_HANA_ADAPT_STRUCT(static_value_codecs::no_default, x);

namespace static_value_codecs {

using namespace ashlar;

template <class P, class V>
concept stores = value_codec_policy<P, V>;

// raw: bytes that can be made from bytes, and nothing else.
static_assert(stores<raw, std::string> && stores<raw, std::string_view>);
static_assert(stores<raw, std::vector<std::byte>> && stores<raw, std::vector<signed char>>);
static_assert(stores<raw, std::array<unsigned char, 4>> && stores<raw, bytes_view>);
static_assert(!stores<raw, int> && !stores<raw, fixed> && !stores<raw, const char*>);
static_assert(!stores<raw, std::vector<int>> && !stores<raw, std::u16string>);
static_assert(!stores<raw, std::vector<bool>> && !stores<raw, std::array<bool, 4>>);
static_assert(!stores<raw, std::deque<char>> && !stores<raw, std::vector<std::string>>);
static_assert(raw_fixed<std::array<char, 2>> && !raw_fixed<std::string>);
static_assert(any_byte_range<std::string> && !any_byte_range<std::vector<bool>>);

// reflected: Hana structs of storable members.
static_assert(stores<reflected, fixed> && stores<reflected, dynamic>);
static_assert(!stores<reflected, plain> && !stores<reflected, int>);
static_assert(!stores<reflected, std::string> && !stores<reflected, std::vector<int>>);
static_assert(!stores<reflected, owns> && !stores<reflected, keyed> && !stores<reflected, views>);
static_assert(!stores<reflected, queued> && !stores<reflected, no_default>);
static_assert(storable_field<bool> && storable_field<double> && storable_field<decimal>);
static_assert(storable_field<std::optional<std::vector<std::array<std::string, 2>>>>);
static_assert(!storable_field<long double> && !storable_field<int*> && !storable_field<void>);
static_assert(!storable_field<text_view> && !storable_field<bytes_view>);

// tagged: its own two types.
static_assert(stores<tagged, tagged_value> && stores<tagged, tagged_view>);
static_assert(!stores<tagged, int> && !stores<tagged, std::string> && !stores<tagged, decimal>);

// checksummed: what its inner codec stores.
static_assert(stores<checksummed<raw>, std::string> && !stores<checksummed<raw>, int>);
static_assert(stores<checksummed<tagged>, tagged_value> && !stores<checksummed<tagged>, fixed>);
static_assert(stores<checksummed<reflected>, fixed> && !stores<checksummed<reflected>, plain>);

// cereal_value: needs a value to read into.
static_assert(stores<cereal_value<>, std::string> && !stores<cereal_value<>, no_default>);

// Value codecs stand on their own axis and know no order.
static_assert(on_axis<raw, value_codec_axis> && !on_axis<raw, key_codec_axis>);
static_assert(on_axis<cereal_value<>, value_codec_axis> && known_policy<checksummed<tagged>>);
static_assert(!key_codec_policy<raw, std::string> && !key_codec_policy<tagged, tagged_value>);
static_assert(!value_codec_policy<int, int> && !value_codec_policy<fixed, fixed>);

// Extents are known at compile time where they can be.
static_assert(reflected::codec<fixed>::extent == 2 + sizeof(int));
static_assert(reflected::codec<dynamic>::extent == dynamic_extent);
static_assert(checksummed<checksummed<reflected>>::codec<fixed>::extent == 10 + sizeof(int));

// No codec has a virtual function or a state.
static_assert(!std::is_polymorphic_v<tagged_value> && !std::is_polymorphic_v<decimal>);
static_assert(std::is_empty_v<raw::codec<std::string>> &&
              std::is_empty_v<cereal_value<>::codec<int>> &&
              std::is_empty_v<checksummed<raw>::codec<std::string>>);

} // namespace static_value_codecs
