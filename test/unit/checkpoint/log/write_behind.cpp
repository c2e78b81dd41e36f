// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/checkpoint/log/write_behind.hpp>
#include <ashlar/environment/posix.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace {

using namespace ashlar;
using range = std::pair<std::uint64_t, std::uint64_t>; // from, size

/// Notes what it is told; refuses the `refused`-th call.
struct told_file {
    std::vector<range> begun, ended;
    std::size_t refused = 1000;
    result<void> note(std::vector<range>& to, std::uint64_t from, std::uint64_t size) {
        if (begun.size() + ended.size() == refused) return errc::io;
        to.emplace_back(from, size);
        return {};
    }
    result<void> begin_write_back(std::uint64_t from, std::uint64_t size) {
        return note(begun, from, size);
    }
    result<void> end_write_back(std::uint64_t from, std::uint64_t size) {
        return note(ended, from, size);
    }
};
struct deaf_file {};

static_assert(early_writer<told_file> && !early_writer<deaf_file>);
#ifdef __linux__
static_assert(early_writer<posix::file>);
#endif

constexpr auto window = log_parts::write_behind<told_file>::window;
constexpr auto most = log_parts::write_behind<told_file>::most;

} // namespace

TEST_CASE("write_behind: some windows are on their way while the next one is filled") {
    told_file file;
    log_parts::write_behind<told_file> behind;
    CHECK(behind.grown(file, window - 1));
    CHECK(file.begun.empty());
    CHECK(behind.grown(file, window));
    CHECK(file.begun == std::vector<range>{{0, window}});
    CHECK(behind.grown(file, 2 * window - 1));
    CHECK(file.begun.size() == 1);
    CHECK(behind.grown(file, most)); // a long record is one window
    CHECK(file.begun.back() == range{window, most - window});
    CHECK(behind.grown(file, most + window));
    CHECK(file.begun.back() == range{most, window});
    CHECK(file.ended.empty());
    CHECK(behind.grown(file, most + 4 * window)); // most + window was on its way before
    CHECK(file.ended == std::vector<range>{{0, window}});
    CHECK(behind.grown(file, most + 5 * window));
    CHECK(file.ended.back() == range{window, 3 * window});
}

TEST_CASE("write_behind: an error of the writes so far comes out") {
    constexpr std::uint64_t windows = most / window;
    for (const std::uint64_t refused : {std::uint64_t{0}, std::uint64_t{1}, windows + 2}) {
        told_file file;
        file.refused = refused;
        log_parts::write_behind<told_file> behind;
        result<void> last;
        for (std::uint64_t size = window; last && size <= most + 3 * window; size += window)
            last = behind.grown(file, size);
        CHECK(last.error() == errc::io);
        CHECK(file.begun.size() + file.ended.size() == refused);
    }
}

TEST_CASE("write_behind: does nothing to files that can't be told") {
    deaf_file file;
    log_parts::write_behind<deaf_file> behind;
    CHECK(behind.grown(file, 10 * window));
}
