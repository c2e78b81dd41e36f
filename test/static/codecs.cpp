// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana xxhash
// Which keys each key codec takes, and which it must not.

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/packed.hpp>
#include <ashlar/codec/slot.hpp>
#include <ashlar/codec/text.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace static_codecs {

using namespace ashlar;
using std::string;
using std::string_view;

enum class scoped : std::uint8_t { a, b };
enum plain { c, d };
struct padded {
    std::uint8_t a;
    std::uint32_t b;
};
struct dense {
    std::uint32_t a;
    std::uint32_t b;
};
struct with_float {
    float x;
};
/// Trivially copyable, a byte range, and half of it says nothing.
struct inline_text {
    char bytes[15];
    std::uint8_t used;
    const char* data() const;
    std::size_t size() const;
};
struct not_trivial {
    not_trivial(const not_trivial&);
};

// native_key: images that are all of their value, and owners of text.
static_assert(key_codec_policy<native_key, int>);
static_assert(key_codec_policy<native_key, bool>);
static_assert(key_codec_policy<native_key, scoped>);
static_assert(key_codec_policy<native_key, dense>);
static_assert(key_codec_policy<native_key, std::array<std::byte, 16>>);
static_assert(key_codec_policy<native_key, std::array<std::uint64_t, 2>>);
static_assert(key_codec_policy<native_key, string>);
static_assert(!key_codec_policy<native_key, padded>, "padding");
static_assert(!key_codec_policy<native_key, double>, "0.0 == -0.0 in unlike bytes");
static_assert(!key_codec_policy<native_key, with_float>);
static_assert(!key_codec_policy<native_key, string_view>, "a view would dangle");
static_assert(!key_codec_policy<native_key, bytes_view>);
static_assert(!key_codec_policy<native_key, int*>, "an address is not a key");
static_assert(!key_codec_policy<native_key, int dense::*>);
static_assert(!key_codec_policy<native_key, const char*>);
static_assert(!key_codec_policy<native_key, inline_text>);
static_assert(!key_codec_policy<native_key, std::vector<int>>);
static_assert(!key_codec_policy<native_key, std::unique_ptr<int>>);
static_assert(!key_codec_policy<native_key, not_trivial>);
static_assert(!key_codec_policy<native_key, int&>);
static_assert(!key_codec_policy<native_key, void>);

// The two concepts say which half is missing.
static_assert(memory_image<padded> && !equal_by_bytes<padded>);
static_assert(memory_image<double> && !equal_by_bytes<double>);
static_assert(!memory_image<string_view> && equal_by_bytes<string_view>);
static_assert(!memory_image<int*> && equal_by_bytes<int*>);

// native_value: floats and padding too, still no addresses.
static_assert(value_codec_policy<native_value, double>);
static_assert(value_codec_policy<native_value, padded>);
static_assert(value_codec_policy<native_value, string>, "text as it is");
static_assert(!value_codec_policy<native_value, string_view>);
static_assert(!value_codec_policy<native_value, int*>);
static_assert(!value_codec_policy<native_key, int>, "a key codec is no value codec");
static_assert(!key_codec_policy<native_value, int>);

// big_endian: numbers only, of a layout that is the same everywhere.
static_assert(key_codec_policy<big_endian, char>);
static_assert(key_codec_policy<big_endian, char32_t>);
static_assert(key_codec_policy<big_endian, scoped>);
static_assert(key_codec_policy<big_endian, std::byte>);
static_assert(key_codec_policy<big_endian, float>);
static_assert(key_codec_policy<big_endian, detail::uint128>);
static_assert(!key_codec_policy<big_endian, plain>, "its values are not all of its bytes");
static_assert(!key_codec_policy<big_endian, long double>);
static_assert(!key_codec_policy<big_endian, string>);
static_assert(!key_codec_policy<big_endian, dense>);
static_assert(!key_codec_policy<big_endian, int*>);
static_assert(!key_codec_policy<big_endian, const int>);
static_assert(!key_codec_policy<big_endian, std::nullptr_t>);

// text: owners only.
static_assert(key_codec_policy<text, string>);
static_assert(!key_codec_policy<text, string_view>);
static_assert(!key_codec_policy<text, bytes_view>);
static_assert(!key_codec_policy<text, const char*>);
static_assert(!key_codec_policy<text, int>);
static_assert(!key_codec_policy<text, std::vector<int>>);

