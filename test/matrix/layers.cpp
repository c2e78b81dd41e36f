// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal xxhash lmdb rocksdb sqlite
#include "matrix/layers.hpp"
#include "matrix/stacks.hpp"

// A layer knows of codecs the lengths alone: under codecs of the same lengths it is the same type,
// so that the layers of stacks.hpp stand under every codec of plan.hpp. (Versioning and
// bounded_events may ask how keys are grouped; plan.hpp has the former with every codec.)
namespace {

namespace matrix = ashlar_test::matrix;

template <class Backend, class Checkpoint, class Expiry, class Quota, class Feed, class Metrics>
struct tower {
    template <matrix::policy Key, matrix::policy Value, bool Fixed>
    using with = typename ashlar::face::parts<
        typename matrix::keys<Key, Fixed>::key, typename matrix::values<Value, Fixed>::value,
        ashlar::composition<
            typename matrix::keys<Key, Fixed>::codec, typename matrix::values<Value, Fixed>::codec,
            Backend, ashlar::unversioned, ashlar::unreplicated, Checkpoint, Expiry,
            ashlar::unindexed, Quota, Feed, Metrics, ashlar::single, ashlar::posix>>::stack;
};
template <class Of>
concept same_under_all_codecs =
    std::same_as<typename Of::template with<matrix::text, matrix::raw, false>,
                 typename Of::template with<matrix::native_text, matrix::reflected, false>> &&
    std::same_as<typename Of::template with<matrix::text, matrix::raw, false>,
                 typename Of::template with<matrix::object_entry, matrix::cereal, false>> &&
    std::same_as<typename Of::template with<matrix::text, matrix::raw, false>,
                 typename Of::template with<matrix::namespaced, matrix::tagged, false>> &&
    std::same_as<typename Of::template with<matrix::text, matrix::raw, false>,
                 typename Of::template with<matrix::slot, matrix::checksummed, false>> &&
    std::same_as<typename Of::template with<matrix::text, matrix::raw, false>,
                 typename Of::template with<matrix::normalized, matrix::raw, false>> &&
    std::same_as<typename Of::template with<matrix::big_endian, matrix::native_value, true>,
                 typename Of::template with<matrix::native_number, matrix::native_value, true>> &&
    std::same_as<typename Of::template with<matrix::big_endian, matrix::native_value, true>,
                 typename Of::template with<matrix::composite, matrix::native_value, true>> &&
    std::same_as<typename Of::template with<matrix::big_endian, matrix::native_value, true>,
                 typename Of::template with<matrix::packed, matrix::native_value, true>>;

using ashlar::sorted_map, ashlar::unlimited, ashlar::silent, ashlar::unmetered;
static_assert(same_under_all_codecs<
              tower<sorted_map<>, ashlar::logged<>, ashlar::lazy_ttl,
                    ashlar::memory_limit<1'000'000>, ashlar::change_log, ashlar::counted<1>>>);
static_assert(same_under_all_codecs<tower<ashlar::lmdb<>, ashlar::native, ashlar::active_ttl<>,
                                          unlimited, silent, unmetered>>);
static_assert(same_under_all_codecs<
              tower<sorted_map<>, ashlar::ephemeral, ashlar::evicting<ashlar::s3_fifo, 1000>,
                    unlimited, silent, unmetered>>);
// The other sign: bounded_events asks.
static_assert(!same_under_all_codecs<tower<sorted_map<>, ashlar::ephemeral, ashlar::kept, unlimited,
                                           ashlar::bounded_events<>, unmetered>>);

} // namespace

TEST_CASE("each pair of policies beside the codecs is legal, or refused by its rule") {
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
    CHECK(legal + refused == 474);
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

TEST_CASE("each legal pair of policies beside the codecs runs in a store") {
    using namespace ashlar_test::layers;
    bool runs_together[policy_count][policy_count] = {};
    for (const choice& each : stacks)
        for (std::size_t i = 0; i < axis_count; ++i) {
            CHECK(axis_of(each[i]) == i);
            for (std::size_t j = i + 1; j < axis_count; ++j) runs_together[each[i]][each[j]] = true;
        }
    std::size_t pairs = 0;
    for (std::size_t one = 0; one < policy_count; ++one)
        for (std::size_t other = one + 1; other < policy_count; ++other) {
            const std::size_t axis = axis_of(policy{one}), next = axis_of(policy{other});
            if (axis == next) continue;
            const bool legal = verdicts[one * policy_count + other] == rule_name::legal;
            INFO(names[one] << " with " << names[other]);
            CHECK(runs_together[one][other] == legal);
            pairs += legal ? 1 : 0;
        }
    CHECK(pairs == 437);
    run_all(std::make_index_sequence<std::size(stacks)>{});
}
