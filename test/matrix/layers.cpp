// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash lmdb rocksdb sqlite
#include "matrix/layers.hpp"

TEST_CASE(
    "each pair of durable, forgetful and talkative policies is legal, or refused by its rule") {
    using namespace ashlar_test::layers;
    std::size_t legal = 0;
    std::size_t refused = 0;
    for (std::size_t one = 0; one < policy_count; ++one)
        for (std::size_t other = one + 1; other < policy_count; ++other) {
            if (axis_of(policy{one}) == axis_of(policy{other})) continue;
            rule_name expected = rule_name::legal;
            for (const illegal_pair& each : illegal_pairs)
                if (each.one == one && each.other == other) expected = each.broken;
            INFO(names[one] << " with " << names[other]);
            const rule_name found = verdicts[one * policy_count + other];
            CHECK(static_cast<int>(found) == static_cast<int>(expected));
            ++(found == rule_name::legal ? legal : refused);
        }
    CHECK(refused == std::size(illegal_pairs));
    CHECK(legal + refused == 281);
}
