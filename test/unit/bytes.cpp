// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/bytes.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using ashlar::bytes_view;
using ashlar::text_view;
using namespace ashlar::literals;

TEST_CASE("bytes: views compare as memcmp does, a prefix before what it begins") {
    const std::vector<std::string> ascending{"",
                                             std::string(1, '\0'),
                                             std::string(2, '\0'),
                                             std::string("\0\x01", 2),
                                             "\x7F",
                                             "\x80",
                                             "\xFE\xFF",
                                             "\xFF",
                                             std::string("\xFF\0", 2),
                                             "\xFF\xFF"};
    for (std::size_t i = 0; i < ascending.size(); ++i)
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            const bytes_view a = ascending[i], b = ascending[j];
            CHECK((a < b) == (i < j));
            CHECK((a == b) == (i == j));
            CHECK((compare(a, b) < 0) == (i < j));
            CHECK((compare(a, b) > 0) == (i > j));
        }
}

TEST_CASE("bytes: views are cut and asked for prefixes") {
    const bytes_view all = "granite"_b;
    CHECK(all.size() == 7);
    CHECK(all.first(4) == "gran"_b);
    CHECK(all.skip(4) == "ite"_b);
    CHECK(all.skip(7).empty());
    CHECK(all[0] == std::byte{'g'});
    CHECK(all.starts_with("gran"_b));
    CHECK(all.starts_with({}));
    CHECK_FALSE(all.starts_with("granites"_b));
    CHECK_FALSE(all.starts_with("ran"_b));
    CHECK(all.as<std::string>() == "granite");
    CHECK(std::string(reinterpret_cast<const char*>(all.begin()), 7) == "granite");
    CHECK(all.end() - all.begin() == 7);
    CHECK(bytes_view{} == ""_b);
    CHECK("a\0b"_b.size() == 3);
}

TEST_CASE("bytes: contiguous ranges of bytes convert, others do not") {
    CHECK(bytes_view{std::string_view{"ab"}} == "ab"_b);
    CHECK(bytes_view{std::array{std::byte{'a'}, std::byte{'b'}}} == "ab"_b);
    STATIC_REQUIRE(std::is_convertible_v<std::vector<unsigned char>, bytes_view>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::vector<int>, bytes_view>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<int, bytes_view>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<const char*, bytes_view>);
}

TEST_CASE("bytes: text views know their length and stand null pointers") {
    STATIC_REQUIRE(text_view{"abc"}.size() == 3);
    STATIC_REQUIRE(text_view{"abc"} == text_view{"abcd", 3});
    STATIC_REQUIRE_FALSE(text_view{"abc"} == text_view{"abd"});
    STATIC_REQUIRE(text_view{}.empty());
    CHECK(text_view{static_cast<const char*>(nullptr)}.empty());
    CHECK(text_view{std::string{"abc"}}.size() == 3);
}

TEST_CASE("bytes: integers are stored in the order their name says, at any alignment") {
    std::byte at[9]{};
    for (const std::size_t offset : {0U, 1U}) {
        ashlar::store_little(at + offset, std::uint64_t{0x0102'0304'0506'0708});
        CHECK(at[offset] == std::byte{8});
        CHECK(at[offset + 7] == std::byte{1});
        CHECK(ashlar::load_little<std::uint64_t>(at + offset) == 0x0102'0304'0506'0708);
        CHECK(ashlar::load_big<std::uint64_t>(at + offset) == 0x0807'0605'0403'0201);
        ashlar::store_big(at + offset, std::uint32_t{0x0102'0304});
        CHECK(at[offset] == std::byte{1});
        CHECK(at[offset + 3] == std::byte{4});
        CHECK(ashlar::load_big<std::uint32_t>(at + offset) == 0x0102'0304);
        CHECK(ashlar::load_little<std::uint16_t>(at + offset) == 0x0201);
        CHECK(ashlar::load_big<std::uint8_t>(at + offset) == 1);
        CHECK(at[offset + 4] == std::byte{4}); // behind the four bytes nothing was written
    }
    STATIC_REQUIRE(ashlar::swap_bytes(std::uint16_t{0x0102}) == 0x0201);
    STATIC_REQUIRE(ashlar::swap_bytes(std::uint8_t{7}) == 7);
}

TEST_CASE("bytes: the bytes of an object are its own") {
    const std::uint32_t n = 0x0A0B'0C0D;
    const bytes_view view = ashlar::object_bytes(n);
    CHECK(view.size() == 4);
    CHECK(static_cast<const void*>(view.data()) == &n);
}
