// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/guarded.hpp>

#include <stdexcept>

using ashlar::errc;
using ashlar::guarded;
using ashlar::result;

TEST_CASE("guarded makes errors of exceptions and leaves results alone") {
    CHECK(*guarded(errc::corrupt, [] { return result<int>{7}; }) == 7);
    CHECK(guarded(errc::corrupt, []() -> result<int> { return errc::full; }).error() == errc::full);
    CHECK(guarded(errc::io, []() -> result<int> { throw std::bad_alloc(); }).error() ==
          errc::out_of_memory);
    CHECK(guarded(errc::io, []() -> result<int> { throw std::runtime_error("x"); }).error() ==
          errc::io);
    CHECK(guarded(errc::corrupt, []() -> result<void> { throw 1; }).error() == errc::corrupt);
    static_assert(noexcept(guarded(errc::io, [] { return result<void>{}; })));
}
