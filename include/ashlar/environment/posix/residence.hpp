// SPDX-License-Identifier: BSL-1.0
/// @file Defines how it is learnt whether a file is in the system's memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

namespace ashlar::inline v0_1::posix_parts {

#ifdef __linux__
/// Whether most of a file is, judged by some of its pages. True when that can't be learnt.
[[nodiscard]] inline bool mostly_in_memory(int descriptor, std::uint64_t size) noexcept {
    constexpr std::size_t samples = 64;
    const long answer = ::sysconf(_SC_PAGESIZE);
    if (answer <= 0 || size == 0 || size > PTRDIFF_MAX) return true;
    const auto page = static_cast<std::size_t>(answer), length = static_cast<std::size_t>(size);
    void* const whole = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor, 0);
    if (whole == MAP_FAILED) return true;
    const std::size_t pages = (length - 1) / page + 1;
    std::size_t there = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        unsigned char state = 1;
        const std::size_t at = pages / samples * i + pages % samples * i / samples;
        static_cast<void>(::mincore(static_cast<std::byte*>(whole) + at * page, 1, &state));
        there += state & 1U;
    }
    ::munmap(whole, length);
    return there > samples / 2;
}
#endif

} // namespace ashlar::inline v0_1::posix_parts
