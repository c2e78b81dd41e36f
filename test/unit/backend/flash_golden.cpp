// SPDX-License-Identifier: BSL-1.0
// Images of formats 1 and 2, kept for ever: they open, and the same steps still write them.
#include <catch.hpp>

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::literals::operator""_b;

namespace {

std::string path_of(const char* name) {
    const std::string here = __FILE__;
    return here.substr(0, here.rfind('/')) + "/flash_golden/" + name;
}

template <class Model>
void holds(const char* name) {
    using log_type = ashlar::flash::log<Model, 16>;
    typename Model::chip_type chip;
    {
        log_type log{Model{&chip}};
        REQUIRE(log.mount(0x12345678) == errc::ok);
        for (int i = 0; i < 40; ++i) {
            const std::string key = "key" + std::to_string(i % 7);
            REQUIRE(log.put(key, std::string(static_cast<std::size_t>(i), 'v')) == errc::ok);
        }
        bool there = false;
        REQUIRE(log.erase("key3"_b, there) == errc::ok);
        const ashlar::flash::change both[] = {{"a"_b, "one"_b, false}, {"b"_b, "two"_b, false}};
        REQUIRE(log.apply(both, [](const ashlar::flash::change& c) { return c; }) == errc::ok);
    }
    if (std::getenv("ASHLAR_WRITE_GOLDEN") != nullptr)
        std::ofstream{path_of(name), std::ios::binary}.write(
            reinterpret_cast<const char*>(chip.bytes.data()), std::streamsize(chip.bytes.size()));
    std::ifstream file{path_of(name), std::ios::binary};
    const std::string image{std::istreambuf_iterator<char>{file}, {}};
    REQUIRE(image.size() == chip.bytes.size());
    CHECK(bytes_view{image} == bytes_view{chip.bytes});

    ashlar::copy_bytes(chip.bytes.data(), image);
    log_type log{Model{&chip}};
    REQUIRE(log.mount(0x12345678) == errc::ok);
    std::byte value[64];
    std::uint32_t size = 0;
    CHECK((log.get("key4"_b, value, 64, size) == errc::ok && size == 39));
    CHECK((log.get("key5"_b, value, 64, size) == errc::ok && size == 33));
    CHECK(log.get("key3"_b, value, 64, size) == errc::not_found);
    CHECK((log.get("b"_b, value, 64, size) == errc::ok && bytes_view{value, 3} == "two"_b));
}

} // namespace

TEST_CASE("flash_log: golden images open, and are still written so (D-9)") {
    holds<ashlar::testing::flash_model<512, 3, 1>>("v1_granule1.image");
    holds<ashlar::testing::flash_model<512, 4, 4>>("v1_granule4.image");
    holds<ashlar::testing::flash_model<768, 4, 8>>("v1_granule8.image");
    holds<ashlar::testing::flash_model<768, 4, 16>>("v2_granule16.image");
    holds<ashlar::testing::flash_model<1024, 4, 32>>("v2_granule32.image");
}

TEST_CASE("flash_log: an image of format 1 with wide granules is refused, not misread (D-9)") {
    using model = ashlar::testing::flash_model<1024, 4, 32>;
    model::chip_type chip;
    std::ifstream file{path_of("v1_granule32.image"), std::ios::binary};
    const std::string image{std::istreambuf_iterator<char>{file}, {}};
    REQUIRE(image.size() == chip.bytes.size());
    ashlar::copy_bytes(chip.bytes.data(), image);
    ashlar::flash::log<model, 16> log{model{&chip}};
    CHECK(log.mount(0x12345678) == errc::unsupported_version);
    CHECK(chip.steps == 0); // nothing was written
}
