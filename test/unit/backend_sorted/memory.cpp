// SPDX-License-Identifier: BSL-1.0
// NEEDS: optimizer
// sorted_map when memory runs out, at every allocation in turn: nothing changes, nothing leaks. In
// a program of its own, because it replaces operator new.
#include "catch.hpp"

#define ASHLAR_OBJECTS_FROM_HEAP // every item and node is an allocation that can fail
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/single.hpp>

#include <cstdlib>
#include <map>
#include <new>
#include <string>

namespace {
std::size_t fail_after = static_cast<std::size_t>(-1); // so many more allocations succeed
std::size_t blocks = 0;                                // of the library's, alive

void* counted(std::size_t n) noexcept {
    if (fail_after == 0) return nullptr;
    --fail_after;
    ++blocks;
    return std::malloc(n == 0 ? 1 : n);
}
} // namespace

// Only what the library calls is counted; Catch and the standard library throw on failure.
[[gnu::noinline]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    auto* p = static_cast<std::size_t*>(counted(n + 16));
    if (p == nullptr) return nullptr;
    *p = 1;
    return p + 2;
}
[[gnu::noinline]] void* operator new(std::size_t n) {
    auto* p = static_cast<std::size_t*>(std::malloc(n + 16));
    if (p == nullptr) throw std::bad_alloc();
    *p = 0;
    return p + 2;
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
    if (p == nullptr) return;
    auto* begin = static_cast<std::size_t*>(p) - 2;
    blocks -= *begin;
    std::free(begin);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { ::operator delete(p); }

namespace {

using namespace ashlar;
using model = std::map<std::string, std::string>;

struct no_environment {};
template <class Row>
using engine_of = sorted_map<>::engine<Row, no_environment, single>;

template <class Row>
struct shape {
    static std::string key(std::uint64_t i) {
        std::byte bytes[8];
        store_big(bytes, i);
        std::string text = bytes_view{bytes, 8}.as<std::string>();
        if (Row::key_extent == dynamic_extent) text.insert(0, "a prefix that all keys share/");
        return text;
    }
    static std::string row(std::uint64_t i) {
        return std::string(Row::row_extent == dynamic_extent ? i % 50 : Row::row_extent,
                           static_cast<char>(i));
    }
};

// Compared by value: a failure need not print thousands of rows.
bool same(const model& a, const model& b) { return a == b; }

template <class Source>
model all_of(const Source& from) {
    const std::size_t allowed = std::exchange(fail_after, static_cast<std::size_t>(-1));
    model rows;
    const auto done = from.scan({}, [&](bytes_view key, bytes_view row) {
        rows[key.as<std::string>()] = row.as<std::string>();
    });
    REQUIRE(done.has_value());
    fail_after = allowed;
    return rows;
}

// Does `verb(engine)` with 0, 1, 2, ... allocations allowed until it succeeds; before that it must
// answer out_of_memory and leave everything as it was. Answers how often it failed.
template <class Engine, class Verb>
int until_clean(Engine& e, Verb verb) {
    const model before = all_of(e);
    for (int failures = 0;; ++failures) {
        CAPTURE(failures);
        fail_after = static_cast<std::size_t>(failures);
        const auto done = verb(e);
        fail_after = static_cast<std::size_t>(-1);
        if (done) return failures;
        REQUIRE(done.error() == errc::out_of_memory);
        REQUIRE(e.size() == before.size());
        REQUIRE(same(all_of(e), before));
    }
}

template <class Row>
void run_out_of_memory() {
    using at = shape<Row>;
    const std::size_t blocks_before = blocks;
    {
        engine_of<Row> e;
        model rows;
        int failures = 0;
        for (std::uint64_t i = 0; i < 2500; ++i) { // from empty through every kind of split
            const std::string key = at::key(i * 7919 % 2500 * 4);
            const std::string row = at::row(i);
            for (std::size_t allowed = 0;; ++allowed, ++failures) {
                fail_after = allowed;
                const auto done = e.put(key, row);
                fail_after = static_cast<std::size_t>(-1);
                if (done) break;
                REQUIRE(done.error() == errc::out_of_memory);
                REQUIRE(e.size() == rows.size());
            }
            rows[key] = row;
            if (i % 500 == 0) REQUIRE(same(all_of(e), rows));
        }
        CHECK(failures > 0);
        REQUIRE(same(all_of(e), rows));

        // Batches, with and without a snapshot that makes every first touch of a node a copy.
        for (const bool shared : {false, true}) {
            auto view = engine_of<Row>{}.snapshot();
            if (shared) view = e.snapshot();
            REQUIRE(view.has_value());
            const model then = all_of(e);
            write_batch batch;
            std::string row;
            for (std::uint64_t i = 0; i < 300; ++i) {
                row = at::row(i + (shared ? 8 : 7));
                switch (i % 3) {
                case 0: batch.put(at::key(i * 61 % 2500 * 4 + 1), row); break;
                case 1: batch.put(at::key(i * 61 % 2500 * 4), row); break;
                default: batch.erase(at::key(i * 61 % 2500 * 4));
                }
            }
            batch.erase_range(at::key(8000), at::key(9000)).put(at::key(8500), row);
            REQUIRE(until_clean(e, [&](auto& on) { return on.apply(batch); }) > 0);
            REQUIRE_FALSE(same(all_of(e), then));
            if (shared) REQUIRE(same(all_of(*view), then));
        }

        const auto view = e.snapshot();
        const model then = all_of(*view);
        const std::string key = then.begin()->first;
        REQUIRE(until_clean(e, [&](auto& on) { return on.erase(key); }) > 0);
        const auto write = [](commit_seq, const bytes_view*, std::byte* out) noexcept {
            const std::size_t size = Row::row_extent == dynamic_extent ? 300 : Row::row_extent;
            for (std::size_t i = 0; i < size; ++i) out[i] = std::byte{7};
            return update_action::write(size);
        };
        REQUIRE(until_clean(e, [&](auto& on) {
                    return on.update(key, Row::row_extent == dynamic_extent ? 300 : Row::row_extent,
                                     write);
                }) > 0);
        REQUIRE(until_clean(e, [&](auto& on) {
                    std::uint64_t i = 0;
                    std::string k;
                    std::string r;
                    return on.bulk_load([&](bytes_view& to_key, bytes_view& to_row) {
                        if (i == 200) return false;
                        k = at::key(1'000'000 + i);
                        r = at::row(i++);
                        to_key = k;
                        to_row = r;
                        return true;
                    });
                }) > 0);
        REQUIRE(same(all_of(*view), then));

        // A tree that could not join its nodes for want of memory is still right.
        fail_after = static_cast<std::size_t>(-1);
        model left = all_of(e);
        while (!left.empty()) {
            const std::string gone = left.begin()->first;
            left.erase(left.begin());
            for (fail_after = 0;; fail_after = 100) {
                const auto done = e.erase(gone);
                if (done) break;
                REQUIRE(done.error() == errc::out_of_memory);
            }
            fail_after = static_cast<std::size_t>(-1);
            if (left.size() % 500 == 0) REQUIRE(same(all_of(e), left));
        }
        CHECK(e.size() == 0);
        CHECK(e.memory_used() == 0);
        REQUIRE(same(all_of(*view), then));
    }
    CHECK(blocks == blocks_before);
}

} // namespace

TEST_CASE("texts: out of memory changes nothing and leaks nothing") {
    run_out_of_memory<row_layout<dynamic_extent, dynamic_extent, row_fields{}>>();
}
TEST_CASE("words with rows beside them: out of memory changes nothing and leaks nothing") {
    run_out_of_memory<row_layout<8, 16, row_fields{}>>();
}
TEST_CASE("words with rows elsewhere: out of memory changes nothing and leaks nothing") {
    run_out_of_memory<row_layout<8, dynamic_extent, row_fields{}>>();
}
