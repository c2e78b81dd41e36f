// SPDX-License-Identifier: BSL-1.0
/// @file Defines crc32c: the Castagnoli checksum, by instructions or else by nibble.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// CRC-32C (RFC 3720 appendix B.4: polynomial 0x1EDC6F41, reflected, complemented at both ends).
/// Half a byte at a time: a table of 64 bytes, for machines where 1 KiB of table would be missed.
[[nodiscard]] constexpr std::uint32_t crc32c_portable(bytes_view bytes,
                                                      std::uint32_t before = 0) noexcept {
    // Entry i is i shifted through four rounds of the reflected polynomial 0x82F63B78.
    constexpr std::uint32_t table[16] = {0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1,
                                         0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
                                         0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
                                         0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75};
    std::uint32_t crc = ~before;
    for (std::byte byte : bytes) {
        crc ^= static_cast<std::uint32_t>(byte);
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)
/// The same by the CRC32 instruction. REQUIRES: a processor with SSE 4.2.
[[nodiscard, gnu::target("sse4.2")]] inline std::uint32_t
crc32c_sse42(bytes_view bytes, std::uint32_t before = 0) noexcept {
    std::uint64_t wide = static_cast<std::uint32_t>(~before);
    while (bytes.size() >= 8) {
        wide = __builtin_ia32_crc32di(wide, load_little<std::uint64_t>(bytes.data()));
        bytes = bytes.skip(8);
    }
    auto crc = static_cast<std::uint32_t>(wide);
    for (std::byte byte : bytes)
        crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(byte));
    return ~crc;
}

namespace crc_parts {
inline constexpr std::size_t part = 256; // three shorter ones gain less, longer ones little more
/// x to the power n, modulo the polynomial; reflected: the highest bit is the coefficient of x^0.
[[nodiscard]] constexpr std::uint32_t power_of_x(unsigned n) noexcept {
    std::uint32_t p = 0x80000000;
    while (n-- != 0) p = p >> 1 ^ ((p & 1) != 0 ? 0x82F63B78 : 0);
    return p;
}
/// `crc` as if zeros had followed it, so many that x^(8 * zeros - 33) is `factor`; to be ended by
/// one CRC32 of 64 bits, which multiplies by x^32 and reduces. (A product of two reflected factors
/// stands one bit too low: the 33rd.)
[[nodiscard, gnu::target("sse4.2,pclmul")]] inline std::uint64_t
followed_by_zeros(std::uint64_t crc, std::uint32_t factor) noexcept {
    using words [[gnu::vector_size(16)]] = long long;
    const words a{static_cast<long long>(crc), 0}, b{static_cast<long long>(factor), 0};
    return static_cast<std::uint64_t>(__builtin_ia32_pclmulqdq128(a, b, 0)[0]);
}
} // namespace crc_parts

/// The same for long ones: the instruction answers after three cycles and takes another each cycle,
/// so three parts go side by side, and are put together by multiplication without carries (Gopal
/// and others, Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction, Intel, 2011).
/// REQUIRES: a processor with SSE 4.2 and PCLMULQDQ.
[[nodiscard, gnu::target("sse4.2,pclmul")]] inline std::uint32_t
crc32c_three_parts(bytes_view bytes, std::uint32_t before = 0) noexcept {
    using crc_parts::part;
    constexpr std::uint32_t behind_one = crc_parts::power_of_x(8 * part - 33);
    constexpr std::uint32_t behind_two = crc_parts::power_of_x(16 * part - 33);
    std::uint32_t crc = ~before;
    for (; bytes.size() >= 3 * part; bytes = bytes.skip(3 * part)) {
        std::uint64_t first = crc, second = 0, third = 0;
        for (const std::byte *at = bytes.data(), *end = at + part; at != end; at += 8) {
            first = __builtin_ia32_crc32di(first, load_little<std::uint64_t>(at));
            second = __builtin_ia32_crc32di(second, load_little<std::uint64_t>(at + part));
            third = __builtin_ia32_crc32di(third, load_little<std::uint64_t>(at + 2 * part));
        }
        const std::uint64_t moved = crc_parts::followed_by_zeros(first, behind_two) ^
                                    crc_parts::followed_by_zeros(second, behind_one);
        crc = static_cast<std::uint32_t>(__builtin_ia32_crc32di(0, moved) ^ third);
    }
    return crc32c_sse42(bytes, ~crc);
}
#endif

/// CRC-32C of `bytes`, continued from `before`: crc32c(b, crc32c(a)) is the sum of a ++ b.
[[nodiscard]] inline std::uint32_t crc32c(bytes_view bytes, std::uint32_t before = 0) noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        if (bytes.size() >= 3 * crc_parts::part && __builtin_cpu_supports("pclmul"))
            return crc32c_three_parts(bytes, before);
        return crc32c_sse42(bytes, before);
    }
#endif
    return crc32c_portable(bytes, before);
}

} // namespace ashlar::inline v0_1
