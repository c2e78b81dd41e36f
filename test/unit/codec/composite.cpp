// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "key_codec_tools.hpp"

#include <ashlar/codec/composite.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/equal.hpp>
#include <boost/hana/less.hpp>

#include <array>
#include <tuple>

namespace composite_test {

/// The attribute index of R-13, with times that sort when they are negative.
struct index_key {
    std::uint32_t attribute;
    std::uint32_t value;
    std::int64_t start;
    std::int64_t end;
    std::uint32_t record;
    auto operator<=>(const index_key&) const = default;
};

/// The perspective index of R-14.
struct perspective_key {
    BOOST_HANA_DEFINE_STRUCT(perspective_key, (std::string, perspective), (std::uint32_t, record));
    bool operator==(const perspective_key&) const = default;
};

struct nested_key {
    perspective_key first;
    std::string second;
    bool third;
};

} // namespace composite_test

BOOST_HANA_ADAPT_STRUCT(composite_test::index_key, attribute, value, start, end, record);
BOOST_HANA_ADAPT_STRUCT(composite_test::nested_key, first, second, third);

/// A type of the user's own: stored as one byte, backwards.
struct reversed {
    std::uint8_t number = 0;
    bool operator==(const reversed&) const = default;
};
template <>
struct ashlar::key_component<reversed> {
    static constexpr std::size_t extent = 1;
    static constexpr bool ordered = false;
    static constexpr bool self_delimiting = true;
    static result<std::size_t> size(const reversed&) noexcept { return extent; }
    static std::byte* encode(const reversed& value, std::byte* out) noexcept {
        *out = static_cast<std::byte>(255 - value.number);
        return out + 1;
    }
    static result<reversed> decode_some(bytes_view& in) noexcept {
        if (in.empty()) return errc::corrupt;
        const auto number = static_cast<std::uint8_t>(255 - static_cast<unsigned>(in[0]));
        in = in.skip(1);
        return reversed{number};
    }
    static bool skip(bytes_view& in) noexcept {
        if (in.empty()) return false;
        in = in.skip(1);
        return true;
    }
    static void describe(sentence& text) noexcept { text << "reversed"; }
};

using namespace ashlar;
using namespace key_codec_tools;
using namespace composite_test;
using namespace std::string_literals;
namespace hana = boost::hana;

namespace {

template <class T>
using codec_of = composite::codec<T>;
using pair_key = std::pair<std::string, std::int32_t>;
using tuple_key = std::tuple<bool, std::string, std::string, double>;
using hana_key = hana::tuple<std::uint16_t, std::string>;

std::int64_t near_zero(testing::random_source& random) {
    return static_cast<std::int64_t>(random.below(5)) - 2;
}

struct any_index {
    index_key operator()(testing::random_source& random) const {
        return {static_cast<std::uint32_t>(random.below(2)),
                static_cast<std::uint32_t>(random.below(3)), near_zero(random), near_zero(random),
                static_cast<std::uint32_t>(random.next() >> 32)};
    }
};
struct any_pair {
    pair_key operator()(testing::random_source& random) const {
        return {any_text{3}(random), static_cast<std::int32_t>(near_zero(random))};
    }
};
struct any_tuple {
    tuple_key operator()(testing::random_source& random) const {
        return {random.one_in(2), any_text{2}(random), any_text{2}(random),
                static_cast<double>(near_zero(random))};
    }
};
struct any_hana {
    hana_key operator()(testing::random_source& random) const {
        return {static_cast<std::uint16_t>(random.below(2)), any_text{4}(random)};
    }
    static bool equal(const hana_key& x, const hana_key& y) { return hana::equal(x, y); }
    static bool less(const hana_key& x, const hana_key& y) { return hana::less(x, y); }
};
struct any_nested {
    nested_key operator()(testing::random_source& random) const {
        return {{any_text{2}(random), static_cast<std::uint32_t>(random.below(2))},
                any_text{2}(random),
                random.one_in(2)};
    }
    static auto tied(const nested_key& x) {
        return std::tie(x.first.perspective, x.first.record, x.second, x.third);
    }
    static bool equal(const nested_key& x, const nested_key& y) { return tied(x) == tied(y); }
    static bool less(const nested_key& x, const nested_key& y) { return tied(x) < tied(y); }
};

} // namespace

