// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/environment/posix.hpp>

#include <set>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar::testing::scratch;

static_assert(!std::is_convertible_v<wall_time, monotonic_time>);
static_assert(!std::is_convertible_v<monotonic_time, wall_time>);

} // namespace

TEST_CASE("posix: what is written is read, at positions and at the end") {
    const scratch place;
    const std::string path = place / "file";
    auto file = posix::open_file(path, file_mode::create_new);
    REQUIRE(file);
    CHECK(write_exactly(*file, 4, "later"_b));
    CHECK(write_exactly(*file, 0, "soon"_b));
    CHECK(file->append("!"_b).value_or(0U) == 1);
    CHECK(file->size().value_or(0U) == 10);
    std::byte bytes[16];
    CHECK(read_exactly(*file, 0, bytes, sizeof bytes).value_or(0U) == 10);
    CHECK(bytes_view{bytes, 10} == "soonlater!"_b);
    CHECK(file->read_at(10, bytes, 4).value_or(9U) == 0);
    CHECK(file->truncate(4));
    CHECK(file->sync());
    CHECK(file->size().value_or(0U) == 4);
    CHECK(file->close());
    CHECK(file->close());
    CHECK(file->sync().error() == errc::closed);
    CHECK(file->read_at(~std::uint64_t{}, bytes, 1).error() == errc::io);
}

TEST_CASE("posix: modes say what must be there") {
    const scratch place;
    const std::string path = place / "file";
    CHECK(posix::open_file(path, file_mode::read).error().native == ENOENT);
    CHECK(posix::open_file(path, file_mode::update).error().native == ENOENT);
    CHECK(posix::open_file(path, file_mode::create_new));
    CHECK(posix::open_file(path, file_mode::create_new).error() == errc::already_exists);
    CHECK(posix::open_file(path, file_mode::create));
    auto reader = posix::open_file(path, file_mode::read);
    REQUIRE(reader);
    CHECK_FALSE(reader->write_at(0, "x"_b));
}

TEST_CASE("posix: a lock belongs to the open file, shared or exclusive") {
    const scratch place;
    const std::string path = place / "lock";
    auto first = posix::open_file(path, file_mode::create);
    auto second = posix::open_file(path, file_mode::read);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->try_lock(file_lock::exclusive).value_or(false));
    CHECK_FALSE(second->try_lock(file_lock::shared).value_or(true));
    CHECK(first->close());
    CHECK(second->try_lock(file_lock::shared).value_or(false));
    auto third = posix::open_file(path, file_mode::read);
    REQUIRE(third);
    CHECK(third->try_lock(file_lock::shared).value_or(false));
    CHECK_FALSE(third->try_lock(file_lock::exclusive).value_or(true));
}

TEST_CASE("posix: directories are made, listed, synced; names are moved and removed") {
    const scratch place;
    const std::string inner = place / "inner";
    CHECK(posix::make_directory(inner));
    CHECK(posix::make_directory(inner).error() == errc::already_exists);
    CHECK(posix::make_directory(place / "no/where").error().native == ENOENT);
    CHECK(posix::kind_of(inner).value_or(file_kind::none) == file_kind::directory);
    CHECK(posix::kind_of(place / "none").value_or(file_kind::file) == file_kind::none);
    CHECK(posix::kind_of("/dev/null").value_or(file_kind::none) == file_kind::other);
    for (const char* name : {"a", "b", ".hidden"})
        CHECK(posix::open_file(inner + "/" + name, file_mode::create));
    CHECK(posix::rename(inner + "/a", inner + "/b"));
    CHECK(posix::sync_directory(inner));
    std::set<std::string> names;
    CHECK(posix::list(inner, [&](text_view name) { names.emplace(name.data(), name.size()); }));
    CHECK(names == std::set<std::string>{"b", ".hidden"});
    CHECK(posix::remove(inner + "/b"));
    CHECK(posix::remove(inner + "/b").error().native == ENOENT);
    CHECK(posix::kind_of(inner + "/b").value_or(file_kind::file) == file_kind::none);
    CHECK(posix::space_left(inner).value_or(0U) > 0);
    CHECK(posix::space_left(place / "none").error().native == ENOENT);
    CHECK(posix::list(place / "none", [](text_view) {}).error().native == ENOENT);
}

TEST_CASE("posix: a path that is too long or holds a NUL names no other file") {
    const std::string endless(5000, 'x');
    CHECK(posix::open_file(endless, file_mode::read).error().native == ENAMETOOLONG);
    CHECK(posix::kind_of(std::string("/dev/null\0x", 11)).error() == errc::io);
}

TEST_CASE("posix: clocks run, wall time is this century's, random numbers differ") {
    const auto wall = static_cast<std::uint64_t>(posix::wall_now());
    CHECK(wall > 1'600'000'000'000'000'000U);
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
