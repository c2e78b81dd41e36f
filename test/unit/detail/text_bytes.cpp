// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/detail/text_bytes.hpp>

#include <vector>

using namespace ashlar;

TEST_CASE("find_zero: the first zero at every place of every length, and none behind the end") {
    for (std::size_t length = 0; length <= 40; ++length) {
        // 01 and 80 are the bytes that a careless zero-in-word test takes for zeros.
        for (const std::byte filler : {std::byte{0x01}, std::byte{0x80}, std::byte{0xFF}}) {
            std::vector<std::byte> bytes(length + 1, filler);
            bytes[length] = std::byte{0}; // behind the view
            const bytes_view view{bytes.data(), length};
            CHECK(detail::find_zero(view) == nullptr);
            for (std::size_t at = length; at-- > 0;) {
                bytes[at] = std::byte{0}; // those behind stay: the first counts
                CHECK(detail::find_zero(view) == bytes.data() + at);
            }
        }
    }
    CHECK(detail::find_zero({}) == nullptr);
}

TEST_CASE("escaped text: one zero at every place of every length comes back") {
    using codec = detail::escaped_text_codec<std::string>;
    for (std::size_t length = 1; length <= 40; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            std::string text(length, 'x');
            text[at] = '\0';
            const std::string coded = key_codec_tools::encoded<codec>(text);
            CHECK(coded.size() == 2 * (length + 3));
            const std::string bytes = key_codec_tools::bytes_of(coded);
            CHECK(decode_all<codec, std::string>(bytes_view{bytes}).value() == text);
        }
    }
}

TEST_CASE("make_text: empty views of nothing are empty text") {
    CHECK(detail::make_text<std::string>({}).value().empty());
}

TEST_CASE("identifier_character: exactly the letters, digits and . _ : - are taken, lower case") {
    const std::string taken = "abcdefghijklmnopqrstuvwxyz0123456789._:-";
    for (unsigned c = 0; c < 256; ++c) {
        const bool upper = c >= 'A' && c <= 'Z';
        const char lower = static_cast<char>(upper ? c + 32 : c);
        const bool known = c != 0 && taken.find(lower) != std::string::npos;
        CAPTURE(c);
        CHECK(detail::identifier_character(static_cast<std::byte>(c)) ==
              static_cast<std::byte>(known ? lower : '\0'));
    }
}
