// SPDX-License-Identifier: BSL-1.0
#include "value_codec_tools.hpp"

#include <ashlar/format/tagged.hpp>

using namespace value_codec_tools;
using ashlar::checked_tagged_length;
using ashlar::errc;
using ashlar::tagged_length;

TEST_CASE("the length of a checked tagged value is known without looking inside") {
    for (const char* value :
         {"00", "010100000000000000", "02000000000000f83f", "030301393000000000000000000000",
          "040300000068c3a9", "050200000000ff", "060000000000000000",
          "070d00000002000000 0100000061 00 0100000062 0801", "0801"}) {
        CAPTURE(value);
        byte_string bytes = unhex(value);
        const std::size_t size = bytes.size();
        bytes.push_back(std::byte{0}); // what follows is not looked at
        CHECK(*tagged_length(bytes) == size);
        CHECK(checked_tagged_length(bytes) == size);
        bytes.resize(size - 1);
        CHECK(tagged_length(bytes).error() == errc::corrupt);
    }
    CHECK(checked_tagged_length({}) == 0);
}
