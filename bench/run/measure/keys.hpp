// SPDX-License-Identifier: BSL-1.0
/// @file Defines the entries of the workloads and the order in which they are asked for.
#pragma once

#include "team.hpp"

#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

/// Numbers below n, each as likely as the other.
class uniform {
  public:
    uniform(std::uint64_t n, std::uint64_t seed) noexcept : n_{n}, random_{scatter(seed)} {}
    std::uint64_t operator()() noexcept { return random_.below(n_); }

  private:
    std::uint64_t n_;
    uniform_state random_;
};

/// Numbers below n with the scrambled zipfian distribution of YCSB, theta 0.99 (Gray et al.,
/// "Quickly generating billion-record synthetic databases", 1994).
class zipf {
  public:
    zipf(std::uint64_t n, std::uint64_t seed) : n_{n}, state_{scatter(seed)}, zeta_{zeta(n)} {
        const double zeta2 = 1 + std::pow(0.5, theta);
        eta_ = (1 - std::pow(2 / static_cast<double>(n), 1 - theta)) / (1 - zeta2 / zeta_);
    }
    std::uint64_t operator()() noexcept {
        const double u = static_cast<double>(scatter(state_++) >> 11) * 0x1p-53;
        const double uz = u * zeta_;
        std::uint64_t rank = 0;
        if (uz >= 1) {
            rank = uz < 1 + std::pow(0.5, theta)
                       ? 1
                       : static_cast<std::uint64_t>(static_cast<double>(n_) *
                                                    std::pow(eta_ * u - eta_ + 1, 1 / (1 - theta)));
        }
        return scatter(rank < n_ ? rank : n_ - 1) % n_;
    }

  private:
    static constexpr double theta = 0.99;
    /// The sum of i^-theta: the first million terms, and the integral of the others (error 1e-7).
    static double zeta(std::uint64_t n) {
        constexpr std::uint64_t exact = 1'000'000;
        double sum = 0;
        for (std::uint64_t i = 1; i <= (std::min)(n, exact); ++i)
            sum += std::pow(static_cast<double>(i), -theta);
        if (n > exact)
            sum += (std::pow(static_cast<double>(n) + 0.5, 1 - theta) -
                    std::pow(static_cast<double>(exact) + 0.5, 1 - theta)) /
                   (1 - theta);
        return sum;
    }
    std::uint64_t n_;
    std::uint64_t state_;
    double zeta_;
    double eta_ = 0;
};

/// M8 and ORD: 8 bytes of key and of value.
struct integers {
    using key = std::uint64_t;
    using value = std::uint64_t;
    [[nodiscard]] static key make_key(std::uint64_t i) noexcept { return scatter(i); }
    [[nodiscard]] static value make_value(std::uint64_t i) noexcept {
        return scatter(i ^ 0x5555'AAAA'0F0F'3C3CU);
    }
    /// What a read adds to the sum.
    [[nodiscard]] static std::uint64_t fold(value v) noexcept { return v; }
};

[[nodiscard]] inline std::uint64_t fold_text(std::string_view text) noexcept {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (text.size() < 8) return text.size();
    std::memcpy(&first, text.data(), 8);
    std::memcpy(&last, text.data() + text.size() - 8, 8);
    return first + 3 * last + text.size();
}

/// Appends 12 signs, in the order of the numbers that they stand for.
inline void append_signs(std::string& text, std::uint64_t number) {
    static constexpr char signs[] =
        "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    for (int shift = 66; shift >= 0; shift -= 6)
        text += signs[shift >= 64 ? 0 : (number >> shift) & 63U];
}
inline std::string random_text(std::uint64_t seed, std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t at = 0; at < size; at += 8) {
        const std::uint64_t word = scatter(seed + at);
        std::memcpy(text.data() + at, &word, (std::min)(std::size_t{8}, size - at));
    }
    return text;
}

/// MS and ORD: a key of 24 bytes, half of them common to all, and a value of 100.
struct texts {
    using key = std::string;
    using value = std::string;
    [[nodiscard]] static key make_key(std::uint64_t i) {
        std::string text = "account:name";
        append_signs(text, scatter(i));
        return text;
    }
    [[nodiscard]] static value make_value(std::uint64_t i) { return random_text(i * 1000, 100); }
    [[nodiscard]] static std::uint64_t fold(std::string_view v) noexcept { return fold_text(v); }
};

/// Keys to ask for, made before the clock starts, and the sum that their values must give.
template <class Kind>
struct questions {
    std::vector<typename Kind::key> keys;
    std::vector<std::uint64_t> numbers;
    std::uint64_t sum = 0;

    template <class From>
    std::uint64_t make(std::size_t n, From& from) {
        keys.clear();
        numbers.clear();
        sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            numbers.push_back(from());
            keys.push_back(Kind::make_key(numbers.back()));
            sum += Kind::fold(Kind::make_value(numbers.back()));
        }
        return sum;
    }
};

} // namespace bench
