// SPDX-License-Identifier: BSL-1.0

// The least program that uses ashlar; each consumer project builds it in its own way.
#include <ashlar/result.hpp>

#include <cstdio>

int main() {
    const ashlar::result<int> answer = 42;
    if (!answer || *answer != 42) return 1;
    std::puts("stored and read");
    return 0;
}
