// SPDX-License-Identifier: BSL-1.0
#include "durable_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::feed_cursors({reinterpret_cast<const std::byte*>(data), size});
    return 0;
}
