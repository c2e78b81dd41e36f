// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/quota/memory_limit.hpp>
#include <ashlar/testing/concurrency_laws.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {
using namespace ashlar;

/// A limit that is never met, and a count, change nothing of what an engine promises.
template <class Backend, class Row>
void hold_to_the_laws() {
    using engine = typename Backend::template engine<Row, posix, shared>;
    using limited = memory_limit<std::size_t{1} << 40>::layer_in<engine, void, posix, shared>;
    using both = counted<3>::layer_in<limited, void, posix, shared>;
    const auto open = []() -> result<both> {
        auto made = engine::open(opening<posix>{}, {});
        if (!made) return made.error();
        return both{limited{std::move(*made)}};
    };
    const auto check = [](bool held, const char* law) {
        INFO(law);
        CHECK(held);
    };
    testing::engine_laws(open, check, ashlar_test::law_effort());
    testing::concurrency_laws(open, check);
}
constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
} // namespace

TEST_CASE("G12 limited and counted stores keep the laws of engines") {
    hold_to_the_laws<sorted_map<>, row_layout<dynamic_extent, dynamic_extent, all>>();
    hold_to_the_laws<hash_map<>, row_layout<8, 16, row_fields{.sequenced = true}>>();
}
