// SPDX-License-Identifier: BSL-1.0
/// @file Defines how one operation of a store and its hand-written twin are counted by callgrind.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

// Client requests are old-style C; they do nothing but under valgrind.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <valgrind/callgrind.h>
#pragma GCC diagnostic pop

/// The linker's name for a program's first byte.
extern "C" const char __executable_start;

namespace bench {

#ifdef ASHLAR_BENCH_PLANT
inline constexpr bool planted = true; ///< one redundant load in one case: must be noticed
#else
inline constexpr bool planted = false;
#endif

/// What the stores of this benchmark hold.
struct point {
    std::int64_t x;
    std::int64_t y;
    friend bool operator==(const point&, const point&) = default;
};

/// The same sequence in every run: splitmix64 (Vigna), whose constants are part of the algorithm.
class numbers {
  public:
    explicit numbers(std::uint64_t seed) noexcept : state_{seed} {}
    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15U);
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBU;
        return z ^ (z >> 31);
    }

  private:
    std::uint64_t state_;
};

/// `count` keys in no order. Values are made of their keys: none is constant.
[[nodiscard]] inline std::vector<std::uint64_t> make_keys(std::size_t count) {
    numbers from{2026};
    std::vector<std::uint64_t> keys(count);
    for (auto& key : keys) key = from.next();
    return keys;
}
[[nodiscard]] inline std::vector<std::string> make_texts(std::size_t count) {
    std::vector<std::string> texts;
    for (const std::uint64_t key : make_keys(count)) texts.push_back("user/" + std::to_string(key));
    return texts;
}
[[nodiscard]] inline point point_of(std::uint64_t key) noexcept {
    return {static_cast<std::int64_t>(key >> 1), static_cast<std::int64_t>(key & 0xFFFFU)};
}
[[nodiscard]] inline std::uint64_t digest(const point& p) noexcept {
    return static_cast<std::uint64_t>(p.x) ^ static_cast<std::uint64_t>(p.y);
}

/// What an iteration folds of a key, so that it has to have it.
[[nodiscard]] inline std::uint64_t word_of(std::uint64_t key) noexcept { return key; }
[[nodiscard]] inline std::uint64_t word_of(const std::string& key) noexcept {
    return key.size() + static_cast<unsigned char>(key.back());
}

/// A failed expectation ends the program: what does not work is not measured.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "overhead: %s\n", what);
    std::exit(2);
}

/// One operation, compiled as a function of its own: what the loop around it keeps in registers is
/// nothing that a store could take credit or blame for.
template <class Op>
[[gnu::noinline, gnu::noclone]] std::uint64_t step(const Op& op, std::size_t i) {
    return op(i);
}
/// Where that function begins, from where the program does: overhead.py finds its code there.
template <class Op>
[[nodiscard]] std::size_t place_of_step(const Op&) noexcept {
    return reinterpret_cast<std::uintptr_t>(&step<Op>) -
           reinterpret_cast<std::uintptr_t>(&__executable_start);
}
/// Calls op(i) for i below n; the sum of its answers is used, so nothing is optimised away.
template <class Op>
[[gnu::noinline]] std::uint64_t drive(std::size_t n, const Op& op) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += step(op, i);
    return sum;
}

/// Prints what a count belongs to and has callgrind write it down under the same name.
template <class Op>
std::uint64_t count(const std::string& name, std::size_t n, const Op& op) {
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    const std::uint64_t sum = drive(n, op);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name.c_str());
    return sum;
}

/// Something to do before an operation is counted: warm up, or bring back what it took away.
template <class Prepare, class Op>
struct side {
    Prepare prepare;
    Op op;
};
template <class Prepare, class Op>
side(Prepare, Op) -> side<Prepare, Op>;

inline constexpr auto nothing = [] {};

