// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

extern "C" {
void board_write(const char* text);
[[noreturn]] void board_exit(std::uint32_t code);
}

namespace board {

/// Says what failed and goes on; `failures` becomes the verdict.
inline int failures = 0;
inline void expect(bool held, const char* what) {
    if (held) return;
    ++failures;
    board_write("FAILED: ");
    board_write(what);
    board_write("\n");
}

} // namespace board
