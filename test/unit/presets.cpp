// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/presets.hpp>
#include <ashlar/testing/flash_model.hpp>

#include "unit/environment/scratch.hpp"

#include <chrono>

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::literals::operator""_b;

namespace {

using model = ashlar::testing::flash_model<1024, 4, 4>;
using preset = ashlar::sensor_log<model>;

struct settings_1 {
    static constexpr std::uint8_t version = 1;
    std::uint32_t period;
};
struct settings {
    static constexpr std::uint8_t version = 2;
    std::uint32_t period;
    std::uint32_t gain;

    static ashlar::result<settings> migrate(std::uint8_t from, bytes_view bytes) {
        if (from != 1 || bytes.size() != 4) return errc::unsupported_version;
        return settings{ashlar::load_little<std::uint32_t>(bytes.data()), 7};
    }
};
static_assert(ashlar::flash::migrating_value<settings>);
static_assert(ashlar::flash::versioned_value<settings_1>);
static_assert(!ashlar::flash::migrating_value<settings_1>);
static_assert(!ashlar::flash::versioned_value<std::uint32_t>);

} // namespace

TEST_CASE("sensor_log: settings migrate, readings come and go") {
    model::chip_type chip;
    preset::log log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    preset::readings readings{log};
    CHECK(ashlar::flash::put_typed(log, "settings"_b, settings_1{250}) == errc::ok);
    CHECK(ashlar::flash::get_typed<settings>(log, "none"_b).error() == errc::not_found);
    const auto moved = ashlar::flash::get_typed<settings>(log, "settings"_b);
    REQUIRE(moved);
    CHECK((moved->period == 250 && moved->gain == 7));
    CHECK(ashlar::flash::put_typed(log, "settings"_b, settings{500, 9}) == errc::ok);
    for (std::uint64_t time = 1; time <= 1000; ++time)
        REQUIRE(readings.append(time, ashlar::object_bytes(time)) == errc::ok);
    const auto kept = ashlar::flash::get_typed<settings>(log, "settings"_b);
    REQUIRE(kept);
    CHECK((kept->period == 500 && kept->gain == 9));
    // An older program meets a newer value: an error, not a guess.
    CHECK(ashlar::flash::get_typed<settings_1>(log, "settings"_b).error() ==
          errc::unsupported_version);
    CHECK(log.put("settings"_b, ""_b) == errc::ok);
    CHECK(ashlar::flash::get_typed<settings>(log, "settings"_b).error() == errc::type_mismatch);
}

TEST_CASE("result_cache: rows have versions and lives, and come back") {
    using namespace std::chrono_literals;
    const ashlar::testing::scratch folder;
    const std::string directory = folder / "results";
    using results = ashlar::result_cache<std::string, std::string>;
    using fleeting = ashlar::fleeting_result_cache<std::string, std::string>;
    std::uint64_t version = 0;
    {
        auto db = results::open({.directory = directory});
        REQUIRE(db);
        const auto put = db->put("task-1", "SUCCESS", ashlar::time_to_live{1h});
        REQUIRE(put);
        version = static_cast<std::uint64_t>(*put);
        REQUIRE(db->close());
    }
    auto again = results::open({.directory = directory});
    REQUIRE(again);
    CHECK(*again->get("task-1") == "SUCCESS");
    CHECK(*again->version_of("task-1") == version);
    const auto left = again->ttl_of("task-1");
    REQUIRE(left);
    CHECK((left->expires && left->nanoseconds > 3'500'000'000'000U));
    fleeting memory;
    REQUIRE(memory.put("task-1", "SUCCESS", ashlar::time_to_live{1h}));
    CHECK(*memory.get("task-1") == "SUCCESS");
}
