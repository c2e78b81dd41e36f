// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/buffer.hpp>

#include <string>

using ashlar::bytes_view;
using namespace ashlar::literals;

TEST_CASE("buffer: grows beyond its inline bytes and keeps what it holds") {
    ashlar::small_buffer<16> b;
    std::string wanted;
    for (int i = 0; i < 500; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
        REQUIRE(append(b, piece));
        wanted += piece;
        REQUIRE(b.view() == bytes_view{wanted});
    }
    CHECK(b.capacity() >= b.size());
    b.truncate(3);
    CHECK(b.view() == bytes_view{wanted}.first(3));
    b.clear();
    CHECK(b.empty());
    CHECK(b.assign("new"_b));
    CHECK(b.view() == "new"_b);
}

TEST_CASE("buffer: moves take inline and heap bytes along and leave an empty buffer") {
    for (const std::size_t size : {std::size_t{3}, std::size_t{300}}) {
        ashlar::key_buffer from;
        const std::string text(size, 't');
        REQUIRE(from.assign(text));
        ashlar::key_buffer to{std::move(from)};
        CHECK(to.view() == bytes_view{text});
        CHECK(from.empty()); // NOLINT: moved-from buffers are empty and usable
        REQUIRE(from.assign("again"_b));
        ashlar::key_buffer third;
        REQUIRE(third.assign(std::string(100, 'x')));
        third = std::move(to);
        CHECK(third.view() == bytes_view{text});
        auto& self = third;
        third = std::move(self);
        CHECK(third.view() == bytes_view{text});
    }
}

TEST_CASE("buffer: a size that can't be had is refused and changes nothing") {
    ashlar::byte_buffer b;
    REQUIRE(b.assign("kept"_b));
    CHECK(b.extend(ashlar::dynamic_extent) == nullptr);
    CHECK(b.extend(ashlar::dynamic_extent / 4) == nullptr);
    CHECK(b.view() == "kept"_b);
    CHECK(b.extend(0) != nullptr);
}

TEST_CASE("buffer: a fixed buffer takes its capacity and no byte more") {
    ashlar::fixed_buffer<4> b;
    CHECK(append(b, "ab"_b));
    CHECK(append(b, "cd"_b));
    CHECK_FALSE(append(b, "e"_b));
    CHECK(append(b, {}));
    CHECK(b.view() == "abcd"_b);
    CHECK(b.extend(ashlar::dynamic_extent) == nullptr);
    CHECK_FALSE(b.assign("too long"_b));
    CHECK(b.assign("yes"_b));
    CHECK(b.view() == "yes"_b);
    b.truncate(1);
    CHECK(b.view() == "y"_b);
    static constinit ashlar::fixed_buffer<8> global;
    CHECK(global.empty());
}

TEST_CASE(
    "buffer: the successor of a prefix is above all that begins with it, and the least such") {
    const auto successor_of = [](bytes_view prefix) {
        ashlar::key_buffer out;
        REQUIRE(ashlar::successor(prefix, out));
        return out.view().as<std::string>();
    };
    CHECK(successor_of("ab"_b) == "ac");
    CHECK(successor_of("a\xFF"_b) == "b");
    CHECK(successor_of("a\xFF\xFF"_b) == "b");
    CHECK(successor_of("\xFE"_b) == "\xFF");
    CHECK(successor_of("\xFF\xFF"_b).empty());
    CHECK(successor_of({}).empty());
    CHECK(successor_of("\0"_b) == "\x01");
}
