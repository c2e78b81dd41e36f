// SPDX-License-Identifier: BSL-1.0
// The baseline of flash_basic and flash_full: start-up, flash shim, memcpy, memset, counters, stack
// gauge.
#include "flash_shim.hpp"

namespace {

[[gnu::noinline]] std::uint32_t rounds(std::uint32_t count) {
    board::flash_device device;
    std::byte piece[4];
    std::uint32_t failures = 0;
    for (std::uint32_t at = 0; at != count; at += 4) {
        for (std::byte& b : piece) b = static_cast<std::byte>(at);
        if (device.erase(0) != ashlar::errc::ok) ++failures;
        if (device.program(at, piece, 4) != ashlar::errc::ok) ++failures;
        if (device.read(at, piece, 4) != ashlar::errc::ok) ++failures;
        if (piece[0] != static_cast<std::byte>(at)) ++failures;
    }
    return failures;
}

} // namespace

int main() {
    board::paint_stack();
    const std::uint32_t failures = rounds(64);
    board::report("stack ", board::stack_used());
    board::report("reads ", board::flash_counts.reads);
    board::report("programs ", board::flash_counts.programs);
    board::report("bytes ", board::flash_counts.bytes);
    board::report("erases ", board::flash_counts.erases);
    return static_cast<int>(failures);
}
