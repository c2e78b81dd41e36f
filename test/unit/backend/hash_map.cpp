// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
// What is special about hash_map: the laws that all engines share are in test/laws/hash_map.cpp.
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/random.hpp>

#include <atomic>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {
using namespace ashlar;
using namespace ashlar::literals;
using testing::random_source;

/// An environment whose randomness a test chooses.
struct seeded {
    using axis = environment_axis;
    std::uint64_t seed = 1;
    [[nodiscard]] std::uint64_t random_seed() const noexcept { return seed; }
};

template <class Row, class Concurrency, std::size_t Shards = 16>
using map_of = hash_map<Shards>::template engine<Row, seeded, Concurrency>;

using word_row = row_layout<8, 8, row_fields{}>;
using short_row = row_layout<3, 5, row_fields{.sequenced = true}>;
using wide_row = row_layout<16, 24, row_fields{.version = true}>;
using bare_key = row_layout<4, 0, row_fields{}>;
using long_row = row_layout<8, 512, row_fields{}>;
using free_row = row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>;

template <class E>
constexpr bool is_complete =
    engine<E> && batched_engine<E> && in_place_engine<E> && direct_engine<E> && sized_engine<E> &&
    metered_engine<E> && openable_engine<E, seeded, hash_map_options> && !ordered_engine<E> &&
    !std::is_polymorphic_v<E>;
static_assert(is_complete<map_of<word_row, single>> && is_complete<map_of<word_row, shared>>);
static_assert(is_complete<map_of<wide_row, single>> && is_complete<map_of<wide_row, shared>>);
static_assert(is_complete<map_of<free_row, single>> && is_complete<map_of<free_row, shared>>);
static_assert(is_complete<map_of<long_row, single>> && is_complete<map_of<bare_key, shared>>);
// With one thread the number of shards is no part of the type.
static_assert(std::same_as<map_of<word_row, single, 1>, map_of<word_row, single, 64>>);

// Nothing to construct at start-up.
constinit map_of<word_row, single> constant_single;
constinit map_of<free_row, shared> constant_shared;

template <class E>
E opened(hash_map_options options = {}, std::uint64_t seed = 1) {
    opening<seeded> how{};
    how.environment.seed = seed;
    auto made = E::open(how, options);
    REQUIRE(made);
    return std::move(*made);
}

template <class E>
std::string get(const E& e, bytes_view key) {
    std::string row = "(none)";
    const auto found = e.read(key, [&](bytes_view r) { row = r.template as<std::string>(); });
    REQUIRE(found);
    return row;
}

std::string number(std::uint64_t n, std::size_t bytes) {
    std::string text(bytes, '\0');
    std::memcpy(text.data(), &n, bytes < 8 ? bytes : 8);
    return text;
}
bytes_view delta(const std::int64_t& n) { return object_bytes(n); }

/// Keys and rows of a layout, few enough to meet again; dynamic ones are of many lengths.
template <class Row>
struct source {
    random_source random;
    std::uint64_t keys;

    std::string key() {
        const std::uint64_t k = random.below(keys);
        if constexpr (Row::key_extent != dynamic_extent) return number(k, Row::key_extent);
        else return std::string(k % 40, 'k') + (k < 40 ? "" : std::to_string(k));
    }
    std::string row() {
        std::size_t size = Row::row_extent;
        if (size == dynamic_extent) size = Row::header_size + random.below(50);
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random.next() >> 56);
        return bytes;
    }
};

using model_map = std::unordered_map<std::string, std::string>;

template <class E>
void compare_whole(const E& e, const model_map& model) {
    REQUIRE(e.size() == model.size());
    std::set<std::string> seen;
    typename E::position at;
    bool right = true;
    const auto more = e.walk(
        at,
        [&](bytes_view key, bytes_view row) {
            const auto it = model.find(key.template as<std::string>());
            right = right && it != model.end() && it->second == row.template as<std::string>() &&
                    seen.insert(it->first).second; // nobody writes: once each
        },
        static_cast<std::size_t>(-1));
    REQUIRE(more);
    CHECK_FALSE(*more);
    CHECK(right);
    CHECK(seen.size() == model.size());
}

/// One random batch on both sides; answers whether they agree.
template <class Row, class E>
bool same_batch(E& e, model_map& model, source<Row>& from) {
    write_batch batch;
    std::vector<std::pair<std::string, std::string>> changes; // "(none)" erases
    bool holds = true;
    for (std::uint64_t n = from.random.below(3); n > 0; --n) {
        const std::string key = from.key();
        const auto it = model.find(key);
        if (from.random.one_in(2)) {
            batch.absent(key);
            holds = holds && it == model.end();
        } else if (it != model.end() && from.random.one_in(2)) {
            batch.equals(key, Row::payload(it->second));
        } else {
            batch.present(key);
            holds = holds && it != model.end();
        }
    }
    for (std::uint64_t n = from.random.below(30); n > 0; --n) {
        const std::string key = from.key();
        if (from.random.one_in(3)) {
            batch.erase(key);
            changes.emplace_back(key, "(none)");
        } else {
            const std::string row = from.row();
            batch.put(key, row);
            changes.emplace_back(key, row);
        }
    }
    const auto done = e.apply(batch);
    if (holds) {
        for (const auto& [key, row] : changes) {
            if (row == "(none)") model.erase(key);
            else model[key] = row;
        }
    }
    return holds ? done.has_value() : done.error() == errc::conflict;
}

