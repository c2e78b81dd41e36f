// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/environment/scratch.hpp"

#include <catch.hpp>

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/log/spare_segments.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/resource.h>

namespace {

using namespace ashlar;

constexpr std::uint64_t size = 10'000;

struct place {
    testing::scratch directory;
    using spares_type = log_parts::spare_segments<posix, single>;

    [[nodiscard]] text_view where() const { return text_view{directory.path()}; }
    [[nodiscard]] spares_type spares(std::size_t wanted, std::uint64_t length = size) const {
        return {posix{}, wanted, length};
    }
    [[nodiscard]] std::string segment(int number) const {
        return directory / ("log-000000000000000" + std::to_string(number));
    }
    [[nodiscard]] std::string spare(int number) const {
        return directory / ("spare-000000000000000" + std::to_string(number));
    }
    /// Their names, without the directory.
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> all;
        for (const auto& [path, bytes] : testing::picture_of(directory.path()))
            all.push_back(path.substr(directory.path().size() + 1));
        return all;
    }
};
log_parts::numbered_name name_of(std::uint64_t number) {
    return {log_parts::segment_prefix, number};
}
using names = std::vector<std::string>;
const std::string zeros(size, '\0');

} // namespace

TEST_CASE("spare_segments: as many as are wanted, of zeros, and made once") {
    const place p;
    p.spares(2).prepare(p.where());
    CHECK(p.files() == names{"spare-0000000000000001", "spare-0000000000000002"});
    CHECK(testing::contents_of(p.spare(1)) == zeros);
    CHECK(testing::contents_of(p.spare(2)) == zeros);

    testing::write_file(p.spare(1), std::string(size, 'k'));     // it is not made again,
    testing::write_file(p.spare(2), std::string(size / 2, 'k')); // but one of another length is
    p.spares(3).prepare(p.where());
    CHECK(testing::contents_of(p.spare(1)) == std::string(size, 'k'));
    CHECK(testing::contents_of(p.spare(2)) == zeros);
    CHECK(testing::contents_of(p.spare(3)) == zeros);

    p.spares(1).prepare(p.where());
    CHECK(p.files() == names{"spare-0000000000000001"});
    p.spares(0).prepare(p.where());
    CHECK(p.files().empty());
}

TEST_CASE("spare_segments: the last one gets the segment's name, and its length is told") {
    const place p;
    auto spares = p.spares(2);
    spares.prepare(p.where());
    std::uint32_t room = 1;
    for (const int number : {7, 8}) {
        testing::write_file(p.segment(number), "what a creation that was cut off has left");
        auto taken = spares.take(p.where(), name_of(std::uint64_t(number)), room);
        REQUIRE(taken);
        CHECK(room == size);
        REQUIRE(write_exactly(*taken, 0, bytes_view{text_view{"head"}}));
        CHECK(testing::contents_of(p.segment(number)).substr(0, 6) == std::string("head\0\0", 6));
    }
    CHECK(p.files() == names{"log-0000000000000007", "log-0000000000000008"});
    REQUIRE(spares.take(p.where(), "any", room));
    CHECK(room == 0);
    CHECK(p.files().size() == 2);
}

TEST_CASE("spare_segments: one that was removed by hand is missed by nobody") {
    const place p;
    auto spares = p.spares(2);
    spares.prepare(p.where());
    std::filesystem::remove(p.spare(2));
    std::uint32_t room = 1;
    REQUIRE(spares.take(p.where(), name_of(1), room));
    CHECK(room == 0);
    REQUIRE(spares.take(p.where(), name_of(1), room));
    CHECK(room == size);
}

