// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb sqlite threads
#include "laws/expiry.hpp"
#include "laws/on_disk.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/store.hpp>

#include <chrono>

using namespace ashlar;
using namespace std::chrono_literals;
using ashlar_test::expiring_on;

namespace {

using expiring_row = row_layout<dynamic_extent, dynamic_extent, row_fields{.expiry = true}>;

/// Fewer steps than in memory: what the layer does is the same.
template <class Backend>
void hold_to_the_laws(const typename Backend::options& with) {
    auto few = testing::law_options::of<Backend>();
    few.steps = ashlar_test::effort(2'000);
    few.empty_keys = !std::same_as<Backend, lmdb<>>;
    testing::disk_laws<expiring_on<Backend>>::template hold<expiring_row, shared>(with, few);
}

} // namespace

TEST_CASE("expiry over lmdb keeps the laws of engines") {
    hold_to_the_laws<lmdb<>>({.sync = lmdb_sync::none});
}
TEST_CASE("expiry over rocksdb keeps the laws of engines") {
    hold_to_the_laws<ashlar::rocksdb<>>({.sync = false});
}
TEST_CASE("expiry over sqlite keeps the laws of engines") {
    hold_to_the_laws<sqlite<>>({.sync = sqlite_sync::none});
}

namespace {

/// The system's files, and a wall clock that the test sets.
struct set_clock : posix {
    static inline std::uint64_t ahead = 0;
    [[nodiscard]] static wall_time wall_now() noexcept {
        return wall_time{static_cast<std::uint64_t>(posix::wall_now()) + ahead};
    }
    static void pass(std::chrono::nanoseconds time) {
        ahead += static_cast<std::uint64_t>(time.count());
    }
};

template <class Backend, class Policy = lazy_ttl>
using disk_texts = store<std::string, std::string, Backend, set_clock, Policy>;

} // namespace

TEMPLATE_TEST_CASE("G16 expiry on disk: the time that was left goes on over a restart", "",
                   (disk_texts<lmdb<>>), (disk_texts<ashlar::rocksdb<>>), (disk_texts<sqlite<>>),
                   (disk_texts<sqlite<>, active_ttl<>>)) {
    const testing::scratch place;
    const std::string path = place / "db";
    {
        auto db = TestType::open({.directory = path});
        REQUIRE(db);
        REQUIRE(db->put("short", "1", 1h));
        REQUIRE(db->put("long", "2", 3h));
        REQUIRE(db->put("stays", "3"));
        REQUIRE(db->insert("lock", "me", 1h).value_or(false));
        REQUIRE(db->close());
    }
    set_clock::pass(2h);
    auto db = TestType::open({.directory = path});
    REQUIRE(db);
    CHECK_FALSE(db->contains("short").value_or(true));
    CHECK(db->get("long").value_or("") == "2");
    CHECK(db->get("stays").value_or("") == "3");
    const auto left = db->ttl_of("long");
    REQUIRE(left);
    CHECK(left->nanoseconds <= 3'600'000'000'000U);
    CHECK(left->nanoseconds > 3'500'000'000'000U);
    CHECK(db->insert("lock", "you", 1h).value_or(false));
    CHECK_FALSE(db->insert("lock", "him", 1h).value_or(true));
    std::string seen;
    for (const auto& [key, value] : db->scan()) seen += key + " ";
    CHECK(seen == "lock long stays ");
    auto batch = db->batch();
    batch.expect_range_empty("p", "st").put("range", "was empty");
    CHECK(db->apply(batch));
    CHECK(db->sweep().value_or(9) == 0); // the check has erased "short"
    CHECK(db->persist("long").value_or(false));
    // What was swept can't come back, wherever the clock is set.
    set_clock::pass(2h);
    CHECK(db->sweep().value_or(0) == 1); // "lock"
    REQUIRE(db->close());
    set_clock::pass(-4h);
    auto again = TestType::open({.directory = path});
    REQUIRE(again);
    CHECK_FALSE(again->contains("short").value_or(true));
    CHECK_FALSE(again->contains("lock").value_or(true));
    CHECK(again->get("long").value_or("") == "2");
}

TEST_CASE("G16 expiry: a store made without it is refused, and the other way round") {
    const testing::scratch place;
    const std::string path = place / "db";
    REQUIRE(disk_texts<sqlite<>>::open({.directory = path}));
    using kept_texts = store<std::string, std::string, sqlite<>, set_clock>;
    CHECK(kept_texts::open({.directory = path}).error() == errc::foreign);
    CHECK(disk_texts<sqlite<>, active_ttl<>>::open({.directory = path})); // the same bytes
}
