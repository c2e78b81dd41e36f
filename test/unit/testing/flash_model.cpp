// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/testing/flash_device_laws.hpp>
#include <ashlar/testing/flash_model.hpp>

using ashlar::errc;
using ashlar::testing::flash_cut;
using ashlar::testing::flash_model;

namespace {

template <class Model>
void obeys() {
    typename Model::chip_type chip;
    ashlar::testing::flash_device_laws(Model{&chip}, [](bool held, const char* law) {
        INFO(law);
        CHECK(held);
    });
    CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
}

} // namespace

TEST_CASE("flash_model obeys the laws of flash devices, at every granule and geometry") {
    obeys<flash_model<256, 4, 1>>();
    obeys<flash_model<4096, 4, 4>>();
    obeys<flash_model<512, 3, 8>>();
    obeys<flash_model<2048, 7, 32>>();
    obeys<flash_model<64, 2, 2>>();
}

TEST_CASE("flash_model tears what is under way when power is cut, and nothing behind it") {
    using model = flash_model<256, 2, 4>;
    model::chip_type chip;
    model device{&chip};
    const std::byte zeros[16]{};
    chip.power = 2;
    chip.cut = flash_cut::clean;
    CHECK(device.program(0, zeros, 16) == errc::io);
    CHECK((chip.bytes[3] == std::byte{0} && chip.bytes[4] == std::byte{0xFF}));
    CHECK(device.program(8, zeros, 4) == errc::io); // power is still off
    CHECK(chip.bytes[8] == std::byte{0xFF});
    chip.power_on();
    chip.power = 1;
    chip.cut = flash_cut::second_half;
    CHECK(device.program(132, zeros, 4) == errc::io);
    chip.power_on();
    CHECK(device.program(132, zeros, 4) == errc::ok);
    chip.power = 1;
    CHECK(device.erase(0) == errc::io);
    CHECK((chip.bytes[0] == std::byte{0} && chip.bytes[132] == std::byte{0xFF}));
    chip.power_on();
    chip.worn = 1U << 1;
    CHECK(device.erase(256) == errc::io);
    CHECK(device.program(256, zeros, 4) == errc::io);
    chip.worn_takes_programs = true;
    CHECK(device.program(256, zeros, 4) == errc::ok);
    CHECK(chip.mistakes == 0);
    CHECK(device.program(2, zeros, 4) == errc::io);
    CHECK(device.program(252, zeros, 8) == errc::io);
    CHECK(chip.mistakes == 2);
}