// composite: structs and tuples all the way down.
static_assert(key_codec_policy<composite, std::tuple<int, string>>);
static_assert(key_codec_policy<composite, boost::hana::tuple<int, string>>);
static_assert(key_codec_policy<composite, std::pair<std::pair<bool, double>, string>>);
static_assert(key_codec_policy<composite, std::array<scoped, 3>>);
static_assert(!key_codec_policy<composite, std::tuple<>>, "no member, no key");
static_assert(!key_codec_policy<composite, boost::hana::tuple<>>);
static_assert(!key_codec_policy<composite, dense>, "not made known to Hana");
static_assert(!key_codec_policy<composite, int>);
static_assert(!key_codec_policy<composite, string>);
static_assert(!key_codec_policy<composite, std::tuple<int, string_view>>);
static_assert(!key_codec_policy<composite, std::tuple<int, long double>>);
static_assert(!key_codec_policy<composite, std::tuple<int, std::tuple<int*>>>);
static_assert(!key_codec_policy<composite, std::tuple<int, dense>>);
static_assert(!key_codec_policy<composite, std::pair<int, std::vector<int>>>);
static_assert(grouping_codec<composite::codec<std::pair<int, int>>>);
static_assert(!grouping_codec<composite::codec<std::tuple<int>>>, "nothing behind the group");
static_assert(!grouping_codec<big_endian::codec<int>>);
static_assert(!grouping_codec<text::codec<string>>);

// packed: as many unsigned numbers as fields, no field wider than its number.
using words = std::tuple<std::uint32_t, std::uint32_t>;
static_assert(key_codec_policy<packed<32, 32>, words>);
static_assert(key_codec_policy<packed<1, 31>, std::pair<bool, std::uint32_t>>);
static_assert(!key_codec_policy<packed<32>, words>, "one field for two numbers");
static_assert(!key_codec_policy<packed<32, 32, 1>, words>);
static_assert(!key_codec_policy<packed<33, 31>, words>, "a field wider than its number");
static_assert(!key_codec_policy<packed<2, 31>, std::pair<bool, std::uint32_t>>);
static_assert(!key_codec_policy<packed<0, 32>, words>);
static_assert(!key_codec_policy<packed<32, 32>, std::pair<std::int32_t, std::uint32_t>>, "a sign");
static_assert(!key_codec_policy<packed<32, 32>, std::pair<float, std::uint32_t>>);
static_assert(!key_codec_policy<packed<32, 32>, std::pair<string, std::uint32_t>>);
static_assert(!key_codec_policy<packed<32>, std::uint32_t>, "a number alone is big_endian's");

// object_entry: its own key type over an owner of text.
static_assert(key_codec_policy<object_entry, object_key<string>>);
static_assert(grouping_codec<object_entry::codec<object_key<string>>>);
static_assert(!key_codec_policy<object_entry, object_key<string_view>>);
static_assert(!key_codec_policy<object_entry, string>);
static_assert(!key_codec_policy<object_entry, std::pair<string, string>>);

// namespaced, slot, normalized: what the codec inside takes.
static_assert(key_codec_policy<namespaced<>, namespaced_key<string>>);
static_assert(key_codec_policy<namespaced<big_endian>, namespaced_key<int, string>>);
static_assert(!key_codec_policy<namespaced<big_endian>, namespaced_key<string>>);
static_assert(!key_codec_policy<namespaced<>, namespaced_key<double, string>>);
static_assert(!key_codec_policy<namespaced<>, namespaced_key<int>>, "a namespace is text");
static_assert(!key_codec_policy<namespaced<>, string>);
static_assert(!grouping_codec<namespaced<>::codec<namespaced_key<string>>>, "keys may be empty");

static_assert(key_codec_policy<slot<16, text>, string>);
static_assert(!key_codec_policy<slot<16, text>, int>);
static_assert(!key_codec_policy<slot<16, text, slot_of::group_prefix>, string>, "no group");
static_assert(key_codec_policy<slot<16, composite, slot_of::group_prefix>, std::pair<int, int>>);

static_assert(key_codec_policy<normalized<text, path_rule<>>, string>);
static_assert(!key_codec_policy<normalized<big_endian, path_rule<>>, string>);
static_assert(!key_codec_policy<normalized<big_endian, path_rule<>>, int>);
struct rule_without_limit {
    static result<bytes_view> apply(bytes_view text, std::byte*) noexcept { return text; }
    static void describe(sentence&) noexcept {}
};
struct rule_that_throws {
    static constexpr std::size_t max_size = 8;
    static result<bytes_view> apply(bytes_view text, std::byte*) { return text; }
    static void describe(sentence&) noexcept {}
};
static_assert(key_rule<utf8_rule<>> && !key_rule<rule_without_limit>);
static_assert(!key_rule<rule_that_throws>);

// No codec keeps anything.
static_assert(std::is_empty_v<big_endian::codec<int>> && std::is_empty_v<text::codec<string>>);
static_assert(std::is_empty_v<composite::codec<words>>);
static_assert(std::is_empty_v<packed<32, 32>::codec<words>>);
static_assert(std::is_empty_v<slot<16, text>::codec<string>>);

} // namespace static_codecs
