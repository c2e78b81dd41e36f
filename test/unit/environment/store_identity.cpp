// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/store_identity.hpp>

#include <utility>

namespace {

/// A generator whose every number is 0, which means "not drawn yet" to an identity.
struct loaded_dice : ashlar::bare {
    static constexpr bool has_random = true;
    static std::uint64_t random_seed() { return 0; }
};
struct threads_only : ashlar::bare {
    static constexpr bool has_threads = true;
};
using counted = ashlar::store_identity<ashlar::bare, ashlar::single>;

constinit counted of_a_global_store;

} // namespace

TEST_CASE("store_identity: drawn once, never 0") {
    const ashlar::store_identity<loaded_dice, ashlar::single> drawn;
    CHECK((drawn.value() == 1 && drawn.value() == 1));
    const std::uint64_t first = of_a_global_store.value();
    CHECK((first != 0 && of_a_global_store.value() == first));
}

TEMPLATE_TEST_CASE("store_identity: counted where nothing is random, and no two are the same", "",
                   counted, (ashlar::store_identity<threads_only, ashlar::shared>),
                   (ashlar::store_identity<threads_only, ashlar::single>)) {
    const TestType one, two;
    const counted other;
    CHECK((one.value() != two.value() && two.value() != other.value()));
    CHECK(one.value() != other.value());
}

TEMPLATE_TEST_CASE("store_identity: moves, and leaves a new one behind", "", counted,
                   (ashlar::store_identity<threads_only, ashlar::shared>)) {
    TestType from;
    const std::uint64_t number = from.value();
    TestType to{std::move(from)};
    CHECK(to.value() == number);
    CHECK(from.value() != number);
    const std::uint64_t left_behind = from.value();
    from = std::move(to);
    CHECK((from.value() == number && to.value() != number && to.value() != left_behind));
}
