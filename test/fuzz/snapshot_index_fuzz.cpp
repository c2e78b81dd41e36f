// SPDX-License-Identifier: BSL-1.0
#include "index_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::snapshot_index({reinterpret_cast<const std::byte*>(data), size});
    return 0;
}
