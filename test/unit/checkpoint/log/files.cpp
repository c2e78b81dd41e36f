// SPDX-License-Identifier: BSL-1.0
#include "unit/environment/scratch.hpp"

#include <catch.hpp>

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/simulated.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace ashlar;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

/// Notes to which lengths it was cut; refuses the `refused`-th cut, and to say its size if asked.
struct cut_file {
    std::uint64_t length = 0;
    std::vector<std::uint64_t> cuts{};
    std::size_t refused = 1000;
    bool sizeless = false;

    result<std::uint64_t> size() const {
        if (sizeless) return errc::io;
        return length;
    }
    result<void> truncate(std::uint64_t to) {
        if (cuts.size() == refused) return errc::io;
        cuts.push_back(to);
        return {};
    }
    result<void> begin_write_back(std::uint64_t, std::uint64_t) { return {}; }
    result<void> end_write_back(std::uint64_t, std::uint64_t) { return {}; }
};
using lengths = std::vector<std::uint64_t>;

lengths cuts_of(cut_file file) {
    log_parts::shrink_away(file);
    return file.cuts;
}

} // namespace

TEST_CASE("shrink_away: from the end, some MiB at a time, and the last of them with the file") {
    CHECK(cuts_of({.length = 0}).empty());
    CHECK(cuts_of({.length = 4 * mib}).empty());
    CHECK(cuts_of({.length = 4 * mib + 1}) == lengths{1});
    CHECK(cuts_of({.length = 11 * mib}) == lengths{7 * mib, 3 * mib});
    CHECK(cuts_of({.length = 12 * mib}) == lengths{8 * mib, 4 * mib});
}

TEST_CASE("shrink_away: what can't be cut or measured is left to the end of the file") {
    CHECK(cuts_of({.length = 100 * mib, .refused = 1}) == lengths{96 * mib});
    CHECK(cuts_of({.length = 100 * mib, .sizeless = true}).empty());
}

TEST_CASE(
    "remove_file: the name goes at once, also of a long file; what is not there is an error") {
    const ashlar::testing::scratch place;
    ashlar::testing::write_file(place / "old", std::string(9 * mib, 'x'));
    const text_view directory{place.path()};
    REQUIRE(log_parts::remove_file(posix{}, directory, "old"));
    CHECK(posix{}.kind_of(text_view{place / "old"}).value() == file_kind::none);
    CHECK_FALSE(log_parts::remove_file(posix{}, directory, "old"));

    simulated_world world{1}; // whose files have nothing to gain by it
    const simulated_world::presence here{world};
    REQUIRE(simulated{}.make_directory("d"));
    world.overwrite("d/old", simulated_parts::byte_list(100, std::byte{7}));
    REQUIRE(log_parts::remove_file(simulated{}, "d", "old"));
    CHECK(world.files().empty());
    CHECK_FALSE(log_parts::remove_file(simulated{}, "d", "old"));
}

TEST_CASE(
    "keep_room: what is dropped gets the next one's name, unless it is somebody's copy, too") {
    const ashlar::testing::scratch place;
    const text_view directory{place.path()};
    const auto there = [&](const char* name) {
        return posix{}.kind_of(text_view{place / name}).value() == file_kind::file;
    };
    ashlar::testing::write_file(place / "old", "room");
    REQUIRE(log_parts::keep_room(posix{}, directory, "old", "new"));
    CHECK_FALSE(there("old"));
    CHECK(there("new"));
    CHECK_FALSE(log_parts::keep_room(posix{}, directory, "old", "new"));

    std::filesystem::rename(place / "new", place / "old");
    std::filesystem::create_hard_link(place / "old", place / "copy");
    REQUIRE(log_parts::keep_room(posix{}, directory, "old", "new"));
    CHECK_FALSE(there("old"));
    CHECK_FALSE(there("new"));
    CHECK(there("copy"));
}
