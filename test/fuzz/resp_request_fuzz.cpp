// SPDX-License-Identifier: BSL-1.0
#include "resp_request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::resp_request({reinterpret_cast<const std::byte*>(data), size});
    return 0;
}
