// SPDX-License-Identifier: BSL-1.0
// ashlar-inspect: looks into files that ashlar wrote, knows no schema, changes nothing.
//
//   ashlar-inspect [--json] PATH  a manifest, log segment, snapshot or cursor file, or a store
//                                 directory: headers and records, one a line
//   ashlar-inspect flash IMAGE    sectors, records, wear and damage of a flash_log image
//
// Exits with 0 when everything is whole, 1 when something is damaged, 2 when there is nothing that
// it knows.
#include "inspect.hpp"

#include <cstdio>
#include <cstring>

namespace {
constexpr char usage[] = "usage: ashlar-inspect [--json] PATH\n"
                         "       ashlar-inspect flash IMAGE";

int run(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "--help") == 0) return std::puts(usage), 0;
    if (count == 3 && std::strcmp(arguments[1], "flash") == 0) return inspect::flash(arguments[2]);
    const bool as_json = count == 3 && std::strcmp(arguments[1], "--json") == 0;
    const char* const path = arguments[count - 1];
    if ((count == 2 || as_json) && path[0] != '-') return inspect::files(path, as_json);
    std::fprintf(stderr, "%s\n", usage);
    return inspect::unknown;
}
} // namespace

int main(int count, char** arguments) {
    const int found = run(count, arguments);
    if (std::fflush(stdout) == 0 || found != inspect::whole) return found;
    std::fprintf(stderr, "ashlar-inspect: standard output can't be written\n");
    return inspect::unknown;
}
