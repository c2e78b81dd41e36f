// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb sqlite threads
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/checkpoint/native.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ashlar;

using on_lmdb = ashlar::lmdb<>;
using on_rocksdb = ashlar::rocksdb<>;
using on_sqlite = ashlar::sqlite<>;

template <class Backend>
using numbers = store<std::uint64_t, std::uint64_t, Backend, native>;

/// Fast enough for a test: what is durable is what the copy is, not what it was made of.
template <class Backend>
typename Backend::options unsynced(typename Backend::options chosen = {}) {
    using sync_type = decltype(chosen.sync);
    if constexpr (std::is_same_v<sync_type, bool>) chosen.sync = false;
    else chosen.sync = sync_type::none;
    return chosen;
}

std::vector<std::uint64_t> checkpoints_of(const std::string& directory) {
    std::vector<std::uint64_t> all;
    REQUIRE(list_checkpoints(posix{}, directory, [&](std::uint64_t n) { all.push_back(n); }));
    std::sort(all.begin(), all.end());
    return all;
}

std::string copy_path(const std::string& directory, std::uint64_t number) {
    return directory + "/checkpoints/checkpoint-" + std::to_string(number);
}

/// Every batch of a writer puts the same number under two keys of its own, far apart.
constexpr std::uint64_t writers = 2;
constexpr std::uint64_t apart = 1000;

template <class Store>
bool put_pair(Store& db, std::uint64_t writer, std::uint64_t n) {
    auto batch = Store::batch();
    batch.put(writer, n).put(writer + apart, n).put(2 * apart + n % 300, n);
    return bool(db.apply(batch));
}
template <class Store>
std::uint64_t number_of(const Store& db, std::uint64_t key) {
    return db.get(key).value_or(0);
}

/// What a copy holds: the sum of the writers' numbers. Fails when a batch is there in part.
template <class Store>
std::uint64_t opened_sum(const std::string& directory) {
    error_detail detail;
    auto db = Store::open({.directory = directory, .create = false, .detail = &detail});
    INFO(directory << ": " << detail.message.c_str());
    REQUIRE(db);
    std::uint64_t sum = 0;
    for (std::uint64_t w = 0; w < writers; ++w) {
        CHECK(number_of(*db, w) == number_of(*db, w + apart));
        sum += number_of(*db, w);
    }
    REQUIRE(db->close());
    return sum;
}

} // namespace

TEMPLATE_TEST_CASE("native: copies made while others write are each of one moment, and stores",
                   "[threads]", on_lmdb, on_rocksdb, on_sqlite) {
    using db_type = numbers<TestType>;
    const testing::scratch place;
    const std::string home = place / "db";
    auto opened = db_type::open({.directory = home}, unsynced<TestType>(), native_options{3});
    REQUIRE(opened);
    db_type& db = *opened;

    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> written[writers]{};
    std::vector<std::thread> threads;
    for (std::uint64_t w = 0; w < writers; ++w)
        threads.emplace_back([&, w] {
            for (std::uint64_t n = 1; !stop.load(); ++n)
                if (put_pair(db, w, n)) written[w].store(n);
                else failed.fetch_add(1);
        });
    std::vector<std::uint64_t> least; // acknowledged before each copy began
    for (int i = 0; i < 5; ++i) {
        std::uint64_t sum = 0;
        while (sum < 20U * static_cast<unsigned>(i + 1)) {
            sum = 0;
            for (const auto& each : written) sum += each.load();
            std::this_thread::yield();
        }
        least.push_back(sum);
        const auto made = db.checkpoint();
        REQUIRE(made);
        CHECK(made->number == static_cast<std::uint64_t>(i) + 1);
    }
    stop.store(true);
    for (std::thread& each : threads) each.join();
    CHECK(failed.load() == 0);

    CHECK(checkpoints_of(home) == std::vector<std::uint64_t>{3, 4, 5});
    std::uint64_t before = 0;
    for (const std::uint64_t n : {3U, 4U, 5U}) {
        const std::uint64_t sum = opened_sum<db_type>(copy_path(home, n));
        CHECK(sum >= least[n - 1]);
        CHECK(sum >= before);
        before = sum;
    }
    REQUIRE(db.close());
    CHECK(opened_sum<db_type>(home) >= before);

    // A store made of the fourth; the checkpoint stays as it was.
    const std::string restored = place / "restored";
    REQUIRE(restore_checkpoint(posix{}, home, 4, restored));
    const std::uint64_t sum = opened_sum<db_type>(copy_path(home, 4));
    CHECK(opened_sum<db_type>(restored) == sum);
    CHECK_FALSE(std::filesystem::exists(restored + "/checkpoints"));
    error_detail detail;
    CHECK(restore_checkpoint(posix{}, home, 4, restored, &detail).error() == errc::already_exists);
    CHECK_FALSE(detail.message.empty());
    CHECK(restore_checkpoint(posix{}, home, 2, place / "other", &detail).error() ==
          errc::no_such_store);
}

