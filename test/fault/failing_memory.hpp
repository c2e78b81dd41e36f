// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>

namespace ashlar_fault {

/// What the operators new of this program (value_codec_memory.cpp) count, and are told.
struct failing_memory {
    std::atomic<std::size_t> allocated{0}; ///< bytes
    std::atomic<std::size_t> fail_at{0};   ///< the allocation that fails, counted down; 0 for none
    std::atomic<bool> for_ever{false};     ///< and all behind it
};
inline failing_memory memory;

} // namespace ashlar_fault
