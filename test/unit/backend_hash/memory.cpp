// SPDX-License-Identifier: BSL-1.0
// NEEDS: optimizer
// hash_map when memory runs out, at every allocation in turn: nothing changes, nothing leaks. In a
// program of its own, because it replaces operator new.
#include "catch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>

#include <cstdlib>
#include <map>
#include <new>
#include <string>

namespace {
constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
std::size_t allowed = no_limit; // so many more allocations of the library succeed
std::size_t asked = 0;
std::size_t alive = 0;

[[nodiscard]] bool allow() noexcept {
    ++asked;
    if (allowed == 0) return false;
    if (allowed != no_limit) --allowed;
    ++alive;
    return true;
}
/// Blocks carry whether they are the library's in front of them.
void* tagged(std::size_t size, std::size_t alignment, bool counted) noexcept {
    auto* raw = static_cast<std::byte*>(
        std::aligned_alloc(alignment, (size + 2 * alignment - 1) / alignment * alignment));
    if (raw == nullptr) return nullptr;
    raw[alignment - 1] = std::byte{counted};
    return raw + alignment;
}
void untag(void* p, std::size_t alignment) noexcept {
    if (p == nullptr) return;
    auto* at = static_cast<std::byte*>(p);
    if (at[-1] != std::byte{0}) --alive;
    std::free(at - alignment);
}
constexpr std::size_t usual = 16;
} // namespace

// The library asks by the nothrow forms only; Catch and the standard library by the others.
[[gnu::noinline]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return allow() ? tagged(n, usual, true) : nullptr;
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t a,
                                     const std::nothrow_t&) noexcept {
    return allow() ? tagged(n, static_cast<std::size_t>(a), true) : nullptr;
}
[[gnu::noinline]] void* operator new(std::size_t n) {
    void* p = tagged(n, usual, false);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}
