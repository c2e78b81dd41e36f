// SPDX-License-Identifier: BSL-1.0
// NEEDS: sqlite threads
#include "catch.hpp"
#include "laws/on_disk.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/sqlite.hpp>
#include <ashlar/testing/concurrency_laws.hpp>

namespace {

using ashlar::dynamic_extent, ashlar::row_fields, ashlar::row_layout;

// Speed only: what survives a killed process is the fault tests' business.
constexpr ashlar::sqlite_options quick{.sync = ashlar::sqlite_sync::none};

template <class Row, class Concurrency, class Backend = ashlar::sqlite<>>
void hold_to_the_laws() {
    ashlar::testing::law_options laws;
    laws.steps = ashlar_test::effort(4'000);
    laws.max_row_size = Backend::max_row_size;
    ashlar::testing::disk_laws<Backend>::template hold<Row, Concurrency>(quick, laws);
}

} // namespace

TEST_CASE("sqlite keeps the laws of engines, reopening included") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, row_fields{}>, ashlar::shared>();
}
TEST_CASE("sqlite keeps the laws without threads, with every header field") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent,
                                row_fields{.version = true, .expiry = true, .sequenced = true}>,
                     ashlar::single, ashlar::sqlite<300, 5'000>>();
}
TEST_CASE("sqlite keeps the laws with fixed lengths") {
    hold_to_the_laws<row_layout<8, 8, row_fields{.version = true, .sequenced = true}>,
                     ashlar::shared>();
}
