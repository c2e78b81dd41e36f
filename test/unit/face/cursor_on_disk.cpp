// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/ashlar.hpp>
#include <ashlar/backend/lmdb.hpp>

#include <string>

namespace {

using ashlar::errc;
using store = ashlar::store<std::string, std::string, ashlar::lmdb<>>;

store opened(const std::string& directory) {
    ashlar::error_detail detail;
    auto db = store::open({.directory = directory, .detail = &detail});
    INFO(detail.message.c_str());
    REQUIRE(db);
    return *std::move(db);
}

} // namespace

TEST_CASE("O-E8 a cursor resumes after the store was opened again") {
    const ashlar::testing::scratch place;
    std::string saved;
    {
        auto db = opened(place / "db");
        for (const char* key : {"a", "b", "c", "d", "e"}) REQUIRE(db.put(key, "value"));
        auto rows = db.scan().limit(2);
        std::string seen;
        for (const auto& row : rows) seen += row.key;
        CHECK(seen == "ab");
        const auto where = rows.where();
        REQUIRE(where);
        saved = where->view().as<std::string>();
        REQUIRE(db.close());
    }
    auto db = opened(place / "db");
    REQUIRE(db.put("aa", "behind the cursor"));
    REQUIRE(db.put("bb", "before it"));
    const auto cursor = store::cursor::from(saved);
    REQUIRE(cursor);
    auto rows = db.scan().resume(*cursor);
    std::string seen;
    for (const auto& row : rows) seen += row.key + " ";
    CHECK(rows.status());
    CHECK(seen == "bb c d e ");
}

TEST_CASE("O-E8 a cursor of another store of the same type is refused and shows nothing") {
    const ashlar::testing::scratch place;
    auto one = opened(place / "one");
    auto two = opened(place / "two");
    for (auto* db : {&one, &two})
        for (const char* key : {"a", "b", "c"}) REQUIRE(db->put(key, "value"));
    CHECK(one.identity() != two.identity());

    auto first = one.scan().limit(1);
    std::size_t shown = 0;
    for (const auto& row : first) shown += row.key == "a";
    CHECK(shown == 1);
    const auto where = first.where();
    REQUIRE(where);

    auto foreign = two.scan().resume(*where);
    for (const auto& row : foreign) FAIL("shown: " << row.key);
    CHECK(foreign.status().error() == errc::foreign_cursor);
    shown = 0;
    for (const auto& row : one.scan().resume(*where)) shown += row.key != "a";
    CHECK(shown == 2);
}