[[gnu::noinline]] void operator delete(void* p) noexcept { untag(p, usual); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { untag(p, usual); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t a) noexcept {
    untag(p, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t a) noexcept {
    untag(p, static_cast<std::size_t>(a));
}

namespace {
using namespace ashlar;
using model = std::map<std::string, std::string>;

struct nowhere {
    using axis = environment_axis;
};
template <class Row, class Concurrency>
using map_of = hash_map<4>::engine<Row, nowhere, Concurrency>;

using word_row = row_layout<8, 8, row_fields{}>;
using free_row = row_layout<8, dynamic_extent, row_fields{.sequenced = true}>;

std::string text_of(std::uint64_t n) { return object_bytes(n).as<std::string>(); }

template <class E>
bool equals_model(const E& e, const model& wanted) {
    model found;
    typename E::position at;
    const auto walked = e.walk(
        at,
        [&](bytes_view key, bytes_view row) {
            found[key.template as<std::string>()] = row.template as<std::string>();
        },
        no_limit);
    return walked && found == wanted && e.size() == wanted.size();
}

/// Runs change(e) with one more allocation allowed each time, until it succeeds. Before that it
/// must fail with out_of_memory and leave the rows alone.
template <class E, class Change>
void starve(E& e, const model& before, Change change) {
    for (std::size_t n = 0;; ++n) {
        INFO(n << " allocations allowed");
        REQUIRE(n < 1000);
        allowed = n;
        const auto done = change(e);
        allowed = no_limit;
        if (done) return;
        REQUIRE(done.error() == errc::out_of_memory);
        REQUIRE(equals_model(e, before));
    }
}
} // namespace

TEMPLATE_TEST_CASE("put, update and batch change nothing without memory", "[hash_map]",
                   (map_of<word_row, single>), (map_of<word_row, shared>),
                   (map_of<free_row, single>), (map_of<free_row, shared>)) {
    const std::size_t before = alive;
    {
        TestType e;
        model rows;
        for (std::uint64_t i = 0; i < 400; ++i) {
            const std::string key = text_of(i);
            starve(e, rows, [&](TestType& to) { return to.put(key, key); });
            rows[key] = key;
        }
        for (std::uint64_t i = 300; i < 700; ++i) {
            const std::string key = text_of(i);
            const std::string row = text_of(i + 1);
            const auto write = [&](commit_seq, const bytes_view*, std::byte* out) noexcept {
                copy_bytes(out, row);
                return update_action::write(row.size());
            };
            starve(e, rows, [&](TestType& to) { return to.update(key, row.size(), write); });
            rows[key] = row;
        }
        for (std::uint64_t i = 0; i < 40; ++i) {
            write_batch batch;
            model after = rows;
            for (std::uint64_t n = 0; n < 60; ++n) {
                const std::string key = text_of(1000 + i * 40 + n);
                const std::string row = text_of(i);
                batch.put(key, row);
                after[key] = row;
            }
            batch.erase(text_of(i));
            after.erase(text_of(i));
            starve(e, rows, [&](TestType& to) { return to.apply(batch); });
            rows = std::move(after);
            REQUIRE(equals_model(e, rows));
        }
        // Into a table beside which the room for a whole bucket per row is little.
        write_batch many;
        for (std::uint64_t i = 14'000; i < 14'012; ++i) many.put(text_of(i), text_of(i));
        starve(e, rows, [&](TestType& to) { return to.apply(many); });
        for (std::uint64_t i = 14'000; i < 14'012; ++i) rows[text_of(i)] = text_of(i);
        REQUIRE(equals_model(e, rows));
        write_batch replay;
        replay.put(text_of(5000), text_of(1)).erase(text_of(5001));
        starve(e, rows,
               [&](TestType& to) { return to.apply_at(commit_seq{9}, replay.operations()); });
        rows[text_of(5000)] = text_of(1);
        REQUIRE(equals_model(e, rows));
    }
    CHECK(alive == before);
}

TEST_CASE("a table that can't grow goes on in chains, and grows when it can again", "[hash_map]") {
    // Room for chains comes in ever larger pieces: so the table outlives many refused splits.
    map_of<word_row, single> e;
    model rows;
    std::size_t refused = 0;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::string key = text_of(i);
        allowed = i % 16 == 0 ? 1 : 0;
        const auto done = e.put(key, key);
        allowed = no_limit;
        if (done) rows[key] = key;
        else ++refused;
    }
    CHECK(refused > 0);
    CHECK(rows.size() > 1000);
    CHECK(equals_model(e, rows));
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const std::string key = text_of(i);
        REQUIRE(e.put(key, key));
        rows[key] = key;
    }
    CHECK(equals_model(e, rows));
}

TEST_CASE("opening says when there is no memory for the hint", "[hash_map]") {
    const std::size_t before = alive;
    for (const std::size_t n : {0U, 1U, 3U}) {
        error_detail detail;
        opening<nowhere> how{};
        how.options.detail = &detail;
        allowed = n;
        const auto made = map_of<word_row, shared>::open(how, {.capacity_hint = 100'000});
        allowed = no_limit;
        CHECK(made.error() == errc::out_of_memory);
        CHECK_FALSE(detail.message.empty());
    }
    CHECK(alive == before);
}

TEST_CASE("a walk says when there is no memory for a copy, and goes on from there", "[hash_map]") {
    map_of<row_layout<8, dynamic_extent, row_fields{}>, single> e;
    for (std::uint64_t i = 0; i < 10; ++i) REQUIRE(e.put(text_of(i), std::string(5000, 'x')));
    decltype(e)::position at;
    std::size_t seen = 0;
    const auto count = [&](bytes_view, bytes_view) { ++seen; };
    allowed = 0;
    const auto walked = e.walk(at, count, no_limit);
    allowed = no_limit;
    CHECK(walked.error() == errc::out_of_memory);
    CHECK(seen == 0);
    REQUIRE(e.walk(at, count, no_limit));
    CHECK(seen == 10);
}

TEST_CASE("fixed rows are put, replaced and erased without an allocation each", "[hash_map]") {
    map_of<word_row, single> e;
    asked = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    CHECK(asked < 40); // each doubling of the table and of its chains
    asked = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(asked)));
    for (std::uint64_t i = 0; i < 10'000; ++i) REQUIRE(*e.erase(object_bytes(i)));
    CHECK(asked == 0);
}
