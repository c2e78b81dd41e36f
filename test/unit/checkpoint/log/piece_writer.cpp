// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/environment/scratch.hpp"

#include <catch.hpp>

#include <ashlar/checkpoint/log/piece_writer.hpp>
#include <ashlar/checkpoint/log/snapshot.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <errno.h>

namespace {

using namespace ashlar;

/// What happens to the n-th direct write, from 0 on; and how many there were.
struct direct_plan {
    int refused = -1, interrupted = -1, cut = -1;
    bool unwilling = false, broken = false;
    std::atomic<bool> direct{false};
    std::atomic<int> writes{0};
};
direct_plan* plan = nullptr;

/// As strict with direct writes as a system is.
struct direct_file : posix::file {
    direct_file() = default;
    explicit direct_file(posix::file&& from) : posix::file{std::move(from)} {}
    bool write_directly(bool wanted) noexcept { return plan->direct = wanted && !plan->unwilling; }
    result<std::size_t> write_at(std::uint64_t at, bytes_view bytes) {
        if (plan->broken) return error{errc::no_space, ENOSPC};
        if (!plan->direct) return posix::file::write_at(at, bytes);
        const int n = plan->writes++;
        const auto place = reinterpret_cast<std::uintptr_t>(bytes.data());
        if ((at | place | bytes.size()) % direct_unit != 0 || n == plan->refused)
            return error{errc::io, EINVAL};
        if (n == plan->interrupted) return error{errc::io, interrupted};
        return posix::file::write_at(at, n == plan->cut ? bytes.first(direct_unit + 1) : bytes);
    }
};
struct direct_posix : posix {
    using file = direct_file;
    static result<file> open_file(text_view path, file_mode mode) {
        auto opened = posix::open_file(path, mode);
        if (!opened) return opened.error();
        return file{std::move(*opened)};
    }
};
static_assert(direct_writer<posix::file> && direct_writer<direct_file>);
static_assert(file_system<direct_posix>);

using pieces = log_parts::piece_writer<direct_posix, shared>;
constexpr std::size_t front = 3 * direct_unit;

std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 6 ^ i >> 13);
    return text;
}

/// Writes a text behind what is there, with so many who help; what has come of it is in `out`.
result<void> write(direct_plan& how, const std::string& text, unsigned helpers, std::string& out) {
    plan = &how;
    const testing::scratch place;
    const std::string name = place / "file";
    testing::write_file(name, std::string(front, 'f') + "what was there before");
    auto file = direct_posix::open_file(text_view{name}, file_mode::update);
    REQUIRE(file);
    pieces to;
    std::vector<std::thread> others;
    for (unsigned i = 0; i < helpers; ++i) others.emplace_back([&] { to.help(); });
    const bool begun = to.begin(*file, front);
    result<void> done;
    std::size_t size = 1;
    for (std::size_t at = 0; begun && done && at < text.size(); at += size) {
        size = (std::min)(size * 3 + 1, text.size() - at);
        done = to.add({reinterpret_cast<const std::byte*>(text.data()) + at, size});
    }
    const auto ended = to.end();
    for (std::thread& other : others) other.join();
    REQUIRE(begun != how.unwilling);
    CHECK_FALSE(how.direct);
    out = testing::contents_of(name);
    return done ? ended : done;
}

} // namespace

TEST_CASE("piece_writer: however many help, the file is what was added", "[threads]") {
    for (const unsigned helpers : {0U, 1U, 3U})
        for (const std::size_t size :
             {std::size_t{21}, pieces::piece, 3 * pieces::piece + 50, 9 * pieces::piece + 4'321}) {
            direct_plan how;
            std::string out;
            REQUIRE(write(how, text_of(size), helpers, out));
            CHECK(how.writes == int(size / pieces::piece));
            CHECK(out.size() == front + size);
            CHECK((out == std::string(front, 'f') + text_of(size)));
        }
}

TEST_CASE("piece_writer: refused, cut short or interrupted, a direct write is made good",
          "[threads]") {
    for (int way = 0; way < 3; ++way)
        for (const int at : {0, 2, 4}) {
            direct_plan how;
            (way == 0 ? how.refused : way == 1 ? how.cut : how.interrupted) = at;
            const std::string text = text_of(5 * pieces::piece + 99);
            std::string out;
            REQUIRE(write(how, text, 1, out));
            CHECK((out == std::string(front, 'f') + text));
        }
}

TEST_CASE("piece_writer: a disk that is full is told, and nobody waits for ever", "[threads]") {
    for (const unsigned helpers : {0U, 2U}) {
        direct_plan how;
        how.broken = true;
        std::string out;
        const auto done = write(how, text_of(12 * pieces::piece), helpers, out);
        REQUIRE_FALSE(done);
        CHECK(done.error() == errc::no_space);
    }
    direct_plan how;
    how.unwilling = true;
    std::string out;
    CHECK(write(how, text_of(10), 1, out));
    CHECK(how.writes == 0);
}

TEST_CASE("snapshot: written with help it is byte for byte what one thread writes", "[threads]") {
    const std::byte uuid[16]{};
    direct_plan how;
    plan = &how;
    const auto written = [&](auto& out, std::size_t rows) {
        const testing::scratch place;
        REQUIRE(out.begin({}, text_view{place.path()}, {uuid, 16}, 1, 0, 0));
        const auto fill = [&] {
            const std::string usual(1'000, 'u'), longest(std::size_t{5} << 20, 'l');
            for (std::size_t i = 0; i < rows; ++i) {
                const std::string key = "key " + std::to_string(i);
                const auto& row = i + 1 == rows ? longest : usual;
                if (const auto at = out.add(bytes_view{key}, bytes_view{row}); !at)
                    return result<void>{at.error()};
            }
            return result<void>{};
        };
        REQUIRE(out.beside(fill));
        REQUIRE(out.finish({1, 64, 0}));
        return testing::contents_of(place / "snapshot.new");
    };
    for (const std::size_t rows : {std::size_t{5}, std::size_t{26'000}}) {
        log_parts::snapshot_writer<direct_posix> one;
        log_parts::snapshot_writer<direct_posix, shared> two;
        const auto alone = written(one, rows);
        CHECK(how.writes == 0);
        CHECK((written(two, rows) == alone));
        CHECK((how.writes != 0) == (rows > 5));
    }
    log_parts::snapshot_writer<direct_posix, shared> out;
    CHECK(out.beside([] { return result<void>{errc::full}; }).error() == errc::full);
}