TEST_CASE("native: what a crash has left of a copy is not taken for one, and does no harm") {
    using db_type = numbers<on_sqlite>;
    const testing::scratch place;
    const std::string home = place / "db";
    const auto quick = unsynced<on_sqlite>();
    {
        auto db = db_type::open({.directory = home}, quick);
        REQUIRE(db);
        REQUIRE(put_pair(*db, 0, 1));
        REQUIRE(db->checkpoint());
        REQUIRE(put_pair(*db, 0, 2));
        REQUIRE(db->close());
    }
    // Cut off in the middle of a copy, of a restore, and of a removal.
    std::filesystem::create_directories(home + "/checkpoints/new/rocksdb");
    testing::write_file(home + "/checkpoints/new/rows.sqlite", "half");
    testing::write_file(home + "/checkpoints/new/ashlar.lock", "creating 1\n");
    CHECK(checkpoints_of(home) == std::vector<std::uint64_t>{1});
    const std::string target = place / "target";
    std::filesystem::create_directories(target);
    testing::write_file(target + "/ashlar.lock", "creating 1\n");
    testing::write_file(target + "/rows.sqlite", "half");
    REQUIRE(restore_checkpoint(posix{}, home, 1, target));
    CHECK(opened_sum<db_type>(target) == 1);

    auto db = db_type::open({.directory = home}, quick, native_options{0}); // keeps one
    REQUIRE(db);
    REQUIRE(db->checkpoint());
    CHECK(checkpoints_of(home) == std::vector<std::uint64_t>{2});
    // What is named as a checkpoint and is none is not kept in place of one.
    testing::write_file(home + "/checkpoints/checkpoint-7", "");
    std::filesystem::create_directories(copy_path(home, 8));
    REQUIRE(db->checkpoint());
    CHECK(checkpoints_of(home) == std::vector<std::uint64_t>{9});
    CHECK(opened_sum<db_type>(copy_path(home, 9)) == 2);
    testing::write_file(home + "/checkpoints/new", ""); // nor does a file stand in the way
    REQUIRE(db->checkpoint());
    CHECK(checkpoints_of(home) == std::vector<std::uint64_t>{10});
    CHECK_FALSE(std::filesystem::exists(home + "/checkpoints/new"));
    CHECK(opened_sum<db_type>(copy_path(home, 10)) == 2);
    REQUIRE(db->close());
    CHECK(db->checkpoint().error() == errc::closed);

    auto reader = db_type::open({.directory = home, .read_only = true});
    REQUIRE(reader);
    CHECK(reader->checkpoint().error() == errc::read_only);
    REQUIRE(reader->close());

    // No room for a copy: a file stands where its folder would be.
    std::filesystem::remove_all(home + "/checkpoints");
    testing::write_file(home + "/checkpoints", "");
    db = db_type::open({.directory = home, .create = false}, quick);
    REQUIRE(db);
    CHECK_FALSE(db->checkpoint());
    CHECK(put_pair(*db, 0, 3));
}

TEST_CASE("native: a closed store touches no copy that another makes") {
    const testing::scratch place;
    const std::string path = place / "db";
    auto db = numbers<on_sqlite>::open({.directory = path}, unsynced<on_sqlite>());
    REQUIRE(db);
    REQUIRE(put_pair(*db, 0, 1));
    REQUIRE(db->checkpoint());
    REQUIRE(db->close());
    const std::string draft = path + "/checkpoints/new"; // of who has opened it since
    REQUIRE(std::filesystem::create_directory(draft));
    CHECK(db->checkpoint().error() == errc::closed);
    CHECK(std::filesystem::exists(draft));
}
