# SPDX-License-Identifier: BSL-1.0
"""The checksum of the stores' files, bit by bit, for tests that make damaged ones look sound."""


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
