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
struct limited {
    using engine = typename Backend::template engine<Row, posix, shared>;
    using layer = memory_limit<std::size_t{1} << 40>::layer_in<engine, void, posix, shared>;
    using both = counted<3>::layer_in<layer, void, posix, shared>;
    static result<both> open() {
        auto made = engine::open(opening<posix>{}, {});
        if (!made) return made.error();
        return both{layer{std::move(*made)}};
    }
};
void report(bool held, const char* law) {
    INFO(law);
    CHECK(held);
}
constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};
using texts = limited<sorted_map<>, row_layout<dynamic_extent, dynamic_extent, all>>;
using words = limited<hash_map<>, row_layout<8, 16, row_fields{.sequenced = true}>>;
} // namespace

TEST_CASE("G12 limited and counted stores keep the laws of engines") {
    testing::engine_laws(texts::open, report, ashlar_test::law_effort());
    testing::engine_laws(words::open, report, ashlar_test::law_effort());
}

TEST_CASE("G12 limited and counted stores keep the laws of threads", "[threads]") {
    testing::concurrency_laws(texts::open, report);
    testing::concurrency_laws(words::open, report);
}
