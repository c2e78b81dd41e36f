// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/sorted/rows.hpp>
#include <ashlar/backend/sorted/table.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/random.hpp>

#include <list>
#include <map>
#include <string>
#include <utility>

namespace {

using namespace ashlar;
using ashlar::testing::random_source;
namespace srt = ashlar::sorted_tree;

// What a reader of the tree relies on, checked node by node; also recounts size and memory.
template <class Kind>
class inspector {
  public:
    using node = typename srt::format<Kind>::node;
    using item = typename srt::format<Kind>::item;

    explicit inspector(const srt::tree<Kind>& of) : tree_{of} {
        if (of.root != nullptr) visit(of.root, nullptr, nullptr, true);
        if (rows != of.size) fault = "size";
        if (memory != of.memory) fault = "memory";
    }

    std::string fault;
    std::size_t rows = 0;
    std::size_t memory = 0;
    std::size_t thin = 0; ///< nodes off the right edge below the least count

  private:
    void visit(const node* n, const item* low, const item* high, bool edge) {
        const auto& shape = tree_.shape;
        memory += shape.footprint(n->level);
        if (n->count > n->capacity()) fault = "overfull";
        if (n->count < n->least_count() && n != tree_.root && !edge) ++thin;
        for (std::size_t i = 1; i < n->count; ++i)
            if (shape.heads(n)[i - 1] > shape.heads(n)[i]) fault = "heads out of order";
        if constexpr (!Kind::words) check_skip(n, low, high);
        if (n->leaf()) {
            rows += n->count;
            srt::key_space one;
            srt::key_space two;
            for (std::size_t i = 1; i < n->count; ++i)
                if (!(shape.key_at(n, i - 1, one) < shape.key_at(n, i, two))) fault = "order";
            if constexpr (Kind::boxed)
                for (std::size_t i = 0; i < n->count; ++i)
                    memory += shape.boxed(shape.slot(n, i))->footprint();
            return;
        }
        for (std::size_t i = 0; i <= n->count; ++i) {
            const node* child = shape.children(n)[i];
            if (child->level + 1 != n->level) fault = "level";
            const item* from = low;
            const item* to = high;
            if constexpr (!Kind::words) {
                if (i > 0) from = shape.separators(n)[i - 1];
                if (i < n->count) memory += (to = shape.separators(n)[i])->footprint();
            } else if (child->count != 0) {
                if (i > 0 && shape.heads(child)[0] < shape.heads(n)[i - 1]) fault = "bound";
                if (i < n->count && shape.heads(child)[child->count - 1] >= shape.heads(n)[i])
                    fault = "bound";
            }
            visit(child, from, to, edge && i == n->count);
        }
    }
    void check_skip(const node* n, const item* low, const item* high) {
        std::size_t skip = 0;
        if (low != nullptr && high != nullptr)
            while (skip < low->key().size() && skip < high->key().size() &&
                   low->key()[skip] == high->key()[skip])
                ++skip;
        if (n->skip != skip) fault = "skip";
        for (std::size_t i = 0; i < n->count; ++i) {
            const bytes_view key = n->leaf() ? tree_.shape.boxed(tree_.shape.slot(n, i))->key()
                                             : tree_.shape.separators(n)[i]->key();
            if (low != nullptr && key < low->key()) fault = "below its bound";
            if (high != nullptr && !(key < high->key())) fault = "above its bound";
            if (tree_.shape.heads(n)[i] != tree_.shape.head_of(key, n->skip)) fault = "head";
        }
    }

    const srt::tree<Kind>& tree_;
};

using model = std::map<std::string, std::string>;

/// A tree and the memory that it rests in.
template <class Kind>
struct rooted {
    typename Kind::pool pool{nullptr};
    srt::tree<Kind> rows;

