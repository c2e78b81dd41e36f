// SPDX-License-Identifier: BSL-1.0
// The law suite is itself on trial: a right engine passes, each planted mistake shows (G19).
#include "reference_engine.hpp"

#include <catch.hpp>

#include <ashlar/testing/engine_laws.hpp>

using ashlar::dynamic_extent;
using ashlar::row_fields;
using ashlar_test::bug;

namespace {

struct tally {
    std::size_t held = 0;
    std::set<std::string> broken;
};

template <class Row>
tally try_laws() {
    using engine = ashlar_test::reference_engine<Row>;
    using rest = typename engine::rest;
    tally count;
    std::shared_ptr<rest> last;
    const auto make = [&]() -> ashlar::result<engine> {
        last = std::make_shared<rest>();
        return engine{last};
    };
    const auto reopen = [&]() -> ashlar::result<engine> { return engine{last}; };
    auto options = ashlar::testing::law_options{};
    options.keys = 120;
    options.steps = 2000;
    options.max_key_size = engine::max_key_size;
    ashlar::testing::engine_laws(
        make, reopen,
        [&](bool held, const char* law) {
            if (held) ++count.held;
            else count.broken.insert(law);
        },
        options);
    return count;
}

using plain = ashlar::row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
using rich = ashlar::row_layout<dynamic_extent, dynamic_extent,
                                row_fields{.version = true, .expiry = true, .sequenced = true}>;

template <class Row>
void passes() {
    const tally count = try_laws<Row>();
    for (const std::string& law : count.broken) UNSCOPED_INFO(law);
    CHECK(count.broken.empty());
    CHECK(count.held > 1000);
}

} // namespace

static_assert(ashlar::ordered_engine<ashlar_test::reference_engine<rich>>);
static_assert(ashlar::snapshot_engine<ashlar_test::reference_engine<rich>>);
static_assert(ashlar::in_place_engine<ashlar_test::reference_engine<rich>>);
static_assert(ashlar::direct_engine<ashlar_test::reference_engine<rich>>);
static_assert(ashlar::batched_engine<ashlar_test::reference_engine<rich>>);
static_assert(ashlar::durable_engine<ashlar_test::reference_engine<rich>>);

TEST_CASE("engine laws: a right engine passes with every row layout") {
    SECTION("dynamic, no fields") { passes<plain>(); }
    SECTION("dynamic, all fields") { passes<rich>(); }
    SECTION("fixed counters, sequenced") {
        passes<ashlar::row_layout<8, 8, row_fields{.sequenced = true}>>();
    }
    SECTION("short fixed keys, payloads that are no counters") {
        passes<ashlar::row_layout<2, 3, row_fields{.version = true}>>();
    }
    SECTION("fixed keys, dynamic payloads") {
        passes<ashlar::row_layout<16, dynamic_extent, row_fields{.sequenced = true}>>();
    }
}

TEST_CASE("engine laws: every planted mistake is noticed") {
    for (int number = 1; number < static_cast<int>(bug::count); ++number) {
        ashlar_test::planted = static_cast<bug>(number);
        const tally count = try_laws<rich>();
        ashlar_test::planted = bug::none;
        INFO("planted mistake " << number);
        CHECK_FALSE(count.broken.empty());
    }
}

TEST_CASE("engine laws: an engine that does not open is reported") {
    using engine = ashlar_test::reference_engine<plain>;
    std::set<std::string> broken;
    ashlar::testing::engine_laws(
        []() -> ashlar::result<engine> { return ashlar::errc::permission_denied; },
        [&](bool held, const char* law) {
            if (!held) broken.insert(law);
        });
    CHECK(broken.count("open: a fresh engine opens") == 1);
}
