// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash lmdb rocksdb sqlite

// The illegal pairs, each refused by the rule that the table names and by no
// other, and the proof that a pair of policies is either in the plan or in that
// table.

#include "catch.hpp"
#include "matrix/policies.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/backend/static_map.hpp>

#include <iterator>

namespace ashlar_test::matrix {

template <policy P> struct backend_of;
template <>
struct backend_of<hash_map> : std::type_identity<ashlar::hash_map<>> {};
template <>
struct backend_of<static_map> : std::type_identity<ashlar::static_map<16>> {};
template <> struct backend_of<lmdb> : std::type_identity<ashlar::lmdb<>> {};
template <>
struct backend_of<rocksdb> : std::type_identity<ashlar::rocksdb<>> {};
template <> struct backend_of<sqlite> : std::type_identity<ashlar::sqlite<>> {};

[[nodiscard]] constexpr std::size_t axis_of(policy p) noexcept {
    std::size_t axis = axis_count - 1;
    while (p < first_of_axis[axis]) --axis;
    return axis;
}

/// A choice that every policy of the table may stand in, but for what the pair
/// itself breaks.
[[nodiscard]] constexpr choice with(policy one, policy other) noexcept {
    choice c = {hash_map, single, unversioned, composite, native_value, posix};
    c[axis_of(one)] = one;
    c[axis_of(other)] = other;
    return c;
}

template <choice C> struct judged {
    using of = parts<C, typename backend_of<C[0]>::type>;
    using composition = typename of::composition;
    using key = typename of::key;
    using value = typename of::value;
    static constexpr bool legal = ashlar::rule::legal<composition, key, value>;
    /// By rule_name.
    static constexpr bool holds[] = {
        ashlar::rule::extents_are_fixed_where_needed<composition, key, value>,
        ashlar::rule::lengths_may_differ_where_needed<composition>,
        ashlar::rule::groups_are_known<composition, key>,
        ashlar::rule::files_where_needed<composition>,
        ashlar::rule::threads_where_needed<composition>,
    };
};

template <illegal_pair P> constexpr bool refused_by_its_rule() {
    using refused = judged<with(P.one, P.other)>;
    static_assert(!refused::legal);
    for (std::size_t rule = 0; rule < std::size(refused::holds); ++rule)
        if (refused::holds[rule] == (rule == static_cast<std::size_t>(P.broken))) return false;
    static_assert(judged<with(P.one, P.instead)>::legal);
    static_assert(axis_of(P.other) == axis_of(P.instead));
    return true;
}

static_assert([]<std::size_t... I>(std::index_sequence<I...>) {
    return (refused_by_its_rule<illegal_pairs[I]>() && ...);
}(std::make_index_sequence<std::size(illegal_pairs)>{}));

} // namespace ashlar_test::matrix

TEST_CASE("each pair of policies of two axes is either in the plan or illegal") {
    using namespace ashlar_test::matrix;
    bool planned[policy_count][policy_count] = {};
    for (const choice& row : plan)
        for (std::size_t i = 0; i < axis_count; ++i) {
            CHECK(axis_of(row[i]) == i);
            for (std::size_t j = i + 1; j < axis_count; ++j) planned[row[i]][row[j]] = true;
        }
    bool illegal[policy_count][policy_count] = {};
    for (const illegal_pair& pair : illegal_pairs) illegal[pair.one][pair.other] = true;

    std::size_t pairs = 0;
    for (std::size_t a = 0; a < policy_count; ++a)
        for (std::size_t b = a + 1; b < policy_count; ++b) {
            if (axis_of(policy{a}) == axis_of(policy{b})) continue;
            INFO(names[a] << " with " << names[b]);
            CHECK(planned[a][b] != illegal[a][b]);
            ++pairs;
        }
    CHECK(pairs == 326);
}
