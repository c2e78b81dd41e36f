// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

namespace ashlar_test {

/// Two rows and what may be done to them; 0 for an absent one.
enum class verb : std::uint8_t { put, erase, insert, replace, both, read, read_both };
struct call {
    verb what = verb::read;
    int key = 0;      ///< 0 or 1
    int value = 0;    ///< that is put
    int expected = 0; ///< replace: only over this
    // What was seen:
    int answer = 0;  ///< a value, or whether something was done
    int answer2 = 0; ///< read_both: of the second row
    std::uint64_t begin = 0, end = 0;
};

/// Whether the calls can be put in an order in which each answers what it did, and no call comes
/// before one that had ended when it began. (J. Wing, C. Gong, "Testing and verifying concurrent
/// objects", 1993; with the states remembered that led nowhere.)
class history {
  public:
    std::vector<call> calls;

    [[nodiscard]] bool is_linearizable() {
        dead_.clear();
        return goes_on(0, 0, 0);
    }

    /// The same for each row by itself, for engines whose batches may be seen half done by single
    /// reads. There must be no read_both.
    [[nodiscard]] bool is_linearizable_by_row() const {
        for (const int key : {0, 1}) {
            history one;
            for (call c : calls) {
                if (c.what != verb::both && c.key != key) continue;
                if (c.what == verb::both) c.what = verb::put, c.key = key;
                one.calls.push_back(c);
            }
            if (!one.is_linearizable()) return false;
        }
        return true;
    }

  private:
    [[nodiscard]] bool goes_on(std::uint32_t done, int a, int b) {
        if (done == (std::uint32_t{1} << calls.size()) - 1) return true;
        if (dead_.contains({done, a, b})) return false;
        std::uint64_t first_end = ~std::uint64_t{};
        for (std::size_t i = 0; i < calls.size(); ++i)
            if ((done >> i & 1U) == 0 && calls[i].end < first_end) first_end = calls[i].end;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            if ((done >> i & 1U) != 0 || calls[i].begin > first_end) continue;
            int rows[2] = {a, b};
            if (agrees(calls[i], rows) && goes_on(done | std::uint32_t{1} << i, rows[0], rows[1]))
                return true;
        }
        dead_.insert({done, a, b});
        return false;
    }
    [[nodiscard]] static bool agrees(const call& c, int (&rows)[2]) {
        int& row = rows[c.key];
        const int old = row;
        switch (c.what) {
        case verb::put: return row = c.value, true;
        case verb::erase: return row = 0, c.answer == (old != 0);
        case verb::insert:
            if (old == 0) row = c.value;
            return c.answer == (old == 0);
        case verb::replace:
            if (old == c.expected) row = c.value;
            return c.answer == (old == c.expected);
        case verb::both: return rows[0] = rows[1] = c.value, true;
        case verb::read: return c.answer == old;
        case verb::read_both: return c.answer == rows[0] && c.answer2 == rows[1];
        }
        return false;
    }

    std::set<std::tuple<std::uint32_t, int, int>> dead_;
};

} // namespace ashlar_test