template <class Row, class E>
bool same_step(E& e, model_map& model, source<Row>& from) {
    const std::string key = from.key();
    const auto it = model.find(key);
    switch (from.random.below(6)) {
    case 0: return same_batch<Row>(e, model, from);
    case 1: {
        const auto erased = e.erase(key);
        return erased && *erased == (model.erase(key) == 1);
    }
    case 2: {
        const std::string row = from.row();
        const bool drop = from.random.one_in(4);
        bool right = true;
        const auto done = e.update(key, row.size(),
                                   [&](commit_seq, const bytes_view* old, std::byte* out) noexcept {
                                       right = (old != nullptr) == (it != model.end()) &&
                                               (old == nullptr || *old == bytes_view{it->second});
                                       if (drop) return update_action::erase();
                                       copy_bytes(out, row);
                                       return update_action::write(row.size());
                                   });
        if (drop) model.erase(key);
        else model[key] = row;
        return done && right;
    }
    case 3: {
        const std::string row = from.row();
        model[key] = row;
        return e.put(key, row).has_value();
    }
    default: return get(e, key) == (it == model.end() ? "(none)" : it->second);
    }
}

template <class Row, class Concurrency>
void check_model(std::uint64_t seed, std::uint64_t keys, int steps) {
    auto e = opened<map_of<Row, Concurrency>>({}, seed);
    model_map model;
    source<Row> from{random_source{seed}, keys};
    int step = 0;
    steps = ashlar_test::effort(steps);
    while (step < steps && same_step<Row>(e, model, from)) ++step;
    INFO("seed " << seed << ", step " << step << " of " << steps);
    REQUIRE(step == steps);
    compare_whole(e, model);

    std::vector<std::string> keys_asked(1000);
    for (auto& key : keys_asked) key = from.key();
    const std::vector<bytes_view> views(keys_asked.begin(), keys_asked.end());
    std::vector<std::string> found(views.size(), "(none)");
    REQUIRE(e.read_many(views.data(), views.size(), [&](std::size_t i, bytes_view row) {
        found[i] = row.template as<std::string>();
    }));
    std::size_t equal = 0;
    for (std::size_t i = 0; i < views.size(); ++i) {
        const auto it = model.find(keys_asked[i]);
        equal += found[i] == (it == model.end() ? "(none)" : it->second) ? 1U : 0U;
    }
    CHECK(equal == views.size());

    e.clear();
    CHECK(e.size() == 0);
    model.clear();
    compare_whole(e, model);
    CHECK(same_step<Row>(e, model, from));
}
} // namespace

TEMPLATE_TEST_CASE("hash_map does what a map does, whatever the extents", "[hash_map]", word_row,
                   short_row, wide_row, bare_key, long_row, free_row) {
    check_model<TestType, single>(1, 50, 4000);
    check_model<TestType, single>(2, 20000, 30000);
    check_model<TestType, shared>(3, 50, 4000);
    check_model<TestType, shared>(4, 5000, 15000);
}

TEST_CASE("an engine that was only constructed allocates nothing and works", "[hash_map]") {
    CHECK(constant_single.size() == 0);
    CHECK(constant_shared.memory_used() == 0);
    CHECK(get(constant_shared, "key"_b) == "(none)");
    CHECK_FALSE(*constant_shared.erase("key"_b));
    typename decltype(constant_shared)::position at;
    CHECK_FALSE(*constant_shared.walk(at, [](bytes_view, bytes_view) {}, 1));
    bytes_view asked[] = {"key"_b};
    CHECK(constant_shared.read_many(asked, 1, [](std::size_t, bytes_view) {}));

    REQUIRE(constant_shared.put("key"_b, "row"_b));
    CHECK(get(constant_shared, "key"_b) == "row");
    REQUIRE(constant_single.put("12345678"_b, "abcdefgh"_b));
    CHECK(get(constant_single, "12345678"_b) == "abcdefgh");
    CHECK(constant_single.memory_used() > 0);
}

