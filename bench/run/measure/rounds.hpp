// SPDX-License-Identifier: BSL-1.0
/// @file Defines how subjects are measured side by side, which is all that makes numbers honest:
/// interleaved rounds, a null test, and answers that are checked before anything is printed.
#pragma once

#include "setting.hpp"
#include "team.hpp"

#include <functional>
#include <numeric>
#include <random>

namespace bench {

/// What a turn took, and what it answered: the sum of all values read, or the size that was left.
struct timing {
    double seconds = 0;
    std::uint64_t answer = 0;
};

/// Runs f(thread) -> sum on so many threads and takes the time.
template <class F>
[[nodiscard]] timing timed(unsigned threads, F f) {
    timing t;
    t.seconds = together(threads, t.answer, f);
    return t;
}

/// One thing to be measured. `run(turn)` does the turn's operations. A subject that is a limit has
/// nothing to answer. One whose name ends in " again" is another's null test: the same program,
/// whose ratio to itself says what a ratio is worth.
struct subject {
    std::string name;
    std::function<timing(std::size_t turn)> run;
    bool limit = false;
};

/// A subject answered what it should not have: it has no speed, nor have those beside it.
struct wrong_answer : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs all subjects in every round, in an order drawn anew: forward, and backward again (A-B-B-A),
/// so that what drifts touches all alike. Two turns make a round; the first round warms up and is
/// thrown away. `prepare(turn)`, off the clock, makes the operations and answers what the sum must
/// be. Rows are printed when all rounds are done and every answer was right.
/// Throws wrong_answer, having printed nothing.
template <class Prepare>
void measure(const setting& how, const part& of, const std::vector<subject>& subjects,
             Prepare prepare) {
    std::mt19937_64 random{how.seed};
    std::vector<std::size_t> order(subjects.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<std::vector<double>> seconds(subjects.size(),
                                             std::vector<double>(how.rounds + 1, 0.0));
    for (std::size_t turn = 0; turn < 2 * (how.rounds + 1); ++turn) {
        if (turn % 2 == 0) std::shuffle(order.begin(), order.end(), random);
        else std::reverse(order.begin(), order.end());
        const std::uint64_t expected = prepare(turn);
        for (const std::size_t i : order) {
            const timing t = subjects[i].run(turn);
            if (!subjects[i].limit && t.answer != expected)
                throw wrong_answer{of.workload + ' ' + of.what + ": " + subjects[i].name +
                                   " answers " + std::to_string(t.answer) + " instead of " +
                                   std::to_string(expected)};
            seconds[i][turn / 2] += t.seconds;
        }
    }
    part both = of;
    both.operations *= 2;
    for (std::size_t i = 0; i < subjects.size(); ++i)
        for (std::size_t round = 1; round <= how.rounds; ++round)
            print_row(subjects[i].limit ? "limit" : "time", both, subjects[i].name, round,
                      seconds[i][round], "s");
}

/// What main does around a workload: any failure is one sentence and exit code 2.
template <class F>
[[nodiscard]] int program(int argc, char** argv, F workload) {
    try {
        workload(setting{argc, argv});
        return 0;
    } catch (const std::exception& why) {
        std::fprintf(stderr, "%s\n", why.what());
        return 2;
    }
}

} // namespace bench