    rooted(std::size_t key_size, std::size_t row_size) : rows{key_size, row_size} {
        if constexpr (Kind::pooled) rows.shape.use(&pool);
    }
};

template <class Kind>
model contents(const srt::tree<Kind>& of) {
    model found;
    srt::cursor<Kind> at{of.shape, of.root};
    srt::key_space space;
    for (at.seek_first(); at.valid(); at.next())
        found[at.key(space).template as<std::string>()] = at.row().template as<std::string>();
    return found;
}

// Keys that share long prefixes, begin one another, hold 00 and FF, or are empty.
struct text_keys {
    static constexpr std::size_t key_size = dynamic_extent;
    std::size_t spread;
    std::string operator()(random_source& random) const {
        const auto n = random.below(spread);
        switch (random.below(4)) {
        case 0: return std::string(n % 40, static_cast<char>(n % 2 == 0 ? 0x00 : 0xFF));
        case 1: return "the same beginning of many keys/" + std::to_string(n);
        case 2: return std::to_string(n * n);
        default:
            return "key:" + std::string(12 - std::to_string(n).size(), '0') + std::to_string(n);
        }
    }
};
struct word_keys {
    static constexpr std::size_t key_size = 4;
    std::size_t spread;
    std::string operator()(random_source& random) const {
        std::byte bytes[4];
        store_big(bytes, static_cast<std::uint32_t>(random.below(spread) * 0x10001));
        return bytes_view{bytes, 4}.as<std::string>();
    }
};

template <class Kind, class Keys>
void play(Keys keys, std::size_t row_size, std::uint64_t seed, int steps) {
    INFO("seed " << seed);
    random_source random{seed};
    rooted<Kind> in{Keys::key_size, row_size};
    srt::tree<Kind>& rows = in.rows;
    model expected;
    std::list<std::pair<srt::tree<Kind>, model>> snapshots;
    const auto row = [&] {
        const std::size_t size = row_size == dynamic_extent ? random.below(40) : row_size;
        return std::string(size, static_cast<char>(random.next()));
    };
    for (int step = 0; step < ashlar_test::effort(steps); ++step) {
        CAPTURE(step);
        const bool growing = (step / 1500) % 2 == 0; // fills up, thins out, fills up, ...
        const bool logged = random.one_in(3);
        const bool kept = !logged || random.one_in(2);
        model after = expected;
        std::list<std::string> batch; // a table's log refers to the keys it was given
        {
            srt::table<Kind> table{rows, logged ? srt::undo_log::kept : srt::undo_log::none};
            for (std::size_t n = logged ? random.below(80) : 1; n > 0; --n) {
                const std::string& key = batch.emplace_back(keys(random));
                if (logged && random.one_in(40)) {
                    std::string hi = keys(random);
                    if (random.one_in(8)) hi.clear();
                    REQUIRE(table.remove_range(key, hi).has_value());
                    if (hi.empty() || key < hi)
                        after.erase(after.lower_bound(key),
                                    hi.empty() ? after.end() : after.lower_bound(hi));
                } else if (random.below(10) < (growing ? 8u : 2u)) {
                    const std::string value = row();
                    REQUIRE(table.assign(key, value).has_value());
                    after[key] = value;
                } else {
                    const auto gone = table.erase(key);
                    REQUIRE(gone.has_value());
                    REQUIRE(*gone == (after.erase(key) == 1));
                }
            }
            if (kept) table.keep();
        }
        if (kept) expected = std::move(after);
        if (step % 16 == 0) {
            const inspector<Kind> seen{rows};
            REQUIRE(seen.fault == "");
            REQUIRE(seen.thin == 0);
            REQUIRE(contents(rows) == expected);
        }
        if (random.one_in(100)) snapshots.emplace_back(rows.share(), expected);
        if (random.one_in(150) && !snapshots.empty()) {
            REQUIRE(inspector<Kind>{snapshots.front().first}.fault == "");
            REQUIRE(contents(snapshots.front().first) == snapshots.front().second);
            snapshots.pop_front();
        }
    }
    for (auto& [shared, then] : snapshots) REQUIRE(contents(shared) == then);
    srt::table<Kind> table{rows, srt::undo_log::kept};
    REQUIRE(table.remove_range({}, {}).has_value());
    table.keep();
    CHECK(rows.root == nullptr);
    CHECK(rows.size == 0);
    CHECK(rows.memory == 0);
}

} // namespace

