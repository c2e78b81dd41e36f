// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/row.hpp>

#include <string>

using ashlar::dynamic_extent;
using ashlar::row_fields;
using ashlar::row_layout;
using namespace ashlar::literals;

TEST_CASE("row: header fields are summed in their order, and only those that are declared") {
    using bare = row_layout<8, 4, row_fields{}>;
    using versioned = row_layout<8, 4, row_fields{.version = true}>;
    using expiring = row_layout<8, 4, row_fields{.expiry = true}>;
    using both =
        row_layout<dynamic_extent, dynamic_extent, row_fields{.version = true, .expiry = true}>;
    STATIC_REQUIRE(bare::header_size == 0);
    STATIC_REQUIRE(bare::row_extent == 4);
    STATIC_REQUIRE(versioned::header_size == 8);
    STATIC_REQUIRE(versioned::row_extent == 12);
    STATIC_REQUIRE(expiring::expiry_offset == 0);
    STATIC_REQUIRE(both::version_offset == 0);
    STATIC_REQUIRE(both::expiry_offset == 8);
    STATIC_REQUIRE(both::header_size == 16);
    STATIC_REQUIRE(both::row_extent == dynamic_extent);
}

TEST_CASE("row: bytes of a wrong length do not fit, the rest is header and payload") {
    using fixed = row_layout<8, 3, row_fields{.version = true}>;
    CHECK(fixed::fits("vvvvvvvvabc"_b));
    CHECK_FALSE(fixed::fits("vvvvvvvvab"_b));
    CHECK_FALSE(fixed::fits("vvvvvvvvabcd"_b));
    CHECK(fixed::payload("vvvvvvvvabc"_b) == "abc"_b);
    CHECK(fixed::version("\x05\0\0\0\0\0\0\x01xyz"_b) == 0x0100'0000'0000'0005);
    using loose = row_layout<8, dynamic_extent, row_fields{.version = true}>;
    CHECK(loose::fits("vvvvvvvv"_b));
    CHECK(loose::fits("vvvvvvvvabc"_b));
    CHECK_FALSE(loose::fits("vvvvvvv"_b));
    CHECK(loose::payload("vvvvvvvv"_b).empty());
}

TEST_CASE("row: a receipt carries the sequence where one is kept") {
    using numbered = row_layout<8, 8, row_fields{.sequenced = true}>;
    using plain = row_layout<8, 8, row_fields{}>;
    STATIC_REQUIRE(std::is_same_v<numbered::receipt, ashlar::result<ashlar::commit_seq>>);
    STATIC_REQUIRE(std::is_same_v<plain::receipt, ashlar::result<void>>);
    CHECK(numbered::receipt_for(ashlar::commit_seq{4}).value() == ashlar::commit_seq{4});
    CHECK(plain::receipt_for(ashlar::commit_seq{4}).has_value());
}

TEST_CASE("row: the fields of several policies are merged") {
    constexpr row_fields all = ashlar::merged(row_fields{.version = true}, row_fields{},
                                              row_fields{.version = true, .sequenced = true});
    STATIC_REQUIRE(all.version);
    STATIC_REQUIRE(all.sequenced);
    STATIC_REQUIRE_FALSE(all.expiry);
}
