// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws that a flash device must obey, for whoever ports flash_log to a part.
#pragma once

#include <ashlar/backend/flash/device.hpp>

namespace ashlar::inline v0_1::testing {

/// Holds a device to what flash_device promises. Erases all of it: never on flash with data.
/// `check(bool held, const char* law)` is called for every law. Needs no heap and two buffers of 64
/// bytes, so that it also runs on the board itself.
template <flash_device Device, class Check>
void flash_device_laws(Device device, Check check) {
    constexpr std::uint32_t sector = Device::sector_size, granule = Device::granule;
    constexpr std::uint32_t last = sector * (Device::sector_count - 1);
    std::byte in[64], out[64];
    const auto reads = [&](std::uint32_t at, std::uint32_t n, auto&& expected) {
        if (device.read(at, out, n) != errc::ok) return false;
        for (std::uint32_t i = 0; i < n; ++i)
            if (out[i] != expected(i)) return false;
        return true;
    };
    const auto erased = [](std::uint32_t) { return std::byte{0xFF}; };
    const auto blank = [&](std::uint32_t base) {
        bool all = true;
        for (std::uint32_t at = 0; at < sector; at += granule)
            all = all && reads(base + at, granule, erased);
        return all;
    };
    for (std::uint32_t base = 0; base <= last; base += sector) {
        check(device.erase(base) == errc::ok, "erase: succeeds for every sector");
        check(blank(base), "erase: every byte is FF then");
    }

    for (std::uint32_t i = 0; i < sizeof in; ++i) in[i] = static_cast<std::byte>(7 * i + 3);
    const auto written = [&](std::uint32_t i) { return in[i]; };
    check(device.program(0, in, granule) == errc::ok, "program: one granule");
    check(reads(0, granule, written), "read: shows what was programmed");
    check(reads(granule, granule, erased), "program: leaves its neighbour alone");
    check(device.program(last + sector - granule, in, granule) == errc::ok,
          "program: the last granule of the last sector");
    check(reads(last + sector - granule, granule, written), "read: the end of the flash");
    const std::uint32_t many = 64 - 64 % granule;
    if (sector >= 128 + many) {
        check(device.program(128, in, many) == errc::ok, "program: many granules at a time");
        check(reads(128, many, written), "read: all of them");
        check(reads(129, 5, [&](std::uint32_t i) { return in[i + 1]; }),
              "read: from any address, of any length");
    }
    const std::byte zeros[32]{};
    check(device.program(2 * granule, zeros, granule) == errc::ok, "program: a mark of zeros");
    check(reads(2 * granule, granule, [](std::uint32_t) { return std::byte{0}; }),
          "read: shows the mark");

    check(device.erase(0) == errc::ok && blank(0), "erase: takes what was programmed");
    check(reads(last + sector - granule, granule, written), "erase: takes its own sector only");
    check(device.erase(last) == errc::ok && blank(last), "erase: the last sector");
    const Device copy = device;
    check(copy.read(0, out, 1) == errc::ok, "copies drive the same flash");
}

} // namespace ashlar::inline v0_1::testing
