// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "laws/expiry.hpp"
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

using namespace ashlar;
using ashlar_test::expiring_on;

template <class Backend, class Row, class Concurrency>
void hold_to_the_laws() {
    using engine = typename expiring_on<Backend>::template engine<Row, posix, Concurrency>;
    ashlar::testing::engine_laws([] { return engine::open(opening<posix>{}, {}); },
                                 [](bool held, const char* law) {
                                     INFO(law);
                                     CHECK(held);
                                 },
                                 ashlar_test::law_effort());
}

constexpr row_fields expiring{.expiry = true};
constexpr row_fields all{.version = true, .expiry = true, .sequenced = true};

} // namespace

TEST_CASE("expiry over engines in memory keeps the laws of engines") {
    hold_to_the_laws<sorted_map<>, row_layout<dynamic_extent, dynamic_extent, all>, shared>();
    hold_to_the_laws<hash_map<>, row_layout<dynamic_extent, dynamic_extent, expiring>, shared>();
    hold_to_the_laws<static_map<4096>, row_layout<8, 8, expiring>, single>();
}
