// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "unit/expiry/timed_stores.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace ashlar_test;

namespace {

template <class Backend, class... Policies>
using swept_texts = ashlar::store<std::string, std::string, Backend, ashlar::simulated,
                                  ashlar::active_ttl<64, 1000>, Policies...>;

/// Rows below the face, expired or not.
template <class Store>
std::size_t rows_in(Store& store) {
    typename Store::stack_type::position from{};
    ashlar::write_batch expired;
    std::size_t live = 0;
    CHECK(store.for_each([&](const auto&, const auto&) { ++live; }));
    while (store.stack().expiring().collect_expired(from, expired, 1000).value_or(false)) {
    }
    return live + expired.operation_count();
}

} // namespace

TEMPLATE_TEST_CASE("K-18 active_ttl: writers give back what expired rows took, a bounded step each",
                   "", (swept_texts<ashlar::hash_map<>>), (swept_texts<ashlar::sorted_map<>>),
                   (swept_texts<ashlar::sorted_map<>, ashlar::stamped>)) {
    const timed_world at;
    auto store = opened<TestType>();
    const int count = 20000;
    for (int i = 0; i < count; ++i)
        REQUIRE(store.put("k" + std::to_string(i), std::string(50, 'v'), 1s));
    const std::size_t full = store.memory_used();
    at.pass(1s);
    // As long as much has expired, every write takes a step; a step is 64 rows.
    const int writes = count / 64 * 3;
    std::size_t rows = rows_in(store);
    REQUIRE(rows == std::size_t{count});
    for (int i = 0; i < writes; ++i) {
        REQUIRE(store.put("other", std::to_string(i)));
        if (i % 100 == 0) {
            const std::size_t left = rows_in(store);
            CHECK(left + 100 * 64 >= rows); // bounded
            rows = left;
        }
        at.pass(10us);
    }
    CHECK(rows_in(store) <= 64);
    CHECK(store.memory_used() < full / 2);
}

TEST_CASE("active_ttl: where little expires, sweeps are as rare as was asked") {
    const timed_world at;
    auto store = opened<swept_texts<ashlar::sorted_map<>>>();
    for (int i = 0; i < 1000; ++i) REQUIRE(store.put("live" + std::to_string(i), "v"));
    REQUIRE(store.put("a", "v", 1s)); // the first in order
    at.pass(1s);
    REQUIRE(store.put("b", "v"));
    const std::size_t before = rows_in(store);
    for (int i = 0; i < 100; ++i) REQUIRE(store.put("b", "v")); // no time passes
    CHECK(rows_in(store) == before);
    for (int i = 0; i < 100; ++i) {
        at.pass(1ms);
        REQUIRE(store.put("b", "v"));
    }
    CHECK(rows_in(store) == 1001);

    // What is over, and was not swept, is shown to who asks for it, and replaced.
    REQUIRE(store.put("over", "old", 1s));
    at.pass(1s);
    const std::string key = "over";
    const auto replace = [&](const std::string& with) {
        bool seen = false;
        REQUIRE(store.stack().expiring().update_expired_too(
            ashlar::bytes_view{key}, 64,
            [&](auto, const ashlar::bytes_view* old, std::byte* out) noexcept {
                seen = old != nullptr;
                using row = decltype(store)::row;
                row::set_expiry(out, ashlar::expires_never);
                const ashlar::bytes_view text{with};
                ashlar::copy_bytes(out + row::header_size, text);
                return ashlar::update_action::write(row::header_size + text.size());
            }));
        return seen;
    };
    CHECK(!store.get("over"));
    CHECK(replace("new"));
    CHECK(store.get("over").value_or("") == "new");
    CHECK(rows_in(store) == 1002);
    REQUIRE(store.erase("over"));
    CHECK(!replace("newer"));
}

TEST_CASE("active_ttl: rows that come back while they are swept are kept", "[threads]") {
    const timed_world at;
    auto store = opened<swept_texts<ashlar::hash_map<>>>();
    const int count = 2000;
    const auto key = [](int i) { return "k" + std::to_string(i); };
    for (int i = 0; i < count; ++i) REQUIRE(store.put(key(i), "old", 1s));
    at.pass(1s);
    std::atomic<int> failures{0};
    {
        std::vector<std::thread> threads;
        for (int t = 0; t < 2; ++t)
            threads.emplace_back([&, t] {
                for (int i = t; i < count; i += 2)
                    if (!store.put(key(i), "new")) ++failures;
            });
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                if (!store.sweep()) ++failures;
        });
        for (auto& thread : threads) thread.join();
    }
    CHECK(failures == 0);
    int lost = 0;
    for (int i = 0; i < count; ++i)
        if (store.get(key(i)).value_or("") != "new") ++lost;
    CHECK(lost == 0);
}