TEMPLATE_TEST_CASE("sorted tree: heads are counted as one by one, however many there are", "",
                   std::false_type, std::true_type) {
    constexpr bool not_above = TestType::value;
    std::uint64_t heads[sorted_tree::most_heads]; // pairs of equal ones, and odd ones between
    for (std::size_t i = 0; i < std::size(heads); ++i) heads[i] = 2 * (i / 2) + 1;
    for (std::size_t count = 0; count <= std::size(heads); ++count)
        for (std::uint64_t wanted = 0; wanted <= std::size(heads) + 1; ++wanted) {
            const auto below = std::count_if(heads, heads + count, [&](std::uint64_t head) {
                return not_above ? head <= wanted : head < wanted;
            });
            REQUIRE(sorted_tree::count_heads<not_above>(heads, count, wanted) ==
                    static_cast<std::size_t>(below));
        }
}

TEST_CASE("a tree of texts stays a tree under any history") {
    play<srt::kind<false, true, shared>>(text_keys{30}, dynamic_extent, 1, 3000);
    play<srt::kind<false, true, shared>>(text_keys{3000}, dynamic_extent, 2, 6000);
    play<srt::kind<false, true, single>>(text_keys{100000}, 3, 3, 6000);
}

TEST_CASE("a tree of words stays a tree under any history") {
    play<srt::kind<true, false, shared>>(word_keys{3000}, 8, 4, 6000);
    play<srt::kind<true, false, single>>(word_keys{50}, 0, 5, 3000);
    play<srt::kind<true, true, shared>>(word_keys{20000}, dynamic_extent, 6, 6000);
}

TEST_CASE("three levels of separators split and join") {
    // Long runs in both directions reach the splits of inner nodes that random keys seldom do.
    using texts = srt::kind<false, true, single>;
    rooted<texts> in{dynamic_extent, dynamic_extent};
    srt::tree<texts>& rows = in.rows;
    const auto key = [](std::uint64_t i) {
        std::string text = "prefix:00000000";
        for (std::size_t at = text.size(); i != 0; i /= 10)
            text[--at] = static_cast<char>('0' + i % 10);
        return text;
    };
    constexpr std::uint64_t count = ashlar_test::effort(std::uint64_t{300'000});
    srt::table<texts> table{rows, srt::undo_log::none};
    for (std::uint64_t i = 0; i < count; ++i)
        REQUIRE(
            table.assign(key((i % 2 == 0 ? i : 2 * count - i)), std::string("row")).has_value());
    CHECK(rows.root->level >= 2);
    const inspector<texts> full{rows};
    CHECK(full.fault == "");
    CHECK(full.rows == count);

    random_source random{7};
    std::uint64_t left = count;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t k = (i % 2 == 0 ? i : 2 * count - i);
        if (random.one_in(50)) continue;
        REQUIRE(table.erase(key(k)).value());
        if (--left % 20'000 == 0) REQUIRE(inspector<texts>{rows}.fault == "");
    }
    const inspector<texts> thinned{rows};
    CHECK(thinned.fault == "");
    CHECK(thinned.thin == 0);
    CHECK(thinned.rows == left);
}

TEST_CASE("ascending loads fill their leaves") {
    using words = srt::kind<true, false, single>;
    rooted<words> in{8, 8};
    srt::tree<words>& rows = in.rows;
    srt::table<words> table{rows, srt::undo_log::none};
    for (std::uint64_t i = 0; i < 64'000; ++i) {
        std::byte key[8];
        store_big(key, i);
        REQUIRE(table.assign({key, 8}, {key, 8}).has_value());
    }
    CHECK(inspector<words>{rows}.fault == "");
    CHECK(rows.memory < 64'000 * 18); // 16 bytes of key and row, and at most 2 of structure
}

TEST_CASE("a shortest separator is behind its left and not behind its right") {
    using namespace ashlar::literals;
    CHECK(srt::shortest_between("abc"_b, "abd"_b) == "abd"_b);
    CHECK(srt::shortest_between("ab"_b, "abcdef"_b) == "abc"_b);
    CHECK(srt::shortest_between(""_b, "x"_b) == "x"_b);
    CHECK(srt::shortest_between("aa"_b, "b"_b) == "b"_b);
}
