// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/buffer.hpp>
#include <ashlar/format/feed_cursors.hpp>

#include <string>
#include <vector>

using namespace ashlar;

namespace {

struct named {
    feed_cursor_entry entry;
    std::string name;
};

std::vector<std::byte> encoded(const std::vector<named>& cursors) {
    std::vector<std::byte> bytes(sizeof(feed_cursors_header));
    std::byte uuid[16];
    for (unsigned i = 0; i < 16; ++i) uuid[i] = static_cast<std::byte>(0xA0 + i);
    encode_feed_cursors_header(bytes.data(), {uuid, 16}, cursors.size());
    for (const named& each : cursors) {
        const std::size_t at = bytes.size();
        bytes.resize(at + sizeof(feed_cursor_entry) + each.name.size());
        encode_feed_cursor(bytes.data() + at, each.entry, bytes_view{each.name});
    }
    const std::uint32_t sum = crc32c(bytes);
    bytes.resize(bytes.size() + 4);
    store_little(bytes.data() + bytes.size() - 4, sum);
    return bytes;
}

bytes_view uuid_in(const std::vector<std::byte>& bytes) {
    return bytes_view{bytes}.skip(16).first(16);
}

} // namespace

TEST_CASE("feed cursors: the worked example of docs/formats.md") {
    const auto bytes = encoded({{{7, 3, 0x140, 0}, "indexer"}});
    const unsigned char expected[] = {
        0x8A, 0x61, 0x73, 0x68, 0x43, 0x0D, 0x0A, 0x1A, 0x01, 0x00, 0x00, 0x00, 0x01,
        0x00, 0x00, 0x00, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9,
        0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x01, 0x00, 0x00,
        0x07, 0x00, 0x00, 0x00, 0x69, 0x6E, 0x64, 0x65, 0x78, 0x65, 0x72};
    REQUIRE(bytes.size() == sizeof expected + 4);
    for (std::size_t i = 0; i < sizeof expected; ++i)
        CHECK(static_cast<unsigned>(bytes[i]) == expected[i]);
    CHECK(load_little<std::uint32_t>(bytes.data() + bytes.size() - 4) == 0x121D21AD);
}

TEST_CASE("feed cursors: every altered bit and every lost end is noticed") {
    const auto whole = encoded({{{0, 1, 64, 0}, "a"}, {{9, 2, 96, 0}, std::string(255, 'b')}});
    std::size_t seen = 0;
    const auto count = [&](const feed_cursor_entry& e, bytes_view name) -> result<void> {
        ++seen;
        CHECK(name.size() == e.name_size);
        return {};
    };
    REQUIRE(decode_feed_cursors(whole, uuid_in(whole), count));
    CHECK(seen == 2);
    std::size_t missed = 0;
    const auto ignore = [](const feed_cursor_entry&, bytes_view) -> result<void> { return {}; };
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        auto bytes = whole;
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        error_detail detail;
        const auto done = decode_feed_cursors(bytes, uuid_in(whole), ignore, &detail);
        missed += done || detail.message.empty();
    }
    for (std::size_t n = 0; n < whole.size(); ++n)
        missed +=
            decode_feed_cursors(bytes_view{whole}.first(n), uuid_in(whole), ignore).has_value();
    CHECK(missed == 0);
    std::byte other[16]{};
    CHECK(decode_feed_cursors(whole, {other, 16}, ignore).error() == errc::foreign);
    const auto nameless = encoded({{{0, 1, 64, 0}, ""}});
    CHECK(decode_feed_cursors(nameless, uuid_in(nameless), ignore).error() == errc::corrupt);
}
