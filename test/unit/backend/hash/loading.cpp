// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
// hash_map takes rows that have no order, from several threads; that a log does so is shown in
// test/unit/checkpoint/log/loading.cpp.
#include <catch.hpp>

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/bare.hpp>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ashlar;
using namespace ashlar::literals;

template <class Row>
using loaded_map = hash_map<>::engine<Row, bare, shared>;
using number_row = row_layout<8, 8, row_fields{}>;
using text_row = row_layout<dynamic_extent, dynamic_extent, row_fields{}>;

std::string bytes_of(std::uint64_t number) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &number, 8);
    return bytes;
}
/// Rows [from, to), each with `tag` and its number.
write_batch rows_of(std::uint64_t from, std::uint64_t to, std::uint64_t tag) {
    write_batch batch;
    for (std::uint64_t i = from; i < to; ++i)
        batch.put(bytes_view{bytes_of(i)}, bytes_view{bytes_of(i * 1000 + tag)});
    return batch;
}
template <class Engine>
std::uint64_t wrong_in(const Engine& in, std::uint64_t count, std::uint64_t tag) {
    std::uint64_t wrong = in.size() == count ? 0 : count;
    for (std::uint64_t i = 0; i < count; ++i) {
        bool right = false;
        const auto found = in.read(bytes_view{bytes_of(i)}, [&](bytes_view row) {
            right = row.as<std::string>() == bytes_of(i * 1000 + tag);
        });
        wrong += !(found && *found && right);
    }
    return wrong;
}

} // namespace

TEMPLATE_TEST_CASE("hash_map: rows are loaded side by side, new ones and in place of others",
                   "[threads]", number_row, text_row) {
    constexpr std::uint64_t count = 6'000, threads = 3;
    loaded_map<TestType> map;
    map.expect_rows(count / 2);
    for (const std::uint64_t tag : {1U, 2U}) {
        std::vector<std::thread> team;
        for (std::uint64_t t = 0; t < threads; ++t)
            team.emplace_back([&map, t, tag] {
                for (std::uint64_t i = t * 100; i < count; i += threads * 100) {
                    auto batch = rows_of(i, i + 100, tag);
                    if (!map.load(batch.operations())) return; // will be missed
                }
            });
        for (auto& thread : team) thread.join();
        CHECK(wrong_in(map, count, tag) == 0);
    }
    auto many = rows_of(0, 1'000, 3); // more than are listed at once
    REQUIRE(map.load(many.operations()));
    CHECK(map.size() == count);
    CHECK(map.load({}));
}

TEST_CASE("hash_map: what is loaded counts against the limit, which does not bind it") {
    auto made = loaded_map<text_row>::open(opening<bare>{{}, "", {}}, {.max_entries = 4});
    REQUIRE(made);
    auto rows = rows_of(0, 6, 1);
    REQUIRE(made->load(rows.operations()));
    REQUIRE(made->load(rows.operations())); // the same ones
    CHECK(made->size() == 6);
    CHECK(made->put("one more"_b, ""_b).error() == errc::full);
    for (std::uint64_t i = 0; i < 3; ++i) REQUIRE(*made->erase(bytes_view{bytes_of(i)}));
    CHECK(made->put("one more"_b, ""_b));
    CHECK(made->put("and more"_b, ""_b).error() == errc::full);
}

TEST_CASE("hash_map: what is no row is not loaded") {
    loaded_map<number_row> map;
    write_batch batch;
    batch.erase("12345678"_b);
    CHECK(map.load(batch.operations()).error() == errc::corrupt);
    batch.clear();
    batch.put("12345678"_b, "123"_b);
    CHECK(map.load(batch.operations()).error() == errc::invalid_argument);
    CHECK(map.size() == 0);
}
