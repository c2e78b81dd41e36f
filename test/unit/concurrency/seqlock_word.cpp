// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/concurrency/seqlock_word.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <type_traits>

using namespace ashlar;

TEMPLATE_TEST_CASE("seqlock_word writes bytes over whole words", "", std::true_type,
                   std::false_type) {
    using word = seqlock_word<TestType::value>;
    for (std::size_t size = 0; size <= 24; ++size) {
        std::uint64_t words[4] = {~0U, ~0U, ~0U, 77};
        const std::string text(size, 'x');
        word::store_bytes(words, text);
        CHECK(bytes_view{reinterpret_cast<const std::byte*>(words), size} == bytes_view{text});
        CHECK(word::load(words[3]) == 77);
        if (TestType::value && size % 8 != 0)
            CHECK(words[size / 8] >> (size % 8 * 8) == 0); // what is left of the last word
    }
}

TEMPLATE_TEST_CASE("seqlock_word moves words that overlap, either way", "", std::true_type,
                   std::false_type) {
    using word = seqlock_word<TestType::value>;
    std::uint64_t words[6] = {0, 1, 2, 3, 4, 5};
    word::move(words + 1, words, 4);
    const std::uint64_t up[6] = {0, 0, 1, 2, 3, 5};
    std::uint64_t seen[6];
    word::load_words(seen, words, 6);
    CHECK(std::equal(std::begin(up), std::end(up), std::begin(seen)));
    word::move(words, words + 1, 4);
    const std::uint64_t down[6] = {0, 1, 2, 3, 3, 5};
    CHECK(std::equal(std::begin(down), std::end(down), std::begin(words)));
    word::move(words, words, 0);
    word::store(words[5], std::uint64_t{6});
    CHECK(word::load(words[5]) == 6);
}