TEMPLATE_TEST_CASE("a moved engine takes its rows along", "[hash_map]", single, shared) {
    auto a = opened<map_of<free_row, TestType>>();
    REQUIRE(a.put("key"_b, "row"_b));
    auto b = std::move(a);
    CHECK(get(b, "key"_b) == "row");
    auto c = opened<map_of<free_row, TestType>>();
    REQUIRE(c.put("other"_b, "gone"_b));
    c = std::move(b);
    CHECK(get(c, "key"_b) == "row");
    CHECK(get(c, "other"_b) == "(none)");
    CHECK(c.size() == 1);
}

TEST_CASE("empty keys and rows are keys and rows", "[hash_map]") {
    auto e = opened<map_of<free_row, shared>>();
    REQUIRE(e.put(""_b, ""_b));
    CHECK(get(e, ""_b).empty());
    CHECK(e.size() == 1);
    REQUIRE(e.put(""_b, "row"_b));
    REQUIRE(e.put("\0"_b, "zero"_b));
    CHECK(get(e, ""_b) == "row");
    CHECK(get(e, "\0"_b) == "zero");
    CHECK(*e.erase(""_b));
    CHECK(get(e, ""_b) == "(none)");

    using nothing = row_layout<0, 0, row_fields{}>;
    auto unit = opened<map_of<nothing, single>>();
    REQUIRE(unit.put(""_b, ""_b));
    CHECK(unit.size() == 1);
    CHECK(*unit.erase(""_b));
}

TEST_CASE("lengths that do not fit are refused before a byte is read", "[hash_map]") {
    const std::byte one{};
    const bytes_view huge{&one, std::size_t{1} << 32};
    auto e = opened<map_of<free_row, shared>>();
    CHECK(e.put(huge, "row"_b).error() == errc::key_too_long);
    CHECK(e.put("key"_b, huge).error() == errc::value_too_long);
    CHECK(e.read(huge, [](bytes_view) {}).error() == errc::key_too_long);
    CHECK(e.erase(huge).error() == errc::key_too_long);
    const auto keep = [](commit_seq, const bytes_view*, std::byte*) noexcept {
        return update_action::keep();
    };
    CHECK(e.update("key"_b, huge.size(), keep).error() == errc::value_too_long);

    auto f = opened<map_of<word_row, shared>>();
    CHECK(f.put("short"_b, "12345678"_b).error() == errc::invalid_argument);
    CHECK(f.put("12345678"_b, "short"_b).error() == errc::invalid_argument);
    CHECK(f.read("123456789"_b, [](bytes_view) {}).error() == errc::invalid_argument);
    write_batch batch;
    batch.put("12345678"_b, "12345678"_b).put("12345678"_b, "123"_b);
    CHECK(f.apply(batch).error() == errc::invalid_argument);
    CHECK(f.apply_at(commit_seq{1}, batch.operations()).error() == errc::invalid_argument);
    const auto too_small = [](commit_seq, const bytes_view*, std::byte*) noexcept {
        return update_action::write(3);
    };
    CHECK(f.update("12345678"_b, 8, too_small).error() == errc::invalid_argument);
    CHECK(f.update("12345678"_b, 9, keep).error() == errc::value_too_long);
    batch.clear();
    batch.erase_range("00000000"_b, "99999999"_b);
    CHECK(f.apply(batch).error() == errc::unsupported);
    batch.clear();
    batch.range_empty("00000000"_b, "99999999"_b);
    CHECK(f.apply(batch).error() == errc::unsupported);
    CHECK(f.size() == 0);
}

