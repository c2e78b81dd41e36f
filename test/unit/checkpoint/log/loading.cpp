// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/environment/scratch.hpp"

#include <catch.hpp>

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace ashlar;
using texts = store<std::string, std::string, hash_map<>, logged<>, shared>;

constexpr std::size_t rows = 40'000; // about four MiB: work for four threads
std::string key_of(std::size_t i) { return "key " + std::to_string(i); }
std::string value_of(std::size_t i) {
    return std::string(40 + i % 64, static_cast<char>('a' + i % 26));
}

/// A store's directory with an old snapshot of few rows and a new one of all; or with a log alone.
struct place {
    testing::scratch directory;
    std::string path = directory.path() + "/store";

    explicit place(const logged_options& options = {}, bool snapshots = true) {
        auto db = texts::open({.directory = path.c_str()}, options);
        REQUIRE(db);
        for (std::size_t i = 0; i < rows; i += 1'000) {
            auto many = db->batch();
            for (std::size_t k = i; k < i + 1'000; ++k) many.put(key_of(k), value_of(k));
            REQUIRE(db->submit(many));
            if (i == 0 && snapshots) REQUIRE(db->checkpoint());
            if (!snapshots) REQUIRE(db->sync());
        }
        if (snapshots) REQUIRE(db->checkpoint());
        REQUIRE(db->close());
    }
    [[nodiscard]] std::string newest() const {
        std::string found;
        for (const auto& entry : std::filesystem::directory_iterator{path})
            if (entry.path().filename().string().rfind("snapshot-", 0) == 0)
                found = (std::max)(found, entry.path().string());
        return found;
    }
    /// How many rows are there and are not what was written.
    std::size_t wrong_rows(std::size_t threads, recovery_report& report) const {
        auto db = texts::open({.directory = path.c_str(), .read_only = true},
                              logged_options{.load_threads = threads});
        REQUIRE(db);
        report = db->recovered();
        std::size_t wrong = db->size() == rows ? 0 : rows;
        for (std::size_t i = 0; i < rows; ++i) {
            const auto found = db->get(key_of(i));
            wrong += !found || *found != value_of(i);
        }
        return wrong;
    }
};

/// Takes what hash_map takes until it has had enough.
template <class Engine>
struct sated : Engine {
    std::atomic<int> blocks{0};
    result<void> load(operation_list some) {
        if (blocks.fetch_add(1) >= 3) return errc::full;
        return Engine::load(some);
    }
};

/// What happens to the n-th direct read, from 0 on; and how many there were.
struct direct_plan {
    int refused = -1, interrupted = -1, cut = -1, altered = -1;
    std::atomic<bool> direct{false};
    std::atomic<int> reads{0};
};
direct_plan* plan = nullptr;

/// As strict with direct reads as a system is.
struct direct_file : posix::file {
    direct_file() = default;
    explicit direct_file(posix::file&& from) : posix::file{std::move(from)} {}
    bool read_directly(bool wanted) noexcept { return plan->direct = wanted; }
    result<std::size_t> read_at(std::uint64_t at, std::byte* to, std::size_t size) const {
        if (!plan->direct) return posix::file::read_at(at, to, size);
        const int n = plan->reads++;
        const bool whole = (at | reinterpret_cast<std::uintptr_t>(to) | size) % direct_unit == 0;
        if (!whole || n == plan->refused) return error{errc::io, EINVAL};
        if (n == plan->interrupted) return error{errc::io, interrupted};
        const auto got = posix::file::read_at(at, to, n == plan->cut ? direct_unit - 1 : size);
        if (n == plan->altered && got) to[*got / 2] ^= std::byte{4};
        return got;
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
static_assert(direct_reader<direct_file> && file_system<direct_posix>);

/// A snapshot of some 18 MB, among whose rows is one that is longer than a piece.
struct long_snapshot {
    static constexpr std::size_t rows = 17'000;
    testing::scratch directory;
    std::string name = directory / "snapshot-0000000000000001";
    std::byte uuid[16]{};

    long_snapshot() {
        log_parts::snapshot_writer<posix> out;
        REQUIRE(out.begin(posix{}, text_view{directory.path()}, {uuid, 16}, 1, 0, 0));
        const std::string usual(1'000, 'u'), longest(std::size_t{5} << 20, 'l');
        for (std::size_t i = 0; i < rows; ++i)
            REQUIRE(out.add(bytes_view{key_of(i)}, bytes_view{i == rows / 3 ? longest : usual}));
        REQUIRE(out.finish({1, 64, 0}));
        std::filesystem::rename(directory / "snapshot.new", name);
    }
    /// How many rows two threads (or `threads`) load of it.
    [[nodiscard]] result<std::size_t> load(direct_plan& how, std::size_t threads = 2) const {
        using engine = hash_map<>::engine<row_layout<dynamic_extent, dynamic_extent, row_fields{}>,
                                          direct_posix, shared>;
        plan = &how;
        log_parts::snapshot_reader<direct_posix> from;
        const auto opened = from.open({}, text_view{directory.path()}, {uuid, 16}, 1);
        if (!opened) return opened.error();
        engine below;
        log_parts::snapshot_loading<direct_posix, shared, engine> loading{from, below};
        if (const auto done = loading.run(threads); !done) return done.error();
        CHECK(from.says().rows == rows);
        return below.size();
    }
};

} // namespace

TEST_CASE("loading: however many threads load it, a snapshot is the same rows", "[threads]") {
    const place made;
    for (const std::size_t threads : {1U, 2U, 4U, 64U, 0U}) {
        recovery_report report;
        CHECK(made.wrong_rows(threads, report) == 0);
        CHECK(report.rows == rows);
        CHECK(report.bad_snapshots == 0);
    }
}

TEST_CASE("loading: what several threads have loaded of a damaged snapshot is forgotten",
          "[threads]") {
    const place made;
    const std::string name = made.newest();
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(name));
    for (const std::streamoff at : {std::streamoff{70}, size / 7, size / 2, size - 70, size - 20}) {
        std::fstream file{name, std::ios::in | std::ios::out | std::ios::binary};
        const auto flip = [&] {
            file.seekg(at);
            const auto byte = static_cast<char>(file.get() ^ 4);
            file.seekp(at);
            file.put(byte).flush();
        };
        flip();
        recovery_report report;
        CHECK(made.wrong_rows(4, report) == 0); // by the older snapshot and its log
        CHECK(report.bad_snapshots == 1);
        CHECK(report.rows == 1'000);
        flip();
    }
}

TEST_CASE("loading: a long row has a block of its own, which is as long as a record can be") {
    const testing::scratch directory;
    const std::byte uuid[16]{};
    const std::string key = "key", little(100, 'l'), longest(snapshot_block_size, 'x');
    std::vector<std::uint64_t> blocks;
    {
        log_parts::snapshot_writer<posix> out;
        REQUIRE(out.begin(posix{}, text_view{directory.path()}, {uuid, 16}, 1, 0, 0));
        for (const std::string* value : {&little, &longest, &longest, &little, &little})
            blocks.push_back(out.add(bytes_view{key}, bytes_view{*value}).value_or(0U));
        REQUIRE(out.finish({1, 64, 0}));
    }
    const std::uint64_t few = log_record_size(sizeof(batch_entry) + 3 + 100);
    const std::uint64_t many = log_record_size(sizeof(batch_entry) + 3 + longest.size());
    const std::uint64_t second = sizeof(snapshot_header) + few;
    CHECK(blocks == std::vector<std::uint64_t>{sizeof(snapshot_header), second, second + many,
                                               second + 2 * many, second + 2 * many});
    std::filesystem::rename(directory / "snapshot.new", directory / "snapshot-0000000000000001");
    const auto read = log_parts::load_snapshot(posix{}, text_view{directory.path()}, {uuid, 16}, 1,
                                               [](operation_list) { return result<void>{}; });
    REQUIRE(read);
    CHECK(read->rows == 5);
}

TEST_CASE("loading: a long snapshot is read past the system's memory", "[threads]") {
    const long_snapshot made;
    direct_plan direct;
    CHECK(made.load(direct).value_or(0U) == made.rows);
    CHECK(direct.reads >= 9);
    CHECK(direct.reads <= 20); // none is refused, the long row's block is read twice
    direct_plan alone;
    CHECK(made.load(alone, 1).value_or(0U) == made.rows);
    CHECK(alone.reads == 0); // reading ahead is the system's then
    // Whatever comes in between, it is read as ever from then on.
    for (const int n : {0, 2, 7})
        for (int direct_plan::* what : {&direct_plan::refused, &direct_plan::interrupted,
                                        &direct_plan::cut, &direct_plan::altered}) {
            direct_plan how;
            how.*what = n;
            CHECK(made.load(how).value_or(0U) == made.rows);
            CHECK(how.reads > n);
        }
}

TEST_CASE("loading: damage is found in what was read past the system's memory", "[threads]") {
    const long_snapshot made;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(made.name));
    for (const std::streamoff at : {std::streamoff{70}, size / 7, size / 2, size - 70, size - 20}) {
        std::fstream file{made.name, std::ios::in | std::ios::out | std::ios::binary};
        const auto flip = [&] {
            file.seekg(at);
            const auto byte = static_cast<char>(file.get() ^ 4);
            file.seekp(at);
            file.put(byte).flush();
        };
        flip();
        direct_plan how;
        CHECK(made.load(how).error() == errc::corrupt);
        flip();
    }
    for (const std::streamoff cut : {size - 1, size - 56, size - 70'000}) {
        std::filesystem::resize_file(made.name, static_cast<std::uintmax_t>(cut));
        direct_plan how;
        CHECK(made.load(how).error() == errc::corrupt);
    }
}

TEST_CASE("loading: an engine that has had enough ends it for all threads", "[threads]") {
    const testing::scratch directory;
    const std::byte uuid[16]{};
    {
        log_parts::snapshot_writer<posix> out;
        REQUIRE(out.begin(posix{}, text_view{directory.path()}, {uuid, 16}, 1, 0, 0));
        for (std::size_t i = 0; i < rows; ++i)
            REQUIRE(out.add(bytes_view{key_of(i)}, bytes_view{value_of(i)}));
        REQUIRE(out.finish({1, 64, 0}));
    }
    std::filesystem::rename(directory / "snapshot.new", directory / "snapshot-0000000000000001");
    log_parts::snapshot_reader<posix> from;
    REQUIRE(from.open(posix{}, text_view{directory.path()}, {uuid, 16}, 1));
    CHECK(from.promised_rows() == rows);

    using engine =
        hash_map<>::engine<row_layout<dynamic_extent, dynamic_extent, row_fields{}>, posix, shared>;
    sated<engine> below;
    log_parts::snapshot_loading<posix, shared, sated<engine>> loading{from, below};
    CHECK(loading.run(4).error() == errc::full);
    CHECK(below.blocks.load() >= 4);
    CHECK(below.blocks.load() <= 7); // each of four threads has had one more at most
}

TEST_CASE("loading: however many threads read it, a log is the same records in their order",
          "[threads]") {
    const place made{logged_options{.segment_size = std::size_t{1} << 20}, false};
    std::uint64_t records = 0;
    for (const std::size_t threads : {1U, 2U, 4U, 64U, 0U}) {
        recovery_report report;
        CHECK(made.wrong_rows(threads, report) == 0);
        CHECK((report.snapshot == 0 && report.closed_well));
        if (threads == 1) records = report.records;
        CHECK(report.records == records);
    }
    // Damage in the second segment, while others read the third.
    std::filesystem::resize_file(made.path + "/log-0000000000000002", 700'000);
    for (const std::size_t threads : {1U, 2U, 4U}) {
        error_detail detail;
        const auto db =
            texts::open({.directory = made.path.c_str(), .read_only = true, .detail = &detail},
                        logged_options{.load_threads = threads});
        CHECK(db.error() == errc::corrupt);
        const std::string why{detail.message.view().data(), detail.message.view().size()};
        CHECK(why.find("log-0000000000000002") != std::string::npos);
    }
    std::filesystem::remove(made.path + "/log-0000000000000003");
    CHECK(texts::open({.directory = made.path.c_str(), .read_only = true}).error() ==
          errc::corrupt);
}
