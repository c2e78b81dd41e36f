// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/testing/concurrency_laws.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace {

using namespace ashlar;

constexpr auto report = [](bool held, const char* law) {
    INFO(law);
    REQUIRE(held);
};

// Engines over the world that is present, each in a directory of its own.
template <class Row, class Backend, class Sync, class Concurrency, class Environment>
struct bench {
    using next = typename Backend::template engine<Row, Environment, Concurrency>;
    using engine = logged_engine<next, Environment, Concurrency, Sync>;

    std::string prefix;
    std::size_t count = 0;

    result<engine> open(bool fresh) {
        if (fresh) ++count;
        const std::string directory = prefix + std::to_string(count);
        const opening<Environment> how{{.directory = directory}, "test=1", {}};
        const opening<Environment> inner{{}, "", {}};
        auto empty = next::open(inner, {});
        if (!empty) return empty.error();
        return engine::open(how, {.segment_size = 20'000}, std::move(*empty));
    }
};

template <class Row, class Backend, class Sync, class Concurrency = single>
void hold_to_the_laws() {
    simulated_world world{1};
    const simulated_world::presence here{world};
    bench<Row, Backend, Sync, Concurrency, simulated> on{"store"};
    testing::law_options options = testing::law_options::of<Backend>();
    options.steps = ashlar_test::effort(3'000);
    testing::engine_laws([&] { return on.open(true); }, [&] { return on.open(false); }, report,
                         options);
}

constexpr row_fields numbered{.sequenced = true};
constexpr row_fields versioned{.version = true, .sequenced = true};

} // namespace

TEST_CASE("logged keeps the laws of engines over hash_map, reopening included") {
    hold_to_the_laws<row_layout<8, 8, versioned>, hash_map<>, sync::each>();
}
TEST_CASE("logged keeps the laws of engines over sorted_map, reopening included") {
    hold_to_the_laws<row_layout<dynamic_extent, dynamic_extent, numbered>, sorted_map<>,
                     sync::interval<5>>();
}
TEST_CASE("logged keeps the laws of threads on a real disk", "[threads]") {
    const testing::scratch place;
    using row = row_layout<8, 8, numbered>;
    bench<row, hash_map<>, sync::none, shared, posix> on{place / "store"};
    testing::concurrency_laws([&] { return on.open(true); }, report);
}
