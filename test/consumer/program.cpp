// SPDX-License-Identifier: BSL-1.0

// The least program that uses ashlar; each consumer project builds it in its own way.
#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <cstdint>
#include <cstdio>

int main() {
    ashlar::store<std::uint32_t, std::uint64_t> squares;
    for (std::uint32_t n = 0; n < 100; ++n)
        if (!squares.put(n, std::uint64_t{n} * n)) return 1;
    const auto square = squares.get(9);
    if (!square || *square != 81) return 1;
    std::puts("stored and read");
    return 0;
}
