// SPDX-License-Identifier: BSL-1.0
/// @file Defines random_source: the repeatable numbers that law suites draw their samples from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ashlar::inline v0_1::testing {

/// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016):
/// the same numbers on every machine for the same seed. For tests; never for secrets.
class random_source {
  public:
    /// Neighbouring seeds give unlike sequences: the seed is mixed first (splitmix64).
    constexpr explicit random_source(std::uint64_t seed) noexcept {
        seed += 0x9E3779B97F4A7C15u;
        seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9u;
        seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EBu;
        state_ = (seed ^ (seed >> 31)) | 1; // xorshift has no way out of zero
    }
    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1Du;
    }
    /// 0 to n - 1; the bias is below n / 2^64. REQUIRES: n != 0.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }
    [[nodiscard]] constexpr std::byte byte() noexcept {
        return static_cast<std::byte>(next() >> 56);
    }
    /// True once in n times on average.
    [[nodiscard]] constexpr bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

  private:
    std::uint64_t state_ = 1;
};

} // namespace ashlar::inline v0_1::testing
