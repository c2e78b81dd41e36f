// SPDX-License-Identifier: BSL-1.0
/// @file Declares probes: /livez, /readyz and /metrics over HTTP.
#pragma once

#include "server/server.hpp"

#include <memory>

namespace cache {

/// A small HTTP server with a thread of its own, so that it answers while the store recovers and
/// whatever clients do. /livez is 200 as long as the process answers; /readyz is 200 only between
/// serving() and draining(); both list their checks for ?verbose. Thread-safe.
class probes {
  public:
    explicit probes(server& host);
    ~probes();
    probes(const probes&) = delete;
    probes& operator=(const probes&) = delete;

    /// Answers the port it listens on, or 0: `error` says why not. `port` 0 is any that is free.
    [[nodiscard]] unsigned short open(const std::string& address, unsigned short port,
                                      std::string& error);
    /// The store is open; from now on /metrics has its numbers.
    void recovered(double seconds);
    void serving();
    void draining();
    /// The store is about to be closed: /metrics has nothing to look at any more.
    void closing();

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace cache
