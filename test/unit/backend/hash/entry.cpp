// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/backend/hash/entry.hpp>
#include <ashlar/concurrency/single.hpp>

#include <string>
#include <string_view>

using ashlar::bytes_view;
using ashlar::hash::entry;
using ashlar::hash::entry_key;
using entries = ashlar::slab::pool<ashlar::single>;

TEST_CASE("an entry keeps key and row, whatever their lengths", "[hash_map]") {
    entries pool;
    for (const std::size_t key_size : {0U, 1U, 24U, 4095U, 4096U, 70'000U})
        for (const std::size_t row_size : {0U, 1U, 100U, 0xF'FFFEU, 0xF'FFFFU, 0x10'0000U}) {
            const std::string key(key_size, 'k');
            const std::string row(row_size, 'r');
            entry* made = entry::make(pool, key_size, row_size);
            REQUIRE(made != nullptr);
            const std::size_t size = made->set_row(row);
            made->set_key(key);
            CHECK(made->key() == bytes_view{key});
            CHECK(made->row() == bytes_view{row});
            CHECK(made->size() == size);
            const bool is_short = key_size < 4096 && row_size < 0xF'FFFFU;
            CHECK(size == key_size + row_size + (is_short ? 4 : 12));
            entry::free<entries>(made);
        }
    if constexpr (sizeof(std::size_t) > 4)
        CHECK(entry::make(pool, 1, std::size_t{0xFFFF'FFFFU} + 1) == nullptr);
}

TEST_CASE("a slot knows every bit of the hash of its entry, and where it is", "[hash_map]") {
    entries pool;
    const entry_key kind{};
    for (unsigned i = 0; i < 50; ++i) {
        const std::string key = "key " + std::to_string(i);
        const std::uint64_t hash = ashlar::detail::hash_bytes(key, kind.seed);
        entry* made = entry::make(pool, key.size(), 0);
        REQUIRE(made != nullptr);
        made->set_key(key);
        REQUIRE(entry_key::addressable(made));
        const std::uint64_t slot = entry_key::word_of(made, hash);
        CHECK(entry_key::at(&slot) == made);
        for (unsigned bit = 0; bit < 64; ++bit) // tables of all sizes, and more
            CHECK(kind.has_bit(&slot, std::uint64_t{1} << bit) == ((hash >> bit & 1U) != 0));
        CHECK(entry_key::matches<false>(&slot, {hash, key}));
        CHECK_FALSE(entry_key::matches<false>(&slot, {hash ^ (1U << 20), key}));
        CHECK_FALSE(entry_key::matches<false>(&slot, {hash, std::string_view{"another"}}));
        entry::free<entries>(made);
    }
}
