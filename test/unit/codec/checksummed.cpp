// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/raw.hpp>

#include <array>

using namespace value_codec_tools;
using ashlar::checksummed;
using ashlar::errc;
using ashlar::raw;

using text_codec = checksummed<raw>::codec<std::string>;
using six = std::array<char, 6>;
using six_codec = checksummed<raw>::codec<six>;

static_assert(ashlar::value_codec_policy<checksummed<raw>, std::string>);
static_assert(ashlar::value_codec_policy<checksummed<checksummed<raw>>, std::string>);
static_assert(text_codec::extent == ashlar::dynamic_extent);
static_assert(six_codec::extent == 10);

TEST_CASE("checksummed has golden encodings") {
    CHECK(encoded_hex<text_codec>(std::string("123456789")) == "839206e3313233343536373839");
    CHECK(encoded_hex<text_codec>(std::string()) == "00000000");
    CHECK(encoded_hex<six_codec>(six{{0, 0, 0, 0, 0, 0}}).size() == 20);
    CHECK(*decoded<text_codec, std::string>(unhex("839206e3 313233343536373839")) == "123456789");
}

TEST_CASE("checksummed notices every flipped bit") {
    for (const std::string& text :
         {std::string("x"), std::string("123456789"), std::string(600, 'z')}) {
        const byte_string whole = encoded<text_codec>(text);
        for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
            byte_string flipped = whole;
            flipped[bit / 8] ^= std::byte{1} << (bit % 8);
            REQUIRE(decode_error<text_codec, std::string>(flipped) == errc::checksum_mismatch);
        }
    }
}

TEST_CASE("checksummed notices bursts, truncations and additions") {
    const byte_string whole = encoded<text_codec>(std::string("a value of some length"));
    for (std::size_t at = 0; at + 4 <= whole.size(); ++at) {
        for (const char* burst : {"ffffffff", "80000001", "01010101"}) {
            byte_string changed = whole;
            const byte_string mask = unhex(burst);
            for (std::size_t i = 0; i < 4; ++i) changed[at + i] ^= mask[i];
            REQUIRE(decode_error<text_codec, std::string>(changed) == errc::checksum_mismatch);
        }
    }
    check_truncations<text_codec, std::string>(whole);
    CHECK(decode_error<text_codec, std::string>(unhex("000000")) == errc::corrupt);
    byte_string longer = whole;
    longer.push_back(std::byte{0});
    CHECK(decode_error<text_codec, std::string>(longer) == errc::checksum_mismatch);
}

TEST_CASE("checksummed keeps altered bytes from the inner codec, and demands all of them") {
    // Whole sum, but one byte more than the inner codec takes.
    const byte_string seven = encoded<text_codec>(std::string("1234567"));
    CHECK(decode_error<six_codec, six>(seven) == errc::corrupt);
    CHECK(decoded<six_codec, six>(encoded<six_codec>(six{{'a', 'b', 'c', 'd', 'e', 'f'}}))
              .has_value());
}

namespace {
/// A codec that refuses: its refusal must come through.
struct refusing {
    using axis = ashlar::value_codec_axis;
    template <class T>
    struct codec {
        static constexpr std::size_t extent = ashlar::dynamic_extent;
        static ashlar::result<std::size_t> size(const T& n) {
            if (n == 0) return errc::value_too_long;
            return ashlar::dynamic_extent - n;
        }
        static std::byte* encode(const T&, std::byte* out) noexcept { return out; }
        static ashlar::result<T> decode_some(ashlar::bytes_view&) { return errc::corrupt; }
        static void describe(ashlar::sentence& out) { out << "refusing"; }
    };
};
} // namespace

TEST_CASE("checksummed passes refusals on and does not overflow a length") {
    using codec = checksummed<refusing>::codec<unsigned>;
    CHECK(codec::size(0).error() == errc::value_too_long);
    CHECK(codec::size(1).error() == errc::value_too_long);
    CHECK(codec::size(4).error() == errc::value_too_long);
    CHECK(*codec::size(5) == ashlar::dynamic_extent - 1);
    CHECK(description<codec>() == "checksummed(crc32c,refusing)");
}
