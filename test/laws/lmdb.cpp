// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb threads
#include "catch.hpp"
#include "laws/on_disk.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/lmdb.hpp>

TEST_CASE("lmdb keeps the laws of engines, reopening included") {
    using ashlar::dynamic_extent, ashlar::row_fields, ashlar::row_layout;
    using laws = ashlar::testing::disk_laws<ashlar::lmdb<>>;
    const auto quick = ashlar::lmdb_options{.sync = ashlar::lmdb_sync::none};
    auto options = ashlar_test::law_effort();
    options.empty_keys = false;
    laws::hold<row_layout<dynamic_extent, dynamic_extent, row_fields{}>, ashlar::shared>(quick,
                                                                                         options);
    laws::hold<row_layout<dynamic_extent, dynamic_extent,
                          row_fields{.version = true, .expiry = true, .sequenced = true}>,
               ashlar::single>(quick, options);
    laws::hold<row_layout<8, 8, row_fields{.version = true, .sequenced = true}>, ashlar::shared>(
        quick, options);
}
