// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/testing/archetypes.hpp>

using namespace ashlar::literals;

// What each archetype is and is not stands as static_asserts beside it; here its verbs run.
TEST_CASE("archetypes: the least engine opens, holds nothing and takes everything") {
    using row = ashlar::row_layout<8, 8, ashlar::row_fields{.sequenced = true}>;
    using engine = ashlar::testing::least_backend::engine<row, ashlar::bare, ashlar::single>;
    STATIC_REQUIRE(ashlar::openable_engine<engine, ashlar::bare, ashlar::no_options>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<engine>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<engine>);
    auto e = engine::open(ashlar::opening<ashlar::bare>{}, {});
    REQUIRE(e);
    std::size_t visits = 0;
    const auto found = e->read("k"_b, [&](ashlar::bytes_view) { ++visits; });
    CHECK((found.has_value() && !*found));
    ashlar::write_batch batch;
    batch.put("12345678"_b, "12345678"_b);
    CHECK(e->apply(batch).value() == ashlar::commit_seq{1});
    CHECK(e->apply_at(ashlar::commit_seq{2}, batch.operations()));
    engine::position at;
    const auto more = e->walk(at, [&](ashlar::bytes_view, ashlar::bytes_view) { ++visits; }, 10);
    CHECK((more.has_value() && !*more));
    CHECK(visits == 0);
}
