// SPDX-License-Identifier: BSL-1.0
/// @file Defines the seeded numbers by which a simulated world decides.
#pragma once

#include <cstdint>

namespace ashlar::inline v0_1::simulated_parts {

/// splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): the
/// same numbers on every machine and compiler for the same seed. Never for secrets.
class random {
  public:
    constexpr explicit random(std::uint64_t seed) noexcept : state_{seed} {}

    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        state_ += 0x9E37'79B9'7F4A'7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58'476D'1CE4'E5B9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EBU;
        return mixed ^ (mixed >> 31);
    }
    /// 0 to n - 1. REQUIRES: n != 0.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }
    /// True once in n times on average; never for 0.
    [[nodiscard]] constexpr bool one_in(std::uint64_t n) noexcept {
        return n != 0 && below(n) == 0;
    }

  private:
    std::uint64_t state_;
};

} // namespace ashlar::inline v0_1::simulated_parts
