// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/detail/hash.hpp>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace {
using ashlar::bytes_view;
using ashlar::detail::fold_product;
using ashlar::detail::hash_bytes;
using ashlar::detail::hash_seed;
using ashlar::detail::hash_word;

constexpr std::size_t cells = 1024;

/// How far the fill of 1024 cells is from what chance would give, in standard deviations of the
/// chi-square distribution. `shift` chooses which ten bits of the hash place a key.
template <class Hash>
double deviation(std::size_t keys, unsigned shift, Hash hash) {
    std::vector<double> filled(cells);
    for (std::size_t i = 0; i < keys; ++i) filled[(hash(i) >> shift) % cells] += 1;
    const double expected = static_cast<double>(keys) / static_cast<double>(cells);
    double chi = 0;
    for (const double n : filled) chi += (n - expected) * (n - expected) / expected;
    return (chi - (cells - 1)) / std::sqrt(2.0 * (cells - 1));
}
} // namespace

TEST_CASE("the folded product is the xor of both halves", "[hash]") {
    STATIC_REQUIRE(fold_product(3, 5) == 15);
    STATIC_REQUIRE(fold_product(std::uint64_t{1} << 63, 4) == 2);
    STATIC_REQUIRE(fold_product(~std::uint64_t{0}, ~std::uint64_t{0}) == (1 ^ ~std::uint64_t{1}));
}

TEST_CASE("keys with a pattern fill buckets, tags and shards as chance would", "[hash]") {
    const hash_seed seed = hash_seed::from(42);
    for (const unsigned shift : {0U, 10U, 20U, 44U, 54U}) {
        CAPTURE(shift);
        // Better than chance is fine (sequential keys often are); worse is not.
        CHECK(deviation(64 * cells, shift, [&](std::uint64_t i) { return hash_word(i, seed); }) <
              6);
        CHECK(deviation(64 * cells, shift,
                        [&](std::uint64_t i) { return hash_word(i << 32, seed); }) < 6);
        CHECK(deviation(64 * cells, shift,
                        [&](std::uint64_t i) { return hash_word(i << 46, seed); }) < 6);
        CHECK(deviation(64 * cells, shift, [&](std::uint64_t i) {
                  return hash_word(__builtin_bswap64(i), seed);
              }) < 6);
        CHECK(deviation(64 * cells, shift, [&](std::uint64_t i) {
                  return hash_bytes(std::string("celery-task-meta-") + std::to_string(i), seed);
              }) < 6);
    }
}

TEST_CASE("every byte of a key and its length reach the hash", "[hash]") {
    const hash_seed seed = hash_seed::from(7);
    std::set<std::uint64_t> seen;
    std::size_t asked = 0;
    for (std::size_t size = 0; size <= 70; ++size) {
        std::string text(size, '\0');
        seen.insert(hash_bytes(text, seed));
        ++asked;
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = '\1';
            seen.insert(hash_bytes(text, seed));
            ++asked;
            text[i] = '\0';
        }
    }
    CHECK(seen.size() == asked);
}

TEST_CASE("another seed is another hash", "[hash]") {
    const hash_seed a = hash_seed::from(1);
    const hash_seed b = hash_seed::from(2);
    CHECK(a.a != b.a);
    CHECK((a.b & b.b & 1) == 1);
    std::size_t same = 0; // keys chosen to share a bucket of 1024 under one seed
    std::size_t chosen = 0;
    for (std::uint64_t key = 0; chosen < 1000; ++key) {
        if (hash_word(key, a) % cells != 0) continue;
        ++chosen;
        if (hash_word(key, b) % cells == 0) ++same;
    }
    CHECK(same < 20);
    CHECK(hash_bytes(std::string("key"), a) != hash_bytes(std::string("key"), b));
}
