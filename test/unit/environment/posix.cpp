// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/environment/direct_reader.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/testing/file_laws.hpp>

#include <algorithm>

#include <fcntl.h>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::scratch;

static_assert(!std::is_convertible_v<wall_time, monotonic_time>);
static_assert(!std::is_convertible_v<monotonic_time, wall_time>);

} // namespace

TEST_CASE("posix: obeys the laws of files") {
    const scratch place;
    ashlar::testing::file_laws(posix{}, place.path(), [](bool held, const char* law) {
        INFO(law);
        CHECK(held);
    });
}

TEST_CASE("posix: says what else there is, and which error it was") {
    const scratch place;
    CHECK(posix::kind_of("/dev/null").value_or(file_kind::none) == file_kind::other);
    CHECK(posix::open_file(place / "none", file_mode::read).error().native == ENOENT);
    CHECK(posix::make_directory(place / "no/where").error().native == ENOENT);
    CHECK(posix::remove(place / "none").error().native == ENOENT);
    CHECK(posix::space_left(place / "none").error().native == ENOENT);
    CHECK(posix::list(place / "none", [](text_view) {}).error().native == ENOENT);
}

TEST_CASE("posix: what is no file is not opened as one, and a pipe is not waited for") {
    const scratch place;
    REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
    REQUIRE(posix::make_directory(place / "folder"));
    for (const auto mode : {file_mode::read, file_mode::update, file_mode::create}) {
        CHECK(posix::open_file(place / "pipe", mode).error() == error{errc::io, ESPIPE});
        CHECK(posix::open_file(place / "folder", mode).error() == error{errc::io, EISDIR});
    }
    CHECK(posix::sync_directory(place / "folder"));
    CHECK(posix::sync_directory(place / "pipe").error().native == ENOTDIR);
}

TEST_CASE("posix: a file that is read past the system's memory is the same file") {
    const scratch place;
    const std::string name = place / "file";
    auto file = posix::open_file(name, file_mode::create);
    REQUIRE(file);
    std::byte all[20'000], memory[28'000]{}; // 24,576 of them from a unit on
    for (std::size_t i = 0; i < sizeof all; ++i) all[i] = static_cast<std::byte>(i / 7);
    REQUIRE(write_exactly(*file, 0, {all, sizeof all}));
    CHECK_FALSE(read_directly(*file, true)); // all of it is in memory
    REQUIRE(file->sync());
#ifdef __linux__
    const int other = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    static_cast<void>(::posix_fadvise(other, 0, 0, POSIX_FADV_DONTNEED));
    ::close(other);
#endif
    const auto past = reinterpret_cast<std::uintptr_t>(memory) % direct_unit;
    std::byte* const to = memory + (past == 0 ? 0 : direct_unit - past);
    static_cast<void>(read_directly(*file, true)); // as the file system likes it
    for (int i = 0; i < 2; ++i) {
        std::fill_n(to, sizeof all, std::byte{});
        CHECK(read_units(*file, 0, to, sizeof all).value_or(0U) == sizeof all);
        CHECK(bytes_view{to, sizeof all} == bytes_view{all, sizeof all});
        CHECK(read_units(*file, 16'384, to, 4'000).value_or(0U) == sizeof all - 16'384);
        CHECK(bytes_view{to, 3'616} == bytes_view{all + 16'384, 3'616});
        CHECK_FALSE(read_directly(*file, false));
        CHECK(read_exactly(*file, 1, to, 9).value_or(0U) == 9);
    }
    posix::file none;
    CHECK_FALSE(read_directly(none, true));
}

TEST_CASE("posix: why a file can't be removed is told as it is") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can make what another may not remove");
        return;
    }
    const scratch place;
    REQUIRE(posix::open_file(place / "kept", file_mode::create));
    REQUIRE(::chmod(place.path().c_str(), 01777) == 0);
    REQUIRE(::seteuid(65534) == 0);
    const auto gone = posix::remove(place / "kept");
    REQUIRE(::seteuid(0) == 0);
    REQUIRE_FALSE(gone);
    CHECK(gone.error() == error{errc::permission_denied, EPERM});
}

TEST_CASE("posix: no file becomes what a program takes for its standard output") {
    const scratch place;
    std::fflush(stdout);
    const int output = ::dup(STDOUT_FILENO);
    ::close(STDOUT_FILENO);
    auto file = posix::open_file(place / "rows", file_mode::create);
    const bool printed = ::write(STDOUT_FILENO, "said", 4) == 4;
    ::dup2(output, STDOUT_FILENO);
    ::close(output);
    REQUIRE(file);
    CHECK_FALSE(printed);
    CHECK(file->size().value_or(4U) == 0);
}

TEST_CASE("posix: a path that is too long or holds a NUL names no other file") {
    const std::string endless(5000, 'x');
    CHECK(posix::open_file(endless, file_mode::read).error().native == ENAMETOOLONG);
    CHECK(posix::kind_of(std::string("/dev/null\0x", 11)).error() == errc::io);
}

TEST_CASE("posix: clocks run, wall time is this century's, random numbers differ") {
    const auto wall = static_cast<std::uint64_t>(posix::wall_now());
    CHECK(wall > 1'600'000'000'000'000'000U);
    for (int i = 0; i < 1000; ++i) {
        const auto bound = static_cast<std::uint64_t>(posix::wall_at_least());
        const auto now = static_cast<std::uint64_t>(posix::wall_now());
        REQUIRE(bound <= now);
        CHECK(now - bound < posix::wall_lag);
    }
    const auto before = posix::monotonic_now();
    const auto after = posix::monotonic_now();
    CHECK(before <= after);
    CHECK(nanoseconds_between(before, after) < 60'000'000'000U);
    CHECK(posix::random_seed() != posix::random_seed());
    std::byte one[32]{};
    std::byte other[32]{};
    CHECK(posix::secret_random(one, 32));
    CHECK(posix::secret_random(other, 32));
    CHECK_FALSE(bytes_view{one, 32} == bytes_view{other, 32});
}

TEST_CASE("exact reads and writes go on after short counts and interruptions") {
    struct stingy_file {
        std::string bytes;
        mutable int turn = 0;
        result<std::size_t> read_at(std::uint64_t at, std::byte* to, std::size_t) const {
            if (turn++ % 2 == 0) return error{errc::io, interrupted};
            if (at >= bytes.size()) return std::size_t{0};
            *to = static_cast<std::byte>(bytes[at]);
            return std::size_t{1};
        }
        result<std::size_t> write_at(std::uint64_t at, bytes_view from) {
            if (turn++ % 2 == 0) return error{errc::io, interrupted};
            if (at >= 5) return error{errc::no_space, ENOSPC};
            bytes.resize(at);
            bytes += static_cast<char>(from[0]);
            return std::size_t{1};
        }
        result<std::size_t> append(bytes_view) { return errc::unsupported; }
        result<void> sync() { return {}; }
        result<void> truncate(std::uint64_t) { return {}; }
        result<std::uint64_t> size() const { return std::uint64_t{bytes.size()}; }
        result<bool> try_lock(file_lock) { return true; }
        result<void> close() { return {}; }
    };
    stingy_file file;
    CHECK(write_exactly(file, 0, "four"_b));
    std::byte bytes[8];
    CHECK(read_exactly(file, 0, bytes, 8).value_or(0U) == 4);
    CHECK(bytes_view{bytes, 4} == "four"_b);
    CHECK(write_exactly(file, 4, "more"_b).error() == errc::no_space);
}
