// SPDX-License-Identifier: BSL-1.0
// The server's program.
#include "options.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    cache::options chosen;
    std::string error;
    // Nothing has started a thread yet.
    const auto environment = [](const char* name) -> const char* {
        return std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    };
    if (!cache::read_options(argc, argv, environment, chosen, error)) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 2;
    }
    if (chosen.asks_for_help) return std::fputs(cache::usage().c_str(), stdout), 0;
    chosen.of_server.bind = chosen.where.address;
    chosen.of_server.threads = chosen.where.threads;
    cache::server host{std::move(chosen.of_server)};
    if (!host.open(error)) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 1;
    }
    const int code = cache::serve(host, chosen.where);
    if (host.close(error)) return code;
    std::fprintf(stderr, "result_cache: %s\n", error.c_str());
    return 1;
}
