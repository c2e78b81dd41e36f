// SPDX-License-Identifier: BSL-1.0
// flash_basic, and atomic batches, iteration, and a value that is written and read in parts.
#include "flash_shim.hpp"

#include <ashlar/backend/flash/log.hpp>

#include <cstring>

namespace {

using ashlar::errc;
constinit ashlar::flash::log<board::flash_device, 16> store;

[[gnu::noinline]] std::uint32_t basics(std::uint32_t count) {
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

[[gnu::noinline]] std::uint32_t extras() {
    std::byte name[16], value[4]{};
    const ashlar::flash::change changes[] = {
        {{value, 1}, {value, 4}, false}, {{value, 2}, {value, 4}, false}, {{value, 4}, {}, true}};
    std::uint32_t failed = static_cast<std::uint32_t>(
        store.apply(changes, [](const ashlar::flash::change& c) { return c; }));
    decltype(store)::stream stream;
    failed |= static_cast<std::uint32_t>(store.begin_value(stream, {value, 3}, 400));
    for (int i = 0; i < 100; ++i)
        failed |= static_cast<std::uint32_t>(store.add_to(stream, {value, 4}));
    failed |= static_cast<std::uint32_t>(store.end_value(stream));
    ashlar::flash::search at;
    failed |= static_cast<std::uint32_t>(store.open_value({value, 3}, at));
    for (std::uint32_t i = 0; i < 100; ++i)
        failed |= static_cast<std::uint32_t>(store.read_part(at, 4 * i, value, 4));
    std::uint32_t rows = 0, key_size = 0, size = 0;
    bool there = true;
    ashlar::flash::place from{0, 0}, end = store.log_end();
    for (; there; ++rows)
        failed |= static_cast<std::uint32_t>(
            store.next_row(from, end, name, key_size, value, 4, size, there));
    // 16 keys, less the one erased and the one erased in the batch, and three new ones.
    return failed | ((rows - 1) ^ 17);
}

} // namespace

int main() {
    std::memset(board::flash, 0xFF, board::flash_size);
    board::paint_stack();
    std::uint32_t failures = basics(100);
    failures |= extras();
    board::report("stack ", board::stack_used());
    board::report("reads ", board::flash_counts.reads);
    board::report("programs ", board::flash_counts.programs);
    board::report("bytes ", board::flash_counts.bytes);
    board::report("erases ", board::flash_counts.erases);
    return static_cast<int>(failures);
}
