// SPDX-License-Identifier: BSL-1.0
// What the peers do: 16 keys of 4 bytes, written 100 times and read; then erase and collect.
#include "flash_shim.hpp"

#include <ashlar/backend/flash/log.hpp>

#include <cstring>

namespace {

constinit ashlar::flash::log<board::flash_device, 16> store;

[[gnu::noinline]] std::uint32_t rounds(std::uint32_t count) {
    std::uint32_t failed = static_cast<std::uint32_t>(store.mount()), size = 0;
    std::byte key[4]{}, value[4]{};
    for (std::uint32_t n = 0; n != 16 * count; ++n) {
        key[0] = static_cast<std::byte>(n % 16);
        value[0] = static_cast<std::byte>(n / 16);
        failed |= static_cast<std::uint32_t>(store.put({key, 4}, {value, 4}));
    }
    for (std::uint32_t i = 0; i != 16; ++i) {
        key[0] = static_cast<std::byte>(i);
        failed |= static_cast<std::uint32_t>(store.get({key, 4}, value, 4, size));
        failed |= static_cast<std::uint32_t>(value[0]) ^ (count - 1);
    }
    bool there = false;
    failed |= static_cast<std::uint32_t>(store.erase({key, 4}, there));
    failed |= static_cast<std::uint32_t>(store.collect());
    return failed;
}

} // namespace

int main() {
    std::memset(board::flash, 0xFF, board::flash_size);
    board::paint_stack();
    const std::uint32_t failures = rounds(100);
    board::report("stack ", board::stack_used());
    board::report("reads ", board::flash_counts.reads);
    board::report("programs ", board::flash_counts.programs);
    board::report("bytes ", board::flash_counts.bytes);
    board::report("erases ", board::flash_counts.erases);
    return static_cast<int>(failures);
}
