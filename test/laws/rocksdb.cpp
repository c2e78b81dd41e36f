// SPDX-License-Identifier: BSL-1.0
// NEEDS: rocksdb threads
#include "catch.hpp"
#include "support/effort.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

namespace testing = ashlar::testing;
using ashlar::dynamic_extent, ashlar::row_layout, ashlar::row_fields;

template <class Row>
void hold_to_the_laws() {
    using engine = ashlar::rocksdb<>::engine<Row, ashlar::posix, ashlar::shared>;
    const testing::scratch scratch;
    std::size_t count = 0;
    const auto open = [&](std::size_t number) {
        const std::string directory = scratch / std::to_string(number);
        // Speed only: what survives a killed process is the fault tests' business.
        return engine::open({.options = {.directory = directory}, .formats = "laws"},
                            {.sync = false, .write_buffer = 1U << 20, .block_cache = 1U << 20});
    };
    auto options = testing::law_options::of<ashlar::rocksdb<>>();
    options.steps = ashlar_test::effort(4'000);
    testing::engine_laws([&] { return open(++count); }, [&] { return open(count); },
                         [](bool held, const char* law) {
                             INFO(law);
                             CHECK(held);
                         },
                         options);
}

} // namespace

TEST_CASE("rocksdb keeps the laws of engines") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, row_fields{}>>();
}
TEST_CASE("rocksdb keeps the laws of engines with versions and sequences") {
    hold_to_the_laws<
        row_layout<8, dynamic_extent, row_fields{.version = true, .sequenced = true}>>();
}
