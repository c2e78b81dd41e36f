// SPDX-License-Identifier: BSL-1.0

#include "odr.hpp"

#include <cstdio>
#include <cstring>

type_facts facts_debug20();
type_facts facts_release20();
type_facts facts_release23();

namespace {

int differences(const char* half, type_facts expected, type_facts found) {
    int count = expected.count == found.count ? 0 : 1;
    for (std::size_t i = 0; i < expected.count && i < found.count; ++i) {
        const type_fact& a = expected.first[i];
        const type_fact& b = found.first[i];
        if (std::strcmp(a.name, b.name) == 0 && a.size == b.size && a.alignment == b.alignment)
            continue;
        std::printf("debug20: %s (%zu bytes), but %s: %s (%zu bytes)\n", a.name, a.size, half,
                    b.name, b.size);
        ++count;
    }
    return count;
}

} // namespace

int main() {
    const type_facts expected = facts_debug20();
    const int count = differences("release20", expected, facts_release20()) +
                      differences("release23", expected, facts_release23());
    std::printf("%zu types compared, %d differ\n", expected.count, count);
    return expected.count > 0 && count == 0 ? 0 : 1;
}
