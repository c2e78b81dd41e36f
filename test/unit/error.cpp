// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/error.hpp>

#include <set>
#include <string>

using ashlar::errc;

TEST_CASE("error: every code has a name of its own, and the values are what was published") {
    std::set<std::string> names;
    for (std::uint32_t code = 0; code <= 35; ++code)
        names.insert(ashlar::name_of(static_cast<errc>(code)));
    CHECK(names.size() == 36);
    CHECK(names.count("unknown") == 0);
    CHECK(std::string{ashlar::name_of(static_cast<errc>(36))} == "unknown");
    CHECK(std::string{ashlar::name_of(errc::key_too_long)} == "key_too_long");
    // Part of the wire format: a few of each end and the middle.
    STATIC_REQUIRE(static_cast<int>(errc::not_found) == 1);
    STATIC_REQUIRE(static_cast<int>(errc::conflict) == 3);
    STATIC_REQUIRE(static_cast<int>(errc::corrupt) == 19);
    STATIC_REQUIRE(static_cast<int>(errc::closed) == 28);
    STATIC_REQUIRE(static_cast<int>(errc::unsupported) == 35);
}

TEST_CASE("error: compares with a code whatever its native part") {
    const ashlar::error e{errc::io, 5};
    CHECK(e == errc::io);
    CHECK_FALSE(e == errc::full);
    CHECK_FALSE(e == ashlar::error{errc::io, 28});
    CHECK(e == ashlar::error{errc::io, 5});
}

TEST_CASE("error: a sentence is text and numbers, cut at its capacity and never overrun") {
    ashlar::sentence text;
    CHECK(text.empty());
    text << "version " << 0U << " to " << std::uint64_t{18'446'744'073'709'551'615U};
    CHECK(std::string{text.c_str()} == "version 0 to 18446744073709551615");
    for (int i = 0; i < 100; ++i) text << "0123456789";
    CHECK(text.view().size() == 511);
    CHECK(std::string{text.c_str()}.size() == 511);
    text.clear();
    CHECK(text.empty());
    CHECK(std::string{text.c_str()}.empty());
}

TEST_CASE("error: details are filled when they are asked for") {
    ashlar::error_detail detail;
    detail.message << "old";
    CHECK(ashlar::fail(&detail, {errc::corrupt}, "new") == errc::corrupt);
    CHECK(detail.message.view() == ashlar::text_view{"new"});
    CHECK(ashlar::fail(nullptr, {errc::io, 5}, "nobody hears").native == 5);
}