/// Counts `ops` operations of the store and of its twin, made by `calls` calls of op(i) each. Both
/// must answer the same sum. Why a store is dearer, if it is, stands in limits.txt.
template <class Ours, class Twin>
void compare(const std::string& name, std::size_t calls, std::size_t ops, Ours ours, Twin twin) {
    ours.prepare();
    const std::uint64_t a = count(name + "|ours", calls, ours.op);
    twin.prepare();
    const std::uint64_t b = count(name + "|twin", calls, twin.op);
    if (a != b) {
        std::fprintf(stderr, "overhead: %s: store and twin differ\n", name.c_str());
        std::exit(2);
    }
    std::printf("%s|%zu|%zu|%zx|%zx\n", name.c_str(), calls, ops, place_of_step(ours.op),
                place_of_step(twin.op));
}
/// After one round that is not counted.
template <class Ours, class Twin>
void compare_each(const std::string& name, std::size_t calls, std::size_t ops, Ours ours,
                  Twin twin) {
    compare(name, calls, ops, side{[=] { drive(calls, ours); }, ours},
            side{[=] { drive(calls, twin); }, twin});
}
/// One operation a call.
template <class Ours, class Twin>
void compare_each(const std::string& name, std::size_t n, Ours ours, Twin twin) {
    compare_each(name, n, n, ours, twin);
}

/// The four verbs of a composition beside its twin's: get, put (over a row, and of a new key),
/// erase, and iteration over all. Each verb is called in one place of the program, whatever it is
/// counted for: what g++ inlines hangs on how often it is called, and a verb that a loop to fill
/// the map calls as well would be compiled to something else. A twin has get(key, point&), put(key,
/// point), erase(key) and each(visit(key, point)); puts answer what is true when they succeeded.
template <class Store, class Twin, class Key>
void compare_verbs(const std::string& name, Store& db, Twin& by_hand,
                   const std::vector<Key>& keys) {
    const std::size_t n = keys.size();
    const Key* k = keys.data();
    const auto put = [k](auto& to) {
        return [&to, k](std::size_t i) {
            return std::uint64_t{static_cast<bool>(to.put(k[i], point_of(i)))};
        };
    };
    const auto get = [k](auto& from) {
        return [&from, k](std::size_t i) {
            point p{};
            const auto there = from.get(k[i], p);
            return there.value_or(false) ? digest(p) : 0;
        };
    };
    const auto erase = [k](auto& from) {
        return [&from, k](std::size_t i) {
            const auto gone = from.erase(k[i]);
            return std::uint64_t{gone.value_or(false)};
        };
    };
    const auto iterate_ours = [&db](std::size_t) {
        std::uint64_t sum = 0;
        const auto done = db.for_each(
            [&sum](const Key& key, const point& p) { sum += word_of(key) ^ digest(p); });
        return done ? sum : 0;
    };
    const auto iterate_twin = [&by_hand](std::size_t) {
        std::uint64_t sum = 0;
        by_hand.each([&sum](const Key& key, const point& p) { sum += word_of(key) ^ digest(p); });
        return sum;
    };
    require(drive(n, put(db)) == n && drive(n, put(by_hand)) == n, "a map could not be filled");
    compare_each(name + " get", n, get(db), get(by_hand));
    compare_each(name + " put, overwriting", n, put(db), put(by_hand));
    compare_each(name + " iterate", 1, n, iterate_ours, iterate_twin);
    compare(name + " erase", n, n, side{nothing, erase(db)}, side{nothing, erase(by_hand)});
    compare(name + " put, new key", n, n, side{nothing, put(db)}, side{nothing, put(by_hand)});
}

/// The same of a store that is made here, and shown as a Face where its verbs are called otherwise.
template <class Store, class Twin, class Face = Store, class Key>
void compare_verbs(const std::string& name, const std::vector<Key>& keys) {
    Twin by_hand;
    if constexpr (std::default_initializable<Face>) {
        Face db;
        compare_verbs(name, db, by_hand, keys);
    } else {
        auto opened = Store::open();
        require(opened.has_value(), "a store could not be opened");
        Face db{std::move(*opened)};
        compare_verbs(name, db, by_hand, keys);
    }
}

/// What the loop itself costs; subtracted from all.
inline void count_loop(const std::vector<std::uint64_t>& keys) {
    const auto* at = keys.data();
    static_cast<void>(count("loop", keys.size(), [at](std::size_t i) { return at[i]; }));
    std::printf("loop|%zu\n", keys.size());
}

} // namespace bench
