// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

/// What one half of the program believes of one public type.
struct type_fact {
    const char* name;
    std::size_t size;
    std::size_t alignment;
};

struct type_facts {
    const type_fact* first;
    std::size_t count;
};
