// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/quota/memory_limit.hpp>

#include <thread>
#include <vector>

using namespace ashlar_test;
using ashlar::store_verb;
using ashlar::verb_result;

namespace {

using counted_texts = ashlar::store<std::string, std::string, ashlar::sorted_map<>,
                                    ashlar::simulated, ashlar::stamped, ashlar::active_ttl<>,
                                    ashlar::counted<1>, ashlar::memory_limit<4096>>;

} // namespace

TEST_CASE("K-24 counted: each verb by how it ended, and bytes") {
    const timed_world at;
    auto store = opened<counted_texts>();
    REQUIRE(store.put("a", "12345"));
    REQUIRE(store.put("b", "1", 1s));
    CHECK(store.get("a").value_or("") == "12345");
    CHECK_FALSE(store.get("none"));
    at.pass(2s);
    CHECK_FALSE(store.get("b"));
    CHECK_FALSE(store.put("big", std::string(5000, 'x')));
    auto batch = counted_texts::batch();
    batch.expect_absent("a").put("c", "3");
    CHECK_FALSE(store.apply(batch));
    auto fine = counted_texts::batch();
    fine.put("c", "3").put("d", "4");
    REQUIRE(store.apply(fine));
    REQUIRE(store.erase("d"));
    REQUIRE(store.erase("d"));
    const auto counts = ashlar::counts_of(store);
    CHECK(counts.of(store_verb::read, verb_result::ok) == 1);
    CHECK(counts.of(store_verb::read, verb_result::missing) == 2);
    CHECK(counts.of(store_verb::apply, verb_result::conflict) == 1);
    std::uint64_t refused = 0;
    std::uint64_t writes = 0;
    for (const auto verb : {store_verb::put, store_verb::update, store_verb::apply}) {
        refused += counts.of(verb, verb_result::refused);
        writes += counts.of(verb, verb_result::ok);
    }
    CHECK(refused == 1);
    CHECK(writes >= 3); // two puts and a batch, whichever way the face takes
    CHECK(counts.bytes_read >= 5);
    CHECK(counts.bytes_read < 100);
    for (std::size_t v = 0; v < ashlar::store_verbs; ++v) { // one in one is timed
        std::uint64_t timed = 0;
        for (const std::uint64_t n : counts.durations[v]) timed += n;
        CHECK(timed == counts.of(static_cast<store_verb>(v)));
    }
}

TEST_CASE("K-24 counted: threads lose no count, and one call in so many is timed", "[threads]") {
    auto store = opened<
        ashlar::store<std::uint64_t, std::uint64_t, ashlar::hash_map<>, ashlar::counted<8>>>();
    constexpr std::uint64_t rounds = 20000;
    std::vector<std::thread> threads;
    for (std::uint64_t n = 0; n < 4; ++n)
        threads.emplace_back([&, n] {
            for (std::uint64_t i = 0; i < rounds; ++i)
                if (i % 4 == 0) static_cast<void>(store.put(n, i));
                else static_cast<void>(store.get(n));
        });
    for (std::thread& t : threads) t.join();
    const auto counts = ashlar::counts_of(store);
    CHECK(counts.of(store_verb::read) == 4 * rounds * 3 / 4);
    CHECK(counts.of(store_verb::put) + counts.of(store_verb::update) +
              counts.of(store_verb::apply) ==
          rounds);
    std::uint64_t timed = 0;
    for (const auto& verb : counts.durations)
        for (const std::uint64_t n : verb) timed += n;
    // Each of the 16 cells begins with one that is timed.
    CHECK(timed >= 4 * rounds / 8);
    CHECK(timed <= 4 * rounds / 8 + 16);
}
