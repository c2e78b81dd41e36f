// SPDX-License-Identifier: BSL-1.0
/// @file Defines how fast a processor can fold bytes by carry-less multiplication, which bounds
/// every cyclic checksum. It is the inner loop alone: what it gives is no checksum of anything.
#pragma once

#include "memory.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>

namespace bench {

#if defined(__x86_64__)
/// Four lanes of 512 bits.
__attribute__((target("avx512f,vpclmulqdq"))) inline std::uint64_t
fold_wide(const std::byte* at, std::size_t size) noexcept {
    const __m512i factor = _mm512_set1_epi64(0x1234'5678'9ABC'DEF1);
    __m512i lanes[4] = {factor, factor, factor, factor};
    for (std::size_t done = 0; done + 256 <= size; done += 256)
#pragma GCC unroll 4
        for (std::size_t lane = 0; lane < 4; ++lane) {
            const __m512i low = _mm512_clmulepi64_epi128(lanes[lane], factor, 0x00);
            const __m512i high = _mm512_clmulepi64_epi128(lanes[lane], factor, 0x11);
            const __m512i next = _mm512_loadu_si512(at + done + lane * 64);
            lanes[lane] = _mm512_ternarylogic_epi64(low, high, next, 0x96);
        }
    std::uint64_t words[32];
    std::memcpy(words, lanes, sizeof words);
    std::uint64_t sum = 0;
    for (const std::uint64_t word : words) sum += word;
    return sum;
}
/// Eight lanes of 128 bits: processors of before 2019.
__attribute__((target("pclmul,sse4.1"))) inline std::uint64_t
fold_narrow(const std::byte* at, std::size_t size) noexcept {
    const __m128i factor = _mm_set1_epi64x(0x1234'5678'9ABC'DEF1);
    __m128i lanes[8] = {factor, factor, factor, factor, factor, factor, factor, factor};
    for (std::size_t done = 0; done + 128 <= size; done += 128)
#pragma GCC unroll 8
        for (std::size_t lane = 0; lane < 8; ++lane) {
            const __m128i low = _mm_clmulepi64_si128(lanes[lane], factor, 0x00);
            const __m128i high = _mm_clmulepi64_si128(lanes[lane], factor, 0x11);
            __m128i next;
            std::memcpy(&next, at + done + lane * 16, sizeof next);
            lanes[lane] = _mm_xor_si128(_mm_xor_si128(low, high), next);
        }
    std::uint64_t sum = 0;
    for (const __m128i lane : lanes)
        sum += static_cast<std::uint64_t>(_mm_cvtsi128_si64(lane)) +
               static_cast<std::uint64_t>(_mm_extract_epi64(lane, 1));
    return sum;
}
#endif

/// Bytes a second of a fold over `size` bytes, again and again; 0 where the processor can't.
[[nodiscard]] inline double folded_bytes(const arena& memory, std::size_t size, bool wide) {
#if defined(__x86_64__)
    if (wide ? !__builtin_cpu_supports("vpclmulqdq") : !__builtin_cpu_supports("pclmul")) return 0;
    const auto* const at = reinterpret_cast<const std::byte*>(memory.words());
    const std::size_t times = (std::max)(std::size_t{1}, (std::size_t{1} << 28) / size);
    std::uint64_t sum = 0;
    const auto start = clock::now();
    for (std::size_t i = 0; i < times; ++i)
        sum += wide ? fold_wide(at, size) : fold_narrow(at, size);
    const double seconds = seconds_since(start);
    use(sum);
    return static_cast<double>(times * size) / seconds;
#else
    static_cast<void>(memory), static_cast<void>(size), static_cast<void>(wide);
    return 0;
#endif
}

} // namespace bench
