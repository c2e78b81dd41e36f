// SPDX-License-Identifier: BSL-1.0
// Puts the server on its ports. This and the headers of connections are all that includes Asio.
#include "network/network.hpp"

#include "network/housekeeping.hpp"
#include "network/listener.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdio>
#include <thread>

namespace cache {

int serve(server& host, const listening& where) {
    std::vector<std::unique_ptr<lane>> lanes;
    disk_gate gate{host.space.rows(), host.options.storage};
    lanes.reserve(where.threads);
    for (unsigned i = 0; i < where.threads; ++i) lanes.push_back(std::make_unique<lane>(gate));
    listener door{host, lanes};
    listener encrypted{host, lanes};
    std::string error;
    if (!door.open(where.address, where.port, error) ||
        (where.tls_port && !encrypted.open_encrypted(where, error))) {
        std::fprintf(stderr, "result_cache: %s\n", error.c_str());
        return 1;
    }
    host.options.port = door.port();
    door.accept();
    if (where.tls_port) {
        encrypted.accept();
        std::printf("TLS on %s:%u\n", where.address.c_str(), unsigned{encrypted.port()});
    }
    janitor sweeper{host, *lanes.front()};
    sweeper.begin();
    std::vector<std::unique_ptr<idle_watch>> watches;
    for (const auto& one : lanes) {
        watches.push_back(std::make_unique<idle_watch>(host, *one));
        watches.back()->begin();
    }

    asio::signal_set signals{lanes.front()->context, SIGTERM, SIGINT};
    farewell end{host, lanes};
    signals.async_wait([&](const error_code& bad, int) {
        if (bad) return;
        if (where.on_draining) where.on_draining();
        door.stop();
        encrypted.stop();
        end.begin();
    });

    if (where.on_serving) where.on_serving(); // first, so that who reads "ready" finds the probe so
    std::printf("ready on %s:%u\n", where.address.c_str(), static_cast<unsigned>(door.port()));
    std::fflush(stdout);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < lanes.size(); ++i)
        others.emplace_back([&one = *lanes[i]] {
            const auto at_work = asio::make_work_guard(one.context);
            one.context.run();
        });
    lanes.front()->context.run();
    for (std::thread& t : others) t.join();
    return 0;
}

} // namespace cache
