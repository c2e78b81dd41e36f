// SPDX-License-Identifier: BSL-1.0
/// @file Defines what is done to ordered maps, the same to all: reads, scans of a hundred, both
/// with writes beside them.
#pragma once

#include "../limits/memory.hpp"
#include "measure/keys.hpp"
#include "measure/rounds.hpp"

#include <array>
#include <memory>
#include <tuple>
#include <utility>

namespace bench {

/// Satisfied by maps whose values may be overwritten by several threads at once.
template <class Map>
concept shared_writes = Map::concurrent && !requires { requires !Map::overwrites; };

template <class Kind, class... Maps>
class ordered_workload {
    static constexpr std::size_t batch = 16;
    static constexpr std::size_t scanned = 100;
    static constexpr std::size_t count = sizeof...(Maps);
    using key = typename Kind::key;
    using value = typename Kind::value;

  public:
    using names = std::array<const char*, count>;

    /// `made` are the maps, open and empty. Fills each with entries 0 to n-1 in random order and
    /// tells how long that took and, unless told not to, what an entry takes.
    ordered_workload(const setting& how, std::string workload, std::size_t n, const names& called,
                     std::size_t operations, std::tuple<std::unique_ptr<Maps>...> made,
                     bool tell_memory = true)
        : how_{how}, workload_{std::move(workload)}, n_{n}, names_{called},
          operations_{operations / (2 * batch) * 2 * batch}, maps_{std::move(made)} {
        for (std::size_t e = 0; e < n; ++e) sorted_.push_back({Kind::make_key(e), e});
        std::sort(sorted_.begin(), sorted_.end());
        sums_.assign(n + 1, 0);
        for (std::size_t at = 0; at < n; ++at) {
            values_.push_back(Kind::make_value(sorted_[at].second));
            sums_[at + 1] = sums_[at] + Kind::fold(values_[at]);
        }
        print_value({workload_, "entries"}, "all", static_cast<double>(n), "entries");
        for_each_map([&](std::size_t i, auto& map) {
            const std::size_t before = resident_bytes();
            const auto start = clock::now();
            for (std::size_t e = 0; e < n_; ++e) map->put(Kind::make_key(e), Kind::make_value(e));
            print_row("time", {workload_, "fill in random order", 1, n_}, names_[i], 1,
                      seconds_since(start), "s");
            if (map->size() != n_)
                throw wrong_answer{workload_ + ": " + names_[i] + " lost entries"};
            if (tell_memory)
                print_value({workload_, "memory"}, names_[i],
                            static_cast<double>(resident_bytes() - before) /
                                static_cast<double>(n_),
                            "bytes/entry");
        });
    }

    void gets(unsigned threads) {
        run_part("get uniform", threads, operations_, [this](auto& map, unsigned t, unsigned of) {
            return over(t, of, [&](std::size_t at) {
                std::uint64_t found = 0;
                map.read(asked_[at], [&](const auto& v) { found = Kind::fold(v); });
                return found;
            });
        });
    }
    void batches() {
        run_part("get by 16 uniform", 1, operations_, [this](auto& map, unsigned, unsigned) {
            std::uint64_t sum = 0;
            for (std::size_t at = 0; at < asked_.size(); at += batch)
                map.read_many(&asked_[at], batch, [&](const auto& v) { sum += Kind::fold(v); });
            return sum;
        });
    }
    void scans() {
        run_part(
            "scan 100", 1, operations_ / 16,
            [this](auto& map, unsigned t, unsigned of) {
                return over(t, of, [&](std::size_t at) { return scan(map, at); });
            },
            &ordered_workload::scan_sum);
    }
    /// Puts overwrite with the value that is there: what is read stays known, who writes does not
    /// know that.
    template <unsigned Threads>
    void gets_and_puts() {
        run_part<Threads>(
            "50r/50u uniform", operations_,
            [this](auto& map, unsigned t, unsigned of) {
                return over(t, of, [&](std::size_t at) -> std::uint64_t {
                    std::uint64_t found = 0;
                    if (at % 2 == 0)
                        map.read(asked_[at], [&](const auto& v) { found = Kind::fold(v); });
                    else map.put(asked_[at], values_[places_[at]]);
                    return found;
                });
            },
            &ordered_workload::every_other);
    }
    template <unsigned Threads>
    void scans_and_puts() {
        run_part<Threads>(
            "scan 100 and put", operations_ / 16,
            [this](auto& map, unsigned t, unsigned of) {
                return over(t, of, [&](std::size_t at) -> std::uint64_t {
                    if (at % 2 == 0) return scan(map, at);
                    map.put(asked_[at], values_[places_[at]]);
                    return 0;
                });
            },
            &ordered_workload::every_other_scan);
    }

