// SPDX-License-Identifier: BSL-1.0
// What the worked examples of docs/formats.md have in common: a store's identity, and how bytes are
// printed there.
#pragma once

#include <ashlar/bytes.hpp>

#include <string>

namespace ashlar_test {

/// Sixteen bytes a line, as the page has them.
inline std::string hexdump(ashlar::bytes_view bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i != 0) text += i % 16 == 0 ? '\n' : ' ';
        text += digits[static_cast<unsigned>(bytes[i]) >> 4];
        text += digits[static_cast<unsigned>(bytes[i]) & 15];
    }
    return text;
}

/// The store's that the examples are from: a0 a1 ... af.
struct identity {
    std::byte bytes[16];
    identity() {
        for (unsigned i = 0; i < 16; ++i) bytes[i] = static_cast<std::byte>(0xA0 + i);
    }
    operator ashlar::bytes_view() const { return {bytes, 16}; }
};

} // namespace ashlar_test
