// SPDX-License-Identifier: BSL-1.0
/// @file Defines what is done to hash maps, the same to all: reads one by one and by batches, a mix
/// with writes, growth from nothing.
#pragma once

#include "../limits/memory.hpp"
#include "measure/keys.hpp"
#include "measure/rounds.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>

namespace bench {

/// Puts entries 0 to n-1 one after the other; tells what that took, and what groups of them waited.
template <class Put>
void grow_one(const std::string& workload, const char* name, const std::string& what, std::size_t n,
              std::size_t round, Put put) {
    constexpr std::size_t group = 16; // asking for the time costs as much as an insertion
    std::vector<float> waits;
    waits.reserve(n / group + 1);
    pin(0);
    const auto start = clock::now();
    auto last = start;
    for (std::size_t e = 0; e < n; ++e) {
        put(e);
        if (e % group != group - 1) continue;
        const auto now = clock::now();
        waits.push_back(std::chrono::duration<float, std::milli>(now - last).count());
        last = now;
    }
    const bool limit = std::string_view{name}.starts_with("limit");
    print_row(limit ? "limit" : "time", {workload, what, 1, n}, name, round, seconds_since(start),
              "s");
    print_value({workload, "longest wait for 16 of " + what}, name,
                static_cast<double>(*std::max_element(waits.begin(), waits.end())), "ms", round);
    const auto at = waits.end() - static_cast<std::ptrdiff_t>(waits.size() / 10'000) - 1;
    std::nth_element(waits.begin(), at, waits.end());
    print_value({workload, "p99.99 wait for 16 of " + what}, name, static_cast<double>(*at), "ms",
                round);
}
/// The same with a map of its own.
template <class Kind, class Map>
void grow_map(const std::string& workload, const char* name, const std::string& what, std::size_t n,
              std::size_t round) {
    Map fresh;
    grow_one(workload, name, what, n, round,
             [&](std::size_t e) { fresh.put(Kind::make_key(e), Kind::make_value(e)); });
    if (fresh.size() != n)
        throw wrong_answer{workload + ": " + name + " lost entries while it grew"};
}

template <class Kind, class... Maps>
class hash_workload {
    static constexpr std::size_t batch = 32;
    static constexpr std::size_t count = sizeof...(Maps);
    using key = typename Kind::key;

  public:
    using names = std::array<const char*, count>;

    /// Fills each map with entries 0 to n-1 and tells what an entry takes.
    hash_workload(const setting& how, std::string workload, std::size_t n, const names& called)
        : how_{how}, workload_{std::move(workload)}, n_{n}, names_{called},
          memory_{(std::max)(n * 16, std::size_t{1} << 16), true}, present_(2 * n, false) {
        lay_cycle(memory_);
        std::fill_n(present_.begin(), n, true);
        print_value({workload_, "entries"}, "all", static_cast<double>(n), "entries");
        for_each_map([&](std::size_t i, auto& map) {
            using type = typename std::remove_cvref_t<decltype(map)>::element_type;
            const std::size_t before = resident_bytes();
            if constexpr (std::is_default_constructible_v<type>) map = std::make_unique<type>();
            else map = std::make_unique<type>(n_);
            for (std::size_t e = 0; e < n_; ++e) map->put(Kind::make_key(e), Kind::make_value(e));
            check(map->size() == n_, i);
            print_value({workload_, "memory"}, names_[i],
                        static_cast<double>(resident_bytes() - before) / static_cast<double>(n_),
                        "bytes/entry");
        });
    }

    void reads() {
        const std::size_t operations = operations_of_turn();
        uniform any{n_, how_.seed};
        zipf some{n_, how_.seed};
        for (const unsigned threads : {1U, 2U}) {
            read_part("get uniform", threads, operations, any, one_by_one);
            read_part("get by 32 uniform", threads, operations, any, by_batches);
        }
        read_part("get uniform chained", 1, operations, any, chained);
        read_part("get zipf", 1, operations, some, one_by_one);
        read_part("get by 32 zipf", 2, operations, some, by_batches);
    }

    /// Half reads, a quarter insertions, a quarter erasures, zipfian over twice as many keys as
    /// there are entries. Threads write keys of their own, so that what is left does not depend on
    /// who was faster; they read any.
    void mixed() {
        const std::size_t operations = operations_of_turn();
        zipf some{2 * n_, how_.seed + 1};
        for (const unsigned threads : {1U, 2U}) {
            const part of{workload_, "50r/25i/25d zipf", threads, operations};
            std::vector<subject> subjects;
            for_each_map([&](std::size_t i, auto& map) {
                add(subjects, i, *map, threads, [this, threads](auto& m, std::size_t) {
                    timing t = timed(threads, [&](unsigned thread) {
                        return mix(m, thread, asked_.keys.size() / threads);
                    });
                    t.answer = m.size();
                    return t;
                });
            });
            add_limit(subjects, false, threads, operations);
            measure(how_, of, subjects, [&](std::size_t) {
                asked_.make(operations, some);
                return follow(threads);
            });
            verify(threads);
        }
    }

    /// From nothing to n entries: entries a second, and how long a caller waited. Maps made for a
    /// number of entries take no part.
    void growth(std::size_t n) {
        const std::size_t rounds = how_.quick ? 1 : 3;
        for (std::size_t round = 1; round <= rounds; ++round) {
            grow_one(workload_, "limit: stores into memory that is there", "growth from nothing", n,
                     round, [&](std::size_t e) {
                         memory_.words()[e % (memory_.size() / 8)] =
                             Kind::fold(Kind::make_value(e));
                     });
            for_each_map([&](std::size_t i, auto& map) {
                using type = typename std::remove_cvref_t<decltype(map)>::element_type;
                if constexpr (std::is_default_constructible_v<type>)
                    grow_map<Kind, type>(workload_, names_[i], "growth from nothing", n, round);
            });
        }
        lay_cycle(memory_);
    }

  private:
    /// A multiple of what two threads and a batch make. Texts take four times as long as integers,
    /// so turns of either, some 25 ms, are as long.
    [[nodiscard]] std::size_t operations_of_turn() const noexcept {
        constexpr std::size_t usual = std::size_t{1} << (std::is_same_v<Kind, integers> ? 18 : 16);
        return how_.quick ? (std::min)(usual / 4, 4 * n_ / 64 * 64) : usual;
    }

    // --- one turn of a thread --------------------------------------------------------------------

    static constexpr auto one_by_one = [](const auto& map, const key* keys, std::size_t n) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n; ++i)
            map.read(keys[i], [&](const auto& v) { sum += Kind::fold(v); });
        return sum;
    };
    static constexpr auto by_batches = [](const auto& map, const key* keys, std::size_t n) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n; i += batch)
            map.read_many(keys + i, batch, [&](const auto& v) { sum += Kind::fold(v); });
        return sum;
    };
    /// Which key comes next is known only once the value before it is there, as in a walk over
    /// links: what a single miss costs.
    static constexpr auto chained = [](const auto& map, const key* keys, std::size_t n) {
        std::uint64_t none = 0;
        use(&none); // the compiler must believe that it could change
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n; ++i)
            map.read(keys[i + (sum & none)], [&](const auto& v) { sum += Kind::fold(v); });
        return sum;
    };

    template <class Map>
    std::uint64_t mix(Map& map, unsigned thread, std::size_t each) {
        std::uint64_t found = 0;
        for (std::size_t i = thread * each; i < (thread + 1) * each; ++i) {
            const key& k = asked_.keys[i];
            switch (i % 4) {
            case 0: map.put(k, Kind::make_value(asked_.numbers[i])); break;
            case 2: map.erase(k); break;
            default: map.read(k, [&](const auto& v) { found += Kind::fold(v); });
            }
        }
        use(found);
        return 0;
    }
    /// Gives threads keys of their own to write, and tells what size they must leave.
    std::uint64_t follow(unsigned threads) {
        const std::size_t each = asked_.keys.size() / threads;
        for (std::size_t i = 0; i < asked_.keys.size(); i += 2) {
            std::uint64_t& number = asked_.numbers[i];
            number = number - number % threads + i / each;
            asked_.keys[i] = Kind::make_key(number);
            present_[number] = i % 4 == 0;
        }
        return static_cast<std::uint64_t>(std::count(present_.begin(), present_.end(), true));
    }

    // --- parts -----------------------------------------------------------------------------------

    template <class From, class Read>
    void read_part(const char* what, unsigned threads, std::size_t operations, From& from,
                   Read read) {
        std::vector<subject> subjects;
        for_each_map([&](std::size_t i, auto& map) {
            const auto run = [this, threads, read](const auto& m, std::size_t) {
                const std::size_t each = asked_.keys.size() / threads;
                return timed(threads, [&](unsigned thread) {
                    return read(m, asked_.keys.data() + thread * each, each);
                });
            };
            add(subjects, i, *map, threads, run);
            if (i == 0) add(subjects, i, *map, threads, run, " again");
        });
        add_limit(subjects, std::is_same_v<Read, std::remove_const_t<decltype(chained)>>, threads,
                  operations);
        measure(how_, {workload_, what, threads, operations}, subjects,
                [&](std::size_t) { return asked_.make(operations, from); });
    }

    template <class Map, class Run>
    void add(std::vector<subject>& subjects, std::size_t i, Map& map, unsigned threads, Run run,
             const char* more = "") {
        if (threads > 1 && !Map::concurrent) return;
        subjects.push_back({std::string{names_[i]} + more,
                            [&map, run](std::size_t turn) { return run(map, turn); }});
    }
    /// As many cache lines as there are operations, over as much memory as the payload takes.
    void add_limit(std::vector<subject>& subjects, bool dependent, unsigned threads,
                   std::size_t operations) {
        subjects.push_back({dependent ? "limit: dependent loads" : "limit: independent loads",
                            [this, dependent, threads, operations](std::size_t) {
                                const std::size_t each = operations / threads;
                                const double n = static_cast<double>(each);
                                const double seconds =
                                    dependent
                                        ? dependent_load(memory_, each) * n / 1e9
                                        : n * threads / independent_loads(memory_, each, threads);
                                return timing{seconds, 0};
                            },
                            true});
    }

    /// After the mix: every map holds what it should and nothing else (one key of eight is asked).
    void verify(unsigned threads) {
        for_each_map([&](std::size_t i, auto& map) {
            if (threads > 1 && !map->concurrent) return;
            for (std::size_t e = how_.seed % 8; e < present_.size(); e += 8) {
                bool right = false;
                const bool there = map->read(Kind::make_key(e), [&](const auto& v) {
                    right = Kind::fold(v) == Kind::fold(Kind::make_value(e));
                });
                check(there == present_[e] && there == right, i);
            }
        });
    }
    void check(bool holds, std::size_t i) const {
        if (!holds)
            throw wrong_answer{workload_ + ": " + names_[i] + " does not hold what was put"};
    }
    template <class F>
    void for_each_map(F f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f(I, std::get<I>(maps_)), ...);
        }(std::make_index_sequence<count>{});
    }

    setting how_;
    std::string workload_;
    std::size_t n_;
    names names_;
    arena memory_;
    std::vector<bool> present_;
    std::tuple<std::unique_ptr<Maps>...> maps_;
    questions<Kind> asked_;
};

} // namespace bench