  private:
    // --- what a turn must answer -----------------------------------------------------------------

    using sum_at = std::uint64_t (ordered_workload::*)(std::size_t) const;
    [[nodiscard]] std::uint64_t get_sum(std::size_t at) const {
        return Kind::fold(values_[places_[at]]);
    }
    [[nodiscard]] std::uint64_t scan_sum(std::size_t at) const {
        return sums_[(std::min)(places_[at] + scanned, n_ - 1)] - sums_[places_[at]];
    }
    [[nodiscard]] std::uint64_t every_other(std::size_t at) const {
        return at % 2 == 0 ? get_sum(at) : 0;
    }
    [[nodiscard]] std::uint64_t every_other_scan(std::size_t at) const {
        return at % 2 == 0 ? scan_sum(at) : 0;
    }

    // --- one turn of a thread --------------------------------------------------------------------

    template <class F>
    std::uint64_t over(unsigned thread, unsigned threads, F f) const {
        const std::size_t each = asked_.size() / threads;
        std::uint64_t sum = 0;
        for (std::size_t at = thread * each; at < (thread + 1) * each; ++at) sum += f(at);
        return sum;
    }
    /// Up to the greatest key, which is left out: stores scan half-open ranges.
    template <class Map>
    std::uint64_t scan(const Map& map, std::size_t at) const {
        std::uint64_t sum = 0;
        const std::size_t rows = (std::min)(scanned, n_ - 1 - places_[at]);
        map.scan(asked_[at], sorted_.back().first, rows,
                 [&](const auto& v) { sum += Kind::fold(v); });
        return sum;
    }

    // --- parts -----------------------------------------------------------------------------------

    template <class Run>
    void run_part(const char* what, unsigned threads, std::size_t operations, Run run) {
        run_part(what, threads, operations, run, &ordered_workload::get_sum);
    }
    template <class Run>
    void run_part(const char* what, unsigned threads, std::size_t operations, Run run, sum_at sum) {
        std::vector<subject> subjects;
        for_each_map([&](std::size_t i, auto& map) {
            if (threads == 1 || map->concurrent) add(subjects, i, *map, threads, run);
        });
        finish({workload_, what, threads, operations}, subjects, sum);
    }
    template <unsigned Threads, class Run>
    void run_part(const char* what, std::size_t operations, Run run, sum_at sum) {
        std::vector<subject> subjects;
        for_each_map([&]<class Map>(std::size_t i, std::unique_ptr<Map>& map) {
            if constexpr (Threads == 1 || shared_writes<Map>) add(subjects, i, *map, Threads, run);
        });
        finish({workload_, what, Threads, operations}, subjects, sum);
    }
    template <class Map, class Run>
    void add(std::vector<subject>& subjects, std::size_t i, Map& map, unsigned threads, Run run) {
        const auto turn = [&map, threads, run](std::size_t) {
            return timed(threads, [&](unsigned thread) { return run(map, thread, threads); });
        };
        subjects.push_back({names_[i], turn});
        if (i == 0) subjects.push_back({std::string{names_[i]} + " again", turn});
    }
    void finish(const part& of, std::vector<subject>& subjects, sum_at sum) {
        if (of.what.starts_with("scan 100") && of.threads == 1) add_limit(subjects);
        uniform any{n_ - 1, how_.seed};
        measure(how_, of, subjects, [&](std::size_t) {
            asked_.clear();
            places_.clear();
            std::uint64_t expected = 0;
            for (std::size_t at = 0; at < of.operations; ++at) {
                places_.push_back(any());
                asked_.push_back(sorted_[places_[at]].first);
                expected += (this->*sum)(at);
            }
            return expected;
        });
    }
    /// A scan can't be faster than one of values that lie side by side, their places known.
    void add_limit(std::vector<subject>& subjects) {
        subjects.push_back({"limit: array",
                            [this](std::size_t) {
                                return timed(1, [this](unsigned) {
                                    return over(0, 1, [&](std::size_t at) {
                                        std::uint64_t sum = 0;
                                        for (std::size_t i = 0; i < scanned; ++i)
                                            sum += Kind::fold(values_[(places_[at] + i) % n_]);
                                        return sum;
                                    });
                                });
                            },
                            true});
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
    std::size_t operations_;
    std::tuple<std::unique_ptr<Maps>...> maps_;
    std::vector<std::pair<key, std::uint64_t>> sorted_; ///< keys in order, and which entry each is
    std::vector<value> values_;                         ///< in the order of keys
    std::vector<std::uint64_t> sums_;                   ///< of the values before each
    std::vector<key> asked_;
    std::vector<std::size_t> places_; ///< of the keys asked for, in order
};

} // namespace bench
