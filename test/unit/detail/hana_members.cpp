// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "catch.hpp"

#include <ashlar/detail/hana_members.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/define_struct.hpp>

#include <array>
#include <string>
#include <tuple>

namespace hana_members_test {

struct adapted {
    int first;
    std::string second;
    double not_told;
};
struct defined {
    BOOST_HANA_DEFINE_STRUCT(defined, (char, letter), (bool, flag));
};
struct unknown {
    int member;
};

} // namespace hana_members_test

// In another order than declared, and not all of them.
BOOST_HANA_ADAPT_STRUCT(hana_members_test::adapted, second, first);

using namespace ashlar;
using namespace hana_members_test;

TEST_CASE("members: counted for Hana structs, Hana tuples and standard tuples") {
    STATIC_REQUIRE(detail::member_count<adapted> == 2);
    STATIC_REQUIRE(detail::member_count<defined> == 2);
    STATIC_REQUIRE(detail::member_count<boost::hana::tuple<int, int, int>> == 3);
    STATIC_REQUIRE(detail::member_count<std::tuple<>> == 0);
    STATIC_REQUIRE(detail::member_count<std::pair<int, bool>> == 2);
    STATIC_REQUIRE(detail::member_count<std::array<int, 4>> == 4);
    STATIC_REQUIRE_FALSE(has_members<unknown>);
    STATIC_REQUIRE_FALSE(has_members<int>);
    STATIC_REQUIRE_FALSE(has_members<std::string>);
}

TEST_CASE("members: reached in the order in which they were told, to read and to write") {
    STATIC_REQUIRE(std::same_as<detail::member_t<0, adapted>, std::string>);
    STATIC_REQUIRE(std::same_as<detail::member_t<1, adapted>, int>);
    adapted object{1, "two", 3.0};
    detail::member<0>(object) = "deux";
    detail::member<1>(object) = 11;
    CHECK(object.second == "deux");
    CHECK(object.first == 11);
    const adapted& seen = object;
    CHECK(&detail::member<1>(seen) == &object.first);
    STATIC_REQUIRE(std::same_as<decltype(detail::member<1>(seen)), const int&>);

    boost::hana::tuple<int, char> tuple{1, 'a'};
    detail::member<1>(tuple) = 'b';
    CHECK(boost::hana::at_c<1>(tuple) == 'b');
    std::pair<int, char> pair{1, 'a'};
    detail::member<0>(pair) = 2;
    CHECK(pair.first == 2);
}