TEST_CASE("a row of a mebibyte is kept and replaced", "[hash_map]") {
    auto e = opened<map_of<free_row, single>>();
    const std::string key(100'000, 'k');
    REQUIRE(e.put(key, std::string(1 << 20, 'a')));
    REQUIRE(e.put(key, std::string(1 << 20, 'b')));
    CHECK(get(e, key) == std::string(1 << 20, 'b'));
    REQUIRE(e.put(key, "c"_b));
    CHECK(get(e, key) == "c");
    CHECK(e.memory_used() < 150'000);
}

TEMPLATE_TEST_CASE("a limit of entries is met exactly", "[hash_map]", single, shared) {
    auto e = opened<map_of<free_row, TestType>>({.max_entries = 3});
    REQUIRE(e.put("a"_b, "1"_b));
    REQUIRE(e.put("b"_b, "1"_b));
    REQUIRE(e.put("c"_b, "1"_b));
    CHECK(e.put("d"_b, "1"_b).error() == errc::full);
    CHECK(e.put("a"_b, "2"_b)); // replacing takes no room

    const auto write = [](commit_seq, const bytes_view*, std::byte*) noexcept {
        return update_action::write(0);
    };
    CHECK(e.update("d"_b, 0, write).error() == errc::full);

    write_batch batch;
    batch.put("a"_b, "3"_b).put("d"_b, "3"_b);
    CHECK(e.apply(batch).error() == errc::full);
    CHECK(get(e, "a"_b) == "2");

    batch.clear();
    batch.put("d"_b, "4"_b).erase("a"_b).put("d"_b, "5"_b).put("b"_b, "5"_b);
    CHECK(e.apply(batch)); // what counts is what stands at the end
    CHECK(get(e, "d"_b) == "5");
    CHECK(e.size() == 3);
    CHECK(e.put("a"_b, "6"_b).error() == errc::full);
    REQUIRE(*e.erase("d"_b));
    CHECK(e.put("a"_b, "6"_b));

    batch.clear(); // a replica takes what the others have taken
    batch.put("x"_b, ""_b).put("y"_b, ""_b);
    CHECK(e.apply_at(commit_seq{100}, batch.operations()));
    CHECK(e.size() == 5);
    REQUIRE(*e.erase("x"_b));
    REQUIRE(*e.erase("y"_b));
    CHECK(e.put("z"_b, ""_b).error() == errc::full);
    e.clear();
    CHECK(e.put("z"_b, ""_b));
    CHECK(e.put("w"_b, ""_b));
    CHECK(e.put("v"_b, ""_b));
    CHECK(e.put("u"_b, ""_b).error() == errc::full);
}

TEST_CASE("a hint of the capacity is room for it", "[hash_map]") {
    auto e = opened<map_of<word_row, single>>({.capacity_hint = 100'000});
    const std::size_t before = e.memory_used();
    for (std::uint64_t i = 0; i < 100'000; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    CHECK(e.memory_used() < before + before / 4); // a few chains, no larger table
}

TEMPLATE_TEST_CASE("rows that were expected find room, up to the limit", "[hash_map]", single,
                   shared) {
    auto e = opened<map_of<word_row, TestType>>({.max_entries = 20'000});
    e.expect_rows(std::size_t{1} << 40);
    const std::size_t before = e.memory_used();
    CHECK(before > 20'000 * 16);
    for (std::uint64_t i = 0; i < 20'000; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    CHECK(e.memory_used() < before + before / 2); // a few chains, no larger table
    CHECK(e.size() == 20'000);
    e.expect_rows(0);
    for (std::uint64_t i = 0; i < 20'000; ++i)
        REQUIRE(e.read(object_bytes(i), [](bytes_view) {}).value_or(false));
}

TEST_CASE("a batch numbers its rows with its own commit", "[hash_map]") {
    auto e = opened<map_of<free_row, shared>>();
    const auto first = e.put("other"_b, "row"_b);
    REQUIRE(first);

    SECTION("in the value") {
        write_batch batch;
        batch.put("key"_b, "seq:........"_b);
        for (const operation op : batch.operations()) op.mark_seq_in_value(4);
        const auto done = e.apply(batch);
        REQUIRE(done);
        CHECK(*done > *first);
        CHECK(get(e, "key"_b) == "seq:" + number(static_cast<std::uint64_t>(*done), 8));
    }
    SECTION("in the key, whose shard is not known before") {
        for (int i = 0; i < 100; ++i) {
            write_batch batch;
            batch.put("log:........"_b, "entry"_b).put("plain"_b, "row"_b);
            std::byte* entry = (*batch.operations().begin()).entry;
            entry[1] = static_cast<std::byte>(seq_in_key);
            store_little(entry + 12, std::uint32_t{4});
            const auto done = e.apply(batch);
            REQUIRE(done);
            CHECK(get(e, "log:" + number(static_cast<std::uint64_t>(*done), 8)) == "entry");
        }
        CHECK(e.size() == 102);
    }
    SECTION("replayed at a number, it goes on behind that number") {
        write_batch batch;
        batch.put("key"_b, "seq:........"_b);
        for (const operation op : batch.operations()) op.mark_seq_in_value(4);
        REQUIRE(e.apply_at(commit_seq{1000}, batch.operations()));
        REQUIRE(e.apply_at(commit_seq{1000}, batch.operations()));
        REQUIRE(e.apply_at(commit_seq{900}, {}));
        CHECK(get(e, "key"_b) == "seq:" + number(1000, 8));
        const auto next = e.put("key"_b, "row"_b);
        REQUIRE(next);
        CHECK(*next == commit_seq{1001});
    }
}

TEMPLATE_TEST_CASE("batches of one length, of some, and of ever others keep their rows",
                   "[hash_map]", single, shared) {
    auto e = opened<map_of<free_row, TestType>>();
    model_map model;
    random_source random{7};
    for (int round = 0; round < 60; ++round) {
        write_batch batch;
        const std::uint64_t lengths = round % 3 == 0 ? 1 : round % 3 == 1 ? 3 : 600;
        for (int i = 0; i < 100; ++i) { // keys twice in a batch, put and erased
            const std::string key = "key " + std::to_string(random.below(150));
            const std::string row(100 + random.below(lengths) * 2, static_cast<char>('a' + i % 26));
            if (random.below(8) == 0) {
                batch.erase(key);
                model.erase(key);
            } else {
                batch.put(key, row);
                model[key] = row;
            }
        }
        REQUIRE(e.apply(batch));
        compare_whole(e, model);
    }
    write_batch again;
    for (const auto& [key, row] : model) again.put(key, row);
    REQUIRE(e.apply(again)); // may make room in the table
    const std::size_t used = e.memory_used();
    REQUIRE(e.apply(again));
    compare_whole(e, model);
    CHECK(e.memory_used() == used);
}

TEST_CASE("additions of one batch meet the rows before them", "[hash_map]") {
    auto e = opened<map_of<row_layout<dynamic_extent, 8, row_fields{}>, shared>>();
    const std::int64_t two = 2;
    const std::int64_t most = 0x7FFF'FFFF'FFFF'FFFF;
    write_batch batch;
    batch.add("n"_b, delta(two)).add("n"_b, delta(two)).erase("m"_b).add("m"_b, delta(two));
    REQUIRE(e.apply(batch));
    CHECK(get(e, "n"_b) == number(4, 8));
    CHECK(get(e, "m"_b) == number(2, 8));
    batch.clear();
    batch.put("m"_b, delta(most)).add("n"_b, delta(most));
    CHECK(e.apply(batch).error() == errc::overflow);
    CHECK(get(e, "m"_b) == number(2, 8));
}

namespace {
/// Records what the engine does at the commit point.
struct recording {
    std::vector<std::string> said;
    bool refuse = false;
    result<void> reserve(std::size_t bytes) {
        said.push_back("reserve " + std::to_string(bytes));
        if (refuse) return errc::no_space;
        return {};
    }
    void commit(commit_seq, operation_list operations) noexcept {
        said.push_back("commit " + std::to_string(operations.bytes().size()));
    }
    void commit_put(commit_seq, bytes_view key, bytes_view) noexcept {
        said.push_back("put " + key.as<std::string>());
    }
    void commit_erase(commit_seq, bytes_view key) noexcept {
        said.push_back("erase " + key.as<std::string>());
    }
    result<void> wait(commit_seq) {
        said.push_back("wait");
        return {};
    }
};
static_assert(commit_hook<recording>);
} // namespace

TEST_CASE("the commit point is met once per change and never without one", "[hash_map]") {
    auto e = opened<map_of<free_row, shared>>();
    using said = std::vector<std::string>;
    const auto write = [](commit_seq, const bytes_view*, std::byte* out) noexcept {
        out[0] = std::byte{'x'};
        return update_action::write(1);
    };
    const auto keep = [](commit_seq, const bytes_view*, std::byte*) noexcept {
        return update_action::keep();
    };
    const auto erase = [](commit_seq, const bytes_view*, std::byte*) noexcept {
        return update_action::erase();
    };
    recording hook;
    SECTION("put") {
        REQUIRE(e.put("k"_b, "v"_b, hook));
        CHECK(hook.said == said{"reserve 18", "put k", "wait"});
    }
    SECTION("erase of nothing") {
        REQUIRE(e.put("other"_b, ""_b));
        REQUIRE(e.erase("k"_b, hook));
        CHECK(hook.said == said{"reserve 17"});
    }
    SECTION("erase") {
        REQUIRE(e.put("k"_b, "v"_b));
        REQUIRE(e.erase("k"_b, hook));
        CHECK(hook.said == said{"reserve 17", "erase k", "wait"});
    }
    SECTION("update") {
        REQUIRE(e.update("k"_b, 1, keep, hook));
        REQUIRE(e.update("k"_b, 1, write, hook));
        REQUIRE(e.update("k"_b, 1, erase, hook));
        REQUIRE(e.update("k"_b, 1, erase, hook));
        CHECK(hook.said == said{"reserve 18", "reserve 18", "put k", "wait", "reserve 18",
                                "erase k", "wait", "reserve 18"});
    }
    SECTION("batch") {
        write_batch batch;
        batch.put("k"_b, "v"_b).erase("m"_b);
        REQUIRE(e.apply(batch, hook));
        CHECK(hook.said == said{"reserve 35", "commit 35", "wait"});
    }
    SECTION("lost batch") {
        write_batch batch;
        batch.present("k"_b).put("k"_b, "v"_b);
        CHECK(e.apply(batch, hook).error() == errc::conflict);
        CHECK(hook.said == said{"reserve 18"});
    }
    SECTION("refused reservation") {
        hook.refuse = true;
        CHECK(e.put("k"_b, "v"_b, hook).error() == errc::no_space);
        write_batch batch;
        batch.put("k"_b, "v"_b);
        CHECK(e.apply(batch, hook).error() == errc::no_space);
        CHECK(e.update("k"_b, 1, write, hook).error() == errc::no_space);
        CHECK(e.size() == 0);
    }
}

TEMPLATE_TEST_CASE("a walk meets every key that stays, while the table grows", "[hash_map]", single,
                   shared) {
    for (const std::size_t limit : {1U, 3U, 100U}) {
        CAPTURE(limit);
        auto e = opened<map_of<word_row, TestType, 2>>();
        constexpr std::uint64_t stay = 1000;
        for (std::uint64_t i = 0; i < stay; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
        std::set<std::uint64_t> seen;
        std::size_t visits = 0;
        std::uint64_t next = stay;
        typename map_of<word_row, TestType, 2>::position at;
        bool more = true;
        while (more) {
            const auto walked = e.walk(
                at,
                [&](bytes_view key, bytes_view row) {
                    ++visits;
                    REQUIRE(key == row);
                    seen.insert(load_little<std::uint64_t>(key.data()));
                    // A visitor may write: here it makes the table grow, and shrinks it again.
                    if (next < 20 * stay) {
                        REQUIRE(e.put(object_bytes(next), object_bytes(next)));
                        if (next % 3 == 0) REQUIRE(e.erase(object_bytes(next)));
                        ++next;
                    }
                },
                limit);
            REQUIRE(walked);
            more = *walked;
        }
        std::size_t met = 0;
        for (std::uint64_t i = 0; i < stay; ++i) met += seen.count(i);
        CHECK(met == stay);
        CHECK(visits < 6 * next);
    }
}

TEST_CASE("a visitor that has enough is asked again for the next row", "[hash_map]") {
    auto e = opened<map_of<word_row, shared>>();
    for (std::uint64_t i = 0; i < 500; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    map_of<word_row, shared>::position at;
    std::set<std::uint64_t> seen;
    bool more = true;
    while (more) {
        int taken = 0;
        const auto walked = e.walk(
            at,
            [&](bytes_view key, bytes_view) {
                CHECK(seen.insert(load_little<std::uint64_t>(key.data())).second);
                return ++taken < 7;
            },
            static_cast<std::size_t>(-1));
        REQUIRE(walked);
        more = *walked;
    }
    CHECK(seen.size() == 500);
    at = {};
    const auto none = e.walk(at, [](bytes_view, bytes_view) { FAIL("visited"); }, 0);
    REQUIRE(none);
    CHECK(*none);
}

TEST_CASE("keys with a pattern cost no more memory than others", "[hash_map]") {
    static constexpr auto count = ashlar_test::effort(std::uint64_t{50'000});
    const auto memory = [](auto key_of) {
        auto e = opened<map_of<word_row, single>>({}, 99);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t key = key_of(i);
            REQUIRE(e.put(object_bytes(key), object_bytes(key)));
        }
        CHECK(e.size() == count);
        return e.memory_used();
    };
    random_source random{5};
    const std::size_t usual = memory([&](std::uint64_t) { return random.next(); });
    CHECK(memory([](std::uint64_t i) { return i; }) <= usual * 3 / 2);
    CHECK(memory([](std::uint64_t i) { return i << 40; }) <= usual * 3 / 2);
    CHECK(memory([](std::uint64_t i) { return __builtin_bswap64(i); }) <= usual * 3 / 2);
    CHECK(memory([](std::uint64_t i) { return i * 0x9E37'79B9'7F4A'7C15U; }) <= usual * 3 / 2);
}

TEST_CASE("engines place the same keys differently, as their seeds do", "[hash_map]") {
    const auto order = [](std::uint64_t seed) {
        auto e = opened<map_of<word_row, single>>({}, seed);
        std::vector<std::uint64_t> keys;
        for (std::uint64_t i = 0; i < 100; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
        map_of<word_row, single>::position at;
        REQUIRE(e.walk(
            at,
            [&](bytes_view key, bytes_view) {
                keys.push_back(load_little<std::uint64_t>(key.data()));
            },
            1000));
        return keys;
    };
    CHECK(order(1) == order(1));
    CHECK(order(1) != order(2));
}

TEST_CASE("buckets that overflow come back and are used again", "[hash_map]") {
    constexpr auto count = ashlar_test::effort(std::uint64_t{40'000});
    auto e = opened<map_of<word_row, single>>();
    for (std::uint64_t i = 0; i < count; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    for (std::uint64_t i = 0; i < count; ++i) REQUIRE(*e.erase(object_bytes(i)));
    CHECK(e.size() == 0);
    const std::size_t after_one = e.memory_used();
    for (std::uint64_t round = 1; round < 20; ++round) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t key = round << 32 | i;
            REQUIRE(e.put(object_bytes(key), object_bytes(key)));
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t key = round << 32 | i;
            REQUIRE(*e.erase(object_bytes(key)));
        }
    }
    CHECK(e.memory_used() <= after_one * 3 / 2);
}

// --- threads: assertions are counted in the threads and made after them --------------------------

namespace {
template <class F>
void in_threads(unsigned count, F f) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back([&f, i] { f(i); });
    for (auto& t : threads) t.join();
}
constexpr int rounds = ashlar_test::effort(5'000);
} // namespace

TEMPLATE_TEST_CASE("eight threads that compare and set lose no update (X5)", "[hash_map][threads]",
                   word_row, free_row) {
    auto e = opened<map_of<TestType, shared>>();
    const bytes_view key = "counter!"_b;
    const std::uint64_t zero = 0;
    REQUIRE(e.put(key, object_bytes(zero)));
    std::atomic<int> failures{0};
    in_threads(8, [&](unsigned self) {
        for (int i = 0; i < rounds / 4; ++i) {
            if (self % 2 == 0) { // in place
                const auto add = [](commit_seq, const bytes_view* old, std::byte* out) noexcept {
                    store_little(out, load_little<std::uint64_t>(old->data()) + 1);
                    return update_action::write(8);
                };
                if (!e.update(key, 8, add)) ++failures;
                continue;
            }
            for (;;) { // by a checked batch
                std::uint64_t now = 0;
                const auto found = e.read(
                    key, [&](bytes_view row) { now = load_little<std::uint64_t>(row.data()); });
                if (!found || !*found) ++failures;
                const std::uint64_t next = now + 1;
                write_batch batch;
                batch.equals(key, object_bytes(now)).put(key, object_bytes(next));
                const auto done = e.apply(batch);
                if (done) break;
                if (!(done.error() == errc::conflict)) ++failures;
            }
        }
    });
    CHECK(failures == 0);
    CHECK(get(e, key) == number(8U * (rounds / 4), 8));
}

TEST_CASE("batches over shards move sums whole while others look and walk (X5)",
          "[hash_map][threads]") {
    auto e = opened<map_of<word_row, shared>>();
    constexpr std::uint64_t accounts = 64;
    const std::int64_t each = 1'000'000; // far more than any of them can lose
    for (std::uint64_t i = 0; i < accounts; ++i)
        REQUIRE(e.put(object_bytes(i), object_bytes(each)));
    std::atomic<int> failures{0};
    std::atomic<int> missed{0};
    std::atomic<bool> stop{false};
    std::thread looker([&] {
        random_source random{77};
        while (!stop) {
            const std::uint64_t a = random.below(accounts);
            std::int64_t seen = 0;
            const auto found =
                e.read(object_bytes(a), [&](bytes_view row) { std::memcpy(&seen, row.data(), 8); });
            if (!found || !*found || seen < 0 || seen > static_cast<std::int64_t>(accounts) * each)
                ++failures;
            map_of<word_row, shared>::position at;
            std::uint64_t met = 0; // a bit for each account
            const auto note = [&](bytes_view key, bytes_view) {
                const auto id = load_little<std::uint64_t>(key.data());
                if (id < accounts) met |= std::uint64_t{1} << id;
            };
            if (!e.walk(at, note, static_cast<std::size_t>(-1)) || ~met != 0) ++missed;
        }
    });
    in_threads(4, [&](unsigned self) {
        random_source random{self};
        for (int i = 0; i < rounds; ++i) {
            const std::uint64_t from = random.below(accounts);
            const std::uint64_t to = random.below(accounts);
            const std::int64_t amount = static_cast<std::int64_t>(random.below(20));
            const std::int64_t less = -amount;
            write_batch batch;
            batch.add(object_bytes(from), delta(less)).add(object_bytes(to), delta(amount));
            if (!e.apply(batch)) ++failures;
            // Extra keys, so that tables grow and buckets chain under the readers.
            const std::uint64_t extra = 1000 + self * 100'000U + static_cast<unsigned>(i);
            if (!e.put(object_bytes(extra), object_bytes(extra))) ++failures;
            if (i % 2 == 0 && !e.erase(object_bytes(extra))) ++failures;
        }
    });
    stop = true;
    looker.join();
    CHECK(failures == 0);
    CHECK(missed == 0);
    std::int64_t sum = 0;
    for (std::uint64_t i = 0; i < accounts; ++i)
        REQUIRE(e.read(object_bytes(i), [&](bytes_view row) {
            std::int64_t one = 0;
            std::memcpy(&one, row.data(), 8);
            sum += one;
        }));
    CHECK(sum == static_cast<std::int64_t>(accounts) * each);
}

TEST_CASE("two keys that change together are never seen apart by a batch (X5)",
          "[hash_map][threads]") {
    auto e = opened<map_of<free_row, shared>>();
    const std::uint64_t zero = 0;
    write_batch first;
    first.put("left"_b, object_bytes(zero)).put("right"_b, object_bytes(zero));
    REQUIRE(e.apply(first));
    std::atomic<int> apart{0};
    std::atomic<int> agreed{0};
    in_threads(4, [&](unsigned self) {
        for (std::uint64_t i = 1; i <= rounds; ++i) {
            write_batch batch;
            if (self < 2) {
                const std::uint64_t value = i * 2 + self;
                batch.put("right"_b, object_bytes(value)).put("left"_b, object_bytes(value));
                if (!e.apply(batch)) ++apart;
                continue;
            }
            std::uint64_t seen = 0;
            const auto found = e.read(
                "left"_b, [&](bytes_view row) { seen = load_little<std::uint64_t>(row.data()); });
            if (!found) ++apart;
            batch.equals("left"_b, object_bytes(seen)).equals("right"_b, object_bytes(seen));
            std::size_t failed = 9;
            const auto done =
                e.apply(batch, no_hook{}, [&](const conflict_view& c) { failed = c.index; });
            if (done) ++agreed;
            else if (failed != 0) ++apart; // left still held what it held: so must right
        }
    });
    CHECK(apart == 0);
    CHECK(agreed > 0);
}

TEMPLATE_TEST_CASE("a reader never meets half a row", "[hash_map][threads]",
                   (row_layout<8, 64, row_fields{}>), (row_layout<16, 40, row_fields{}>),
                   (row_layout<8, 512, row_fields{}>),
                   (row_layout<8, dynamic_extent, row_fields{}>)) {
    auto e = opened<map_of<TestType, shared, 1>>();
    constexpr std::uint64_t keys = 200;
    const auto key_of = [](std::uint64_t i) { return number(i, TestType::key_extent); };
    const auto row_of = [](std::uint64_t k, std::uint64_t i) {
        std::size_t size = TestType::row_extent;
        if (size == dynamic_extent) size = 8 + 8 * (i % 7);
        std::string row;
        while (row.size() < size) row += number(k << 32 | i, 8);
        return row;
    };
    std::atomic<int> torn{0};
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> reads{0};
    std::thread writer([&] {
        random_source random{3};
        for (std::uint64_t i = 0; i < rounds * 4 || reads == 0; ++i) { // readers may be late
            const std::uint64_t k = random.below(keys);
            if (random.one_in(5)) {
                if (!e.erase(key_of(k))) ++torn;
            } else if (!e.put(key_of(k), row_of(k, i))) {
                ++torn;
            }
            // Growth and chains in the same table.
            if (!e.put(key_of(keys + i), row_of(keys + i, i))) ++torn;
        }
        stop = true;
    });
    in_threads(2, [&](unsigned self) {
        random_source random{self};
        std::vector<std::string> asked(32);
        std::vector<bytes_view> views(32);
        while (!stop) {
            for (std::size_t i = 0; i < asked.size(); ++i)
                views[i] = asked[i] = key_of(random.below(keys));
            const auto look = [&](std::size_t i, bytes_view row) {
                const auto first = load_little<std::uint64_t>(row.data());
                bool whole =
                    row.size() >= 8 && first >> 32 == load_little<std::uint64_t>(views[i].data());
                for (std::size_t at = 8; at + 8 <= row.size(); at += 8)
                    whole = whole && load_little<std::uint64_t>(row.data() + at) == first;
                if (!whole) ++torn;
                ++reads;
            };
            if (!e.read_many(views.data(), views.size(), look)) ++torn;
            if (!e.read(views[0], [&](bytes_view row) { look(0, row); })) ++torn;
        }
    });
    writer.join();
    CHECK(torn == 0);
    CHECK(reads > 0);
}

TEST_CASE("keys that stay are found at every moment of growth", "[hash_map][threads]") {
    auto e = opened<map_of<word_row, shared, 1>>();
    constexpr std::uint64_t stay = 500;
    for (std::uint64_t i = 0; i < stay; ++i) REQUIRE(e.put(object_bytes(i), object_bytes(i)));
    std::atomic<bool> stop{false};
    std::atomic<int> missed{0};
    std::thread writer([&] {
        for (std::uint64_t i = stay; i < 60'000; ++i)
            if (!e.put(object_bytes(i), object_bytes(i))) ++missed;
        stop = true;
    });
    in_threads(2, [&](unsigned self) {
        random_source random{self};
        while (!stop) {
            const std::uint64_t key = random.below(stay);
            const auto found = e.read(object_bytes(key), [&](bytes_view row) {
                if (load_little<std::uint64_t>(row.data()) != key) ++missed;
            });
            if (!found || !*found) ++missed;
        }
    });
    writer.join();
    CHECK(missed == 0);
}

TEST_CASE("threads that write first at the same time make one store", "[hash_map][threads]") {
    for (int i = 0; i < 50; ++i) {
        map_of<word_row, shared> e;
        std::atomic<int> failures{0};
        in_threads(4, [&](unsigned self) {
            const std::uint64_t key = self;
            if (!e.put(object_bytes(key), object_bytes(key))) ++failures;
        });
        CHECK(failures == 0);
        CHECK(e.size() == 4);
    }
}
