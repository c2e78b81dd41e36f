// SPDX-License-Identifier: BSL-1.0
// The server's program.
#include "network/probes.hpp"
#include "options.hpp"
#include "server/log.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    cache::options chosen;
    std::string error;
    // A reader of the output that goes, a limit of the files' size: errors, not ends.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // Nothing has started a thread yet.
    const auto environment = [](const char* name) -> const char* {
        return std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    };
    if (!cache::read_options(argc, argv, environment, chosen, error)) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 2;
    }
    if (chosen.asks_for_help) return std::fputs(cache::usage().c_str(), stdout), 0;
    if (chosen.asks_for_version) return std::fputs(cache::version_line().c_str(), stdout), 0;
    chosen.of_server.bind = chosen.where.address;
    chosen.of_server.threads = chosen.where.threads;
    cache::server host{std::move(chosen.of_server)};
    cache::probes watched{host};
    if (chosen.metrics_port) {
        const auto port = watched.open(chosen.where.address, *chosen.metrics_port, error);
        if (port == 0) return std::fprintf(stderr, "result_cache: %s\n", error.c_str()), 1;
        std::printf("metrics on %s:%u\n", chosen.where.address.c_str(), unsigned{port});
        std::fflush(stdout);
    }
    const auto begin = std::chrono::steady_clock::now();
    if (!host.open(error)) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 1;
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    watched.recovered(taken.count());
    using cache::log::level;
    chosen.where.on_serving = [&] {
        watched.serving();
        cache::log::say(level::info, "serving", {{"address", chosen.where.address}});
    };
    chosen.where.on_draining = [&] {
        watched.draining();
        cache::log::say(level::info, "draining");
    };
    const int code = cache::serve(host, chosen.where);
    watched.closing();
    cache::log::say(level::info, "stopped");
    if (host.close(error)) return code;
    std::fprintf(stderr, "result_cache: %s\n", error.c_str());
    return 1;
}
