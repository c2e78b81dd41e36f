// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/worked_example.hpp"

#include <ashlar/format/manifest.hpp>

#include <string>

namespace {

using namespace ashlar;
using ashlar_test::hexdump;

} // namespace

TEST_CASE("manifest: the example of docs/formats.md, byte by byte") {
    std::byte uuid[16];
    for (unsigned i = 0; i < 16; ++i) uuid[i] = static_cast<std::byte>(0xA0 + i);
    const text_view formats = "backend=lmdb/1";
    std::byte bytes[sizeof(manifest_header) + 14];
    encode_manifest(bytes, {uuid, 16}, formats);
    CHECK(hexdump({bytes, sizeof bytes}) == "8a 61 73 68 6c 0d 0a 1a 01 00 00 00 0e 00 00 00\n"
                                            "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af\n"
                                            "2e 16 b6 e3 ee 38 7a e6 62 61 63 6b 65 6e 64 3d\n"
                                            "6c 6d 64 62 2f 31");
    const auto decoded = decode_manifest({bytes, sizeof bytes});
    REQUIRE(decoded);
    CHECK(decoded->uuid == bytes_view{uuid, 16});
    CHECK(decoded->formats == formats);
}

TEST_CASE("manifest: an empty text is a text, a size that lies is damage") {
    std::byte uuid[16]{};
    std::byte bytes[sizeof(manifest_header)];
    encode_manifest(bytes, {uuid, 16}, "");
    CHECK(decode_manifest({bytes, sizeof bytes}));
    store_little(bytes + 12, 0xFFFF'FFFFU);
    store_little(bytes + 36, crc32c({bytes, 36}));
    error_detail detail;
    CHECK(decode_manifest({bytes, sizeof bytes}, &detail).error() == errc::corrupt);
    CHECK(detail.position == 12);
    CHECK(detail.expected == 0xFFFF'FFFFU);
}
