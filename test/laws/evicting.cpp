// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/expiry/evicting/s3_fifo.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/feed/bounded_events.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

using namespace ashlar;

/// What a policy puts over an engine in memory is an engine that keeps the laws of engines.
template <class Policy, class Row>
void hold_to_the_laws() {
    using below = typename hash_map<>::template engine<Row, posix, shared>;
    using layer = typename Policy::template layer_in<below, big_endian, posix, shared>;
    const auto open = []() -> result<layer> {
        auto inner = below::open(opening<posix>{}, {});
        if (!inner) return inner.error();
        return layer{std::move(*inner)};
    };
    const auto check = [](bool held, const char* law) {
        INFO(law);
        CHECK(held);
    };
    ashlar::testing::engine_laws(open, check, ashlar_test::law_effort());
}

} // namespace

TEST_CASE("evicting below its limit, over expiry, keeps the laws of engines") {
    hold_to_the_laws<evicting<s3_fifo, std::size_t{1} << 30, lazy_ttl>,
                     row_layout<dynamic_extent, dynamic_extent,
                                row_fields{.version = true, .expiry = true, .sequenced = true}>>();
}
TEST_CASE("bounded_events that nobody hears keeps the laws of engines") {
    hold_to_the_laws<bounded_events<>,
                     row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>>();
}
