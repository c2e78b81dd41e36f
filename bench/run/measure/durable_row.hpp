// SPDX-License-Identifier: BSL-1.0
/// @file Defines the rows of the workloads that end on disk.
#pragma once

#include "keys.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// What is written: a key of 24 and a value of 150 bytes.
struct durable_row {
    std::string key = std::string(24, 'k');
    std::string value = std::string(150, 'v');
    static constexpr std::size_t size = 174;

    explicit durable_row(std::uint64_t i) { number(i); }
    /// The same memory becomes another row.
    void number(std::uint64_t i) {
        for (std::size_t at = 24; at != 12; i /= 10) key[--at] = static_cast<char>('0' + i % 10);
    }
};
inline void must(bool done, const char* what) {
    if (!done) throw std::runtime_error{what};
}

/// Which rows are asked for: a million numbers below n, zipfian, over and over.
class questions_of_rows {
  public:
    questions_of_rows(std::uint64_t n, std::uint64_t seed) {
        zipf next{n, seed};
        for (auto& number : numbers_) number = next();
    }
    [[nodiscard]] std::uint64_t operator[](std::size_t i) const noexcept {
        return numbers_[i % numbers_.size()];
    }
    [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

  private:
    std::vector<std::uint64_t> numbers_ = std::vector<std::uint64_t>(std::size_t{1} << 20);
};

} // namespace bench