TEST_CASE("spare_segments: a dropped segment becomes one while one is wanted; no record stays") {
    const place p;
    auto spares = p.spares(3);
    for (const int number : {1, 2, 3, 4})
        testing::write_file(p.segment(number), std::string(4'000U * unsigned(number), 'r'));
    std::filesystem::create_hard_link(p.segment(2), p.directory / "somebody's copy");
    for (const std::uint64_t number : {1U, 2U, 3U, 4U}) REQUIRE(spares.replace(p.where(), number));
    CHECK(p.files() == names{"somebody's copy", "spare-0000000000000001", "spare-0000000000000002",
                             "spare-0000000000000003"});
    for (const int number : {1, 2, 3}) CHECK(testing::contents_of(p.spare(number)) == zeros);
    CHECK(testing::contents_of(p.directory / "somebody's copy") == std::string(8'000, 'r'));
    CHECK_FALSE(spares.replace(p.where(), 5));
}

TEST_CASE("spare_segments: no files to open is told, and takes none away") {
    const place p;
    auto spares = p.spares(1);
    spares.prepare(p.where());
    struct ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct ::rlimit none = before;
    none.rlim_cur = 0;
    std::uint32_t room = 0;
    const bool limited = ::setrlimit(RLIMIT_NOFILE, &none) == 0;
    const auto taken = spares.take(p.where(), name_of(1), room);
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &before));
    REQUIRE(limited);
    REQUIRE_FALSE(taken);
    CHECK(is_out_of_files(taken.error()));
    REQUIRE(spares.take(p.where(), name_of(1), room));
    CHECK(room == size);
}

TEST_CASE("spare_segments: what can't be made is left out, and leaves nothing behind") {
    const place p;
    struct ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct ::rlimit small = before;
    small.rlim_cur = size / 2;
    auto* const ignored = ::signal(SIGXFSZ, SIG_IGN);
    const bool limited = ::setrlimit(RLIMIT_FSIZE, &small) == 0;
    auto spares = p.spares(1);
    spares.prepare(p.where());
    static_cast<void>(::setrlimit(RLIMIT_FSIZE, &before));
    static_cast<void>(::signal(SIGXFSZ, ignored));
    REQUIRE(limited);
    CHECK(p.files().empty());
    std::uint32_t room = 1;
    REQUIRE(spares.take(p.where(), name_of(1), room));
    CHECK(room == 0);
}

TEST_CASE("logged: over spare segments rows last as over others, and checkpoints make new spares",
          "[threads]") {
    using texts = store<std::string, std::string, hash_map<>, logged<>, shared>;
    constexpr logged_options how{.segment_size = 20'000, .keep_snapshots = 1, .spare_segments = 3};
    const place p;
    const std::string path = p.directory / "db";
    const auto count_of = [&](const char* prefix) {
        std::size_t n = 0;
        for (const auto& entry : std::filesystem::directory_iterator{path})
            n += entry.path().filename().string().rfind(prefix, 0) == 0;
        return n;
    };
    const auto value_of = [](int i) { return std::string(std::size_t(i) % 700, 'v'); };
    for (int run = 0; run < 3; ++run) {
        auto db = texts::open({.directory = path.c_str()}, how);
        REQUIRE(db);
        CHECK(db->size() == std::size_t(run) * 400);
        CHECK(db->recovered().torn == 0);
        CHECK(db->recovered().closed_well == (run != 0));
        CHECK(count_of("spare-") >= 2); // and one of a new store's is its first segment
        std::vector<std::thread> writers;
        for (int half = 0; half < 2; ++half)
            writers.emplace_back([&, half] {
                for (int i = 200 * half; i < 200 * half + 200; ++i)
                    static_cast<void>(db->put(std::to_string(400 * run + i), value_of(i)));
            });
        for (int i = 0; i < 3; ++i) CHECK(db->checkpoint());
        for (std::thread& writer : writers) writer.join();
        REQUIRE(db->checkpoint());
        CHECK(count_of("spare-") == 3);
        CHECK(count_of("log-") == 1);
        for (int i = 0; i < 100; ++i) REQUIRE(db->put("again", value_of(i)));
        REQUIRE(db->erase("again"));
        for (int i = 0; i < 400; ++i)
            REQUIRE(db->get(std::to_string(400 * run + i)).value() == value_of(i));
        REQUIRE(db->close());
    }
}
