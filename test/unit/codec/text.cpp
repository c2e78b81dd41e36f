// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"
#include "support/effort.hpp"

#include <ashlar/codec/text.hpp>

#include <string_view>

using namespace ashlar;
using namespace key_codec_tools;
using namespace std::string_literals;

namespace {
using codec = text::codec<std::string>;
}

TEST_CASE("text: golden vectors (R-14: a zero inside is not an end)") {
    golden<codec>(""s, "0001");
    golden<codec>("a"s, "61 0001");
    golden<codec>("a\0b"s, "61 00ff 62 0001");
    golden<codec>("\0"s, "00ff 0001");
    golden<codec>("\0\0\xff\x01"s, "00ff 00ff ff 01 0001");
    CHECK(described<codec>() == "text");
}

TEST_CASE("text: any bytes are looked up without an owner") {
    CHECK(encoded<codec>(std::string_view{"key"}) == "6b6579"
                                                     "0001");
}

TEST_CASE("text: broken encodings are corrupt") {
    CHECK(fault<codec, std::string>("") == "corrupt");
    CHECK(fault<codec, std::string>("61") == "corrupt");
    CHECK(fault<codec, std::string>("6100") == "corrupt");
    CHECK(fault<codec, std::string>("6100ff") == "corrupt");
    CHECK(fault<codec, std::string>("610002") == "corrupt");
    CHECK(fault<codec, std::string>("610000") == "corrupt");
    CHECK(fault<codec, std::string>("61000100") == "corrupt");
    CHECK(fault<codec, std::string>("610001") == "ok");
}

TEST_CASE("text: long texts with and without zeros come back") {
    std::string long_text(100000, 'x');
    CHECK(encoded<codec>(long_text).size() == 2 * (long_text.size() + 2));
    for (std::size_t i = 0; i < long_text.size(); i += 1000) long_text[i] = '\0';
    CHECK(encoded<codec>(long_text).size() == 2 * (long_text.size() + 100 + 2));
    golden<codec>(long_text, encoded<codec>(long_text));
    golden<codec>(std::string(3000, '\0'), encoded<codec>(std::string(3000, '\0')));
}

TEST_CASE("text: laws over short alike texts, a million pairs (F6)") {
    key_laws<codec>(any_text{}, ashlar_test::effort(2000), ashlar_test::effort(500));
    key_laws<codec>(any_text{60}, 300);
}
