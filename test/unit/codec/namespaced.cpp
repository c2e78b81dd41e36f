// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/text.hpp>

#include <string_view>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {

using key = namespaced_key<std::string>;
using codec = namespaced<>::codec<key>;
using text_codec = namespaced<text>::codec<key>;
using number_key = namespaced_key<std::int32_t, std::string>;
using number_codec = namespaced<big_endian>::codec<number_key>;
using deep_key = namespaced_key<key, std::string>;
using deep_codec = namespaced<namespaced<text>>::codec<deep_key>;

struct any_key {
    key operator()(testing::random_source& random) const {
        return {any_text{3}(random), any_text{3}(random)};
    }
};
struct any_number_key {
    number_key operator()(testing::random_source& random) const {
        return {any_text{3}(random), static_cast<std::int32_t>(random.below(5)) - 2};
    }
};
struct any_deep_key {
    deep_key operator()(testing::random_source& random) const {
        return {any_text{2}(random), any_key{}(random)};
    }
};

} // namespace

TEST_CASE("namespaced: golden vectors") {
    golden<codec>(key{"prod", "cache:key"}, "70726f64 0001 63616368653a6b6579");
    golden<codec>(key{"", ""}, "0001");
    golden<codec>(key{"a\0b"s, "\0"s}, "61 00ff 62 0001 00");
    golden<text_codec>(key{"a", "b"}, "61 0001 62 0001");
    golden<number_codec>(number_key{"a", -1}, "61 0001 7fffffff");
    golden<deep_codec>(deep_key{"a", {"b", "c"}}, "61 0001 62 0001 63 0001");
    CHECK(described<codec>() == "namespaced(native(text))");
    CHECK(described<deep_codec>() == "namespaced(namespaced(text))");
}

TEST_CASE("namespaced: a separator in a name is only a character (K-21)") {
    CHECK(encoded<codec>(key{"a", "b:c"}) != encoded<codec>(key{"a:b", "c"}));
    CHECK(encoded<codec>(key{"..", "x"}) != encoded<codec>(key{"", "../x"}));
    CHECK(encoded<codec>(key{"ab", "c"}) != encoded<codec>(key{"a", "bc"}));
}

TEST_CASE("namespaced: look-ups need no owner, limits are the inner codec's") {
    CHECK(encoded<codec>(namespaced_key<std::string_view>{"a", "b"}) == "61"
                                                                        "0001"
                                                                        "62");
    using limited = namespaced<normalized<native_key, utf8_rule<>>>::codec<key>;
    CHECK(encoded<limited>(key{"a", ""}) == "key_empty");
    CHECK(encoded<limited>(key{"a", std::string(257, 'x')}) == "key_too_long");
    CHECK(encoded<limited>(key{"a", "b"}) == "61"
                                             "0001"
                                             "62");
}

TEST_CASE("namespaced: the namespace is the group where no key is empty") {
    STATIC_REQUIRE(grouping_codec<text_codec>);
    STATIC_REQUIRE(grouping_codec<number_codec>);
    STATIC_REQUIRE(grouping_codec<deep_codec>);
    STATIC_REQUIRE_FALSE(grouping_codec<codec>);
    const std::string row = bytes_of("61 0001 62 0001");
    CHECK(text_codec::prefix_size(bytes_view{row}).value() == 3);
}

TEST_CASE("namespaced: broken encodings are corrupt") {
    CHECK(fault<codec, key>("") == "corrupt");
    CHECK(fault<codec, key>("6162") == "corrupt");
    CHECK(fault<codec, key>("6100") == "corrupt");
    CHECK(fault<number_codec, number_key>("610001 7fffff") == "corrupt");
}

TEST_CASE("namespaced: laws") {
    key_laws<codec>(any_key{}, 3000, 30);
    key_laws<text_codec>(any_key{});
    key_laws<number_codec>(any_number_key{});
    key_laws<deep_codec>(any_deep_key{});
}
