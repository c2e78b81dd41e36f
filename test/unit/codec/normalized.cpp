// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/text.hpp>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {

using id_codec = normalized<native_key, identifier_rule<>>::codec<std::string>;
using path_codec = normalized<text, path_rule<16>>::codec<std::string>;
using utf8_codec = normalized<native_key, utf8_rule<>>::codec<std::string>;

template <class Rule>
struct spelled {
    std::string alphabet;
    std::string operator()(testing::random_source& random) const {
        std::string text(random.below(7), ' ');
        for (char& c : text) c = alphabet[random.below(alphabet.size())];
        return text;
    }
    static std::string normal(const std::string& text) {
        std::byte scratch[Rule::max_size];
        return Rule::apply(text, scratch)->template as<std::string>();
    }
};

std::string as_text(const std::string& name) { return hex(bytes_view{name}); }

} // namespace

TEST_CASE("normalized: identifiers are stored in lower case (O-K1, O-K2)") {
    CHECK(encoded<id_codec>("Foo:Bar"s) == as_text("foo:bar"));
    CHECK(encoded<id_codec>(""s) == "key_empty");
    CHECK(encoded<id_codec>(std::string(160, 'x')).size() == 320);
    CHECK(encoded<id_codec>(std::string(161, 'x')) == "key_too_long");
    CHECK(encoded<id_codec>("a b"s) == "key_bad_characters");
    CHECK(encoded<id_codec>("a\0"s) == "key_bad_characters");
    CHECK(described<id_codec>() == "normalized(identifier 160,native(text))");
    CHECK(fault<id_codec, std::string>("41") == "corrupt");
    CHECK(fault<id_codec, std::string>("") == "corrupt");
    CHECK(fault<id_codec, std::string>("61") == "ok");
}

TEST_CASE("normalized: paths lose outer slashes, never climb (B-F1)") {
    CHECK(encoded<path_codec>("/a/b/"s) == as_text("a/b") + "0001");
    CHECK(encoded<path_codec>("a/b"s) == as_text("a/b") + "0001");
    CHECK(encoded<path_codec>("///a"s) == as_text("a") + "0001");
    CHECK(encoded<path_codec>("..a/.b/c."s) == as_text("..a/.b/c.") + "0001");
    CHECK(encoded<path_codec>("..."s) == as_text("...") + "0001");
    for (const char* bad : {"a/../b", "..", ".", "a/.", "./a", "a//b", "/../a"})
        CHECK(encoded<path_codec>(std::string{bad}) == "key_bad_characters");
    CHECK(encoded<path_codec>("a\0b"s) == "key_bad_characters");
    CHECK(encoded<path_codec>(""s) == "key_empty");
    CHECK(encoded<path_codec>("//"s) == "key_empty");
    CHECK(encoded<path_codec>("/" + std::string(16, 'p') + "/") ==
          as_text(std::string(16, 'p')) + "0001");
    CHECK(encoded<path_codec>(std::string(17, 'p')) == "key_too_long");
    CHECK(fault<path_codec, std::string>("2f61 0001") == "corrupt");
    CHECK(fault<path_codec, std::string>("612f2e2e 0001") == "corrupt");
}

TEST_CASE("normalized: UTF-8 of 1 to 256 bytes (K-01)") {
    CHECK(encoded<utf8_codec>(std::string(256, 'x')).size() == 512);
    CHECK(encoded<utf8_codec>(std::string(257, 'x')) == "key_too_long");
    CHECK(encoded<utf8_codec>(""s) == "key_empty");
    // Bytes are counted, not characters: 128 two-byte characters fit, 129 do not.
    std::string umlauts;
    for (int i = 0; i < 128; ++i) umlauts += "\xc3\xa4";
    CHECK(encoded<utf8_codec>(umlauts).size() == 512);
    CHECK(encoded<utf8_codec>(umlauts + "\xc3\xa4") == "key_too_long");
    for (const char* good :
         {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(encoded<utf8_codec>(std::string{good}) == as_text(good));
    for (const char* bad :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe2\x82",
          "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xff", "a\xfe", "\xe2\x82\xc0", "\xf0\x9f\x98"})
        CHECK(encoded<utf8_codec>(std::string{bad}) == "key_bad_characters");
    CHECK(encoded<utf8_codec>("a\0b"s) == "610062"); // U+0000 is a character like any other
    CHECK(fault<utf8_codec, std::string>("ff") == "corrupt");
}

TEST_CASE("normalized: laws") {
    key_laws<id_codec>(spelled<identifier_rule<>>{"aAbB0:_"});
    key_laws<path_codec>(spelled<path_rule<16>>{"ab/."}, 10000);
    key_laws<utf8_codec>(spelled<utf8_rule<>>{"ab\xc3\xa4"}, 10000);
}
