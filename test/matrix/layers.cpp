// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash lmdb rocksdb sqlite
#include "matrix/layers.hpp"
#include "matrix/stacks.hpp"

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
    CHECK(legal + refused == 389);
}

namespace {

template <std::size_t... I>
void run_all(std::index_sequence<I...>) {
    using namespace ashlar_test::layers;
    const bool right[] = {runs<stacks[I]>()...};
    for (std::size_t i = 0; i < sizeof...(I); ++i) {
        INFO("store " << i);
        CHECK(right[i]);
    }
}

} // namespace

TEST_CASE("each legal pair of policies between face and backend runs in a store") {
    using namespace ashlar_test::layers;
    bool runs_together[policy_count][policy_count] = {};
    for (const choice& each : stacks)
        for (std::size_t i = 0; i < axis_count; ++i) {
            CHECK(axis_of(each[i]) == i);
            for (std::size_t j = i + 1; j < axis_count; ++j) runs_together[each[i]][each[j]] = true;
        }
    const auto is_between = [](std::size_t axis) { return axis != 0 && axis != 5 && axis != 6; };
    std::size_t pairs = 0;
    for (std::size_t one = 0; one < policy_count; ++one)
        for (std::size_t other = one + 1; other < policy_count; ++other) {
            const std::size_t axis = axis_of(policy{one}), next = axis_of(policy{other});
            if (axis == next || !is_between(axis) || !is_between(next)) continue;
            // What native wants is another backend; unit/checkpoint/native.cpp has it.
            if (one == native || other == native) continue;
            const bool legal = verdicts[one * policy_count + other] == rule_name::legal;
            INFO(names[one] << " with " << names[other]);
            CHECK(runs_together[one][other] == legal);
            pairs += legal ? 1 : 0;
        }
    CHECK(pairs == 113);
    run_all(std::make_index_sequence<std::size(stacks)>{});
}
