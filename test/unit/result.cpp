// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/result.hpp>

#include <memory>
#include <string>

using ashlar::errc;
using ashlar::result;

TEST_CASE("result: holds a value or an error, as std::expected does") {
    const result<int> value = 7;
    CHECK(value);
    CHECK(value.has_value());
    CHECK(*value == 7);
    CHECK(value.value() == 7);
    CHECK(value.value_or(3) == 7);
    CHECK(value.error() == errc::ok);
    const result<int> failed = errc::full;
    CHECK_FALSE(failed);
    CHECK(failed.error() == errc::full);
    CHECK(failed.value_or(3) == 3);
    const result<int> native = ashlar::error{errc::io, 5};
    CHECK(native.error().native == 5);
}

TEST_CASE("result: is as cheap as its value") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<result<std::uint64_t>>);
    STATIC_REQUIRE(std::is_trivially_destructible_v<result<std::uint64_t>>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<result<void>>);
    STATIC_REQUIRE(sizeof(result<std::uint64_t>) == 16);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
    constexpr result<int> at_compile_time = 5;
    STATIC_REQUIRE(*at_compile_time == 5);
}

TEST_CASE("result: owns values that need a destructor, through copies, moves and assignments") {
    const auto shared = std::make_shared<std::string>("stone");
    {
        result<std::shared_ptr<std::string>> a = shared;
        const result<std::shared_ptr<std::string>> copy = a;
        CHECK(shared.use_count() == 3);
        result<std::shared_ptr<std::string>> b = std::move(a);
        CHECK(shared.use_count() == 3);
        b = errc::closed;
        CHECK(shared.use_count() == 2);
        CHECK(b.error() == errc::closed);
        b = result<std::shared_ptr<std::string>>{shared};
        CHECK(shared.use_count() == 3);
        CHECK(**b == "stone");
        auto& self = b;
        b = std::move(self);
        CHECK(shared.use_count() == 3);
        CHECK((*copy)->size() == 5);
    }
    CHECK(shared.use_count() == 1);
}

TEST_CASE("result: moves its value out and through and_then") {
    result<std::unique_ptr<int>> a = std::make_unique<int>(4);
    const std::unique_ptr<int> out = *std::move(a);
    CHECK(*out == 4);
    const auto twice = [](int n) -> result<int> { return 2 * n; };
    CHECK(result<int>{4}.and_then(twice).value() == 8);
    CHECK(result<int>{errc::full}.and_then(twice).error() == errc::full);
    CHECK(result<std::string>{"text"}.value_or("other") == "text");
    CHECK(result<std::string>{errc::full}.value_or("other") == "other");
}

TEST_CASE("result: of nothing is success or an error") {
    const result<void> good;
    CHECK(good);
    good.value();
    const result<void> bad = errc::timeout;
    CHECK_FALSE(bad);
    CHECK(bad.error() == errc::timeout);
}