TEST_CASE("composite: golden vectors (R-13, R-14)") {
    golden<codec_of<index_key>>(index_key{1, 2, -3, 4, 5},
                                "00000001 00000002 7ffffffffffffffd 8000000000000004 00000005");
    golden<codec_of<perspective_key>>(perspective_key{"a\0b"s, 7}, "61 00ff 62 0001 00000007");
    golden<codec_of<pair_key>>(pair_key{"", -1}, "0001 7fffffff");
    golden<codec_of<tuple_key>>(tuple_key{true, "x", "", 1.0}, "01 78 0001 0001 bff0000000000000");
    CHECK(encoded<codec_of<hana_key>>(hana_key{std::uint16_t{258}, "z"s}) == "0102"
                                                                             "7a0001");
    CHECK(encoded<codec_of<nested_key>>(nested_key{{"p", 1}, "s", true}) == "700001"
                                                                            "00000001"
                                                                            "730001"
                                                                            "01");
    golden<codec_of<std::array<std::uint16_t, 2>>>(std::array<std::uint16_t, 2>{1, 2}, "0001 0002");
    golden<codec_of<std::pair<reversed, bool>>>(std::pair<reversed, bool>{{1}, true}, "fe 01");
}

TEST_CASE("composite: the extent is the sum where every member has one") {
    STATIC_REQUIRE(codec_of<index_key>::extent == 28);
    STATIC_REQUIRE(codec_of<perspective_key>::extent == dynamic_extent);
    STATIC_REQUIRE(codec_of<std::pair<index_key, bool>>::extent == 29);
    STATIC_REQUIRE(codec_of<nested_key>::ordered);
    STATIC_REQUIRE_FALSE(codec_of<std::pair<reversed, bool>>::ordered);
    CHECK(described<codec_of<nested_key>>() ==
          "composite(composite(text,big_endian(u32)),text,big_endian(bool))");
}

TEST_CASE("composite: broken encodings are corrupt") {
    CHECK(fault<codec_of<perspective_key>, perspective_key>("610001 000000") == "corrupt");
    CHECK(fault<codec_of<perspective_key>, perspective_key>("61 00000007") == "corrupt");
    CHECK(fault<codec_of<perspective_key>, perspective_key>("610001 00000007 00") == "corrupt");
    CHECK(fault<codec_of<std::pair<bool, bool>>, std::pair<bool, bool>>("01 02") == "corrupt");
    CHECK(fault<codec_of<std::pair<bool, bool>>, std::pair<bool, bool>>("01") == "corrupt");
}

TEST_CASE("composite: the first member is the group, its row the first of the group") {
    STATIC_REQUIRE(grouping_codec<codec_of<perspective_key>>);
    STATIC_REQUIRE(grouping_codec<codec_of<index_key>>);
    STATIC_REQUIRE_FALSE(grouping_codec<codec_of<std::tuple<std::uint32_t>>>);
    const std::string key = bytes_of("61 00ff 62 0001 00000007");
    CHECK(codec_of<perspective_key>::prefix_size(bytes_view{key}).value() == 6);
    CHECK(codec_of<perspective_key>::group_row.empty());
    const std::string cut = bytes_of("61 00ff 62");
    CHECK(codec_of<perspective_key>::prefix_size(bytes_view{cut}).error() == errc::corrupt);
    const std::string deep = bytes_of("700001 00000001 730001 01");
    CHECK(codec_of<nested_key>::prefix_size(bytes_view{deep}).value() == 7);
}

TEST_CASE("composite: laws") {
    key_laws<codec_of<index_key>>(any_index{});
    key_laws<codec_of<pair_key>>(any_pair{});
    key_laws<codec_of<tuple_key>>(any_tuple{});
    key_laws<codec_of<hana_key>>(any_hana{});
    key_laws<codec_of<nested_key>>(any_nested{}, 3000, 30);
}
