// SPDX-License-Identifier: BSL-1.0
/// @file Defines crc32c: the Castagnoli checksum, by instruction or else by nibble.
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
#endif

/// CRC-32C of `bytes`, continued from `before`: crc32c(b, crc32c(a)) is the sum of a ++ b.
[[nodiscard]] inline std::uint32_t crc32c(bytes_view bytes, std::uint32_t before = 0) noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(bytes, before);
#endif
    return crc32c_portable(bytes, before);
}

} // namespace ashlar::inline v0_1
