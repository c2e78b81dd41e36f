// SPDX-License-Identifier: BSL-1.0
/// @file Declares serve, which puts a server on a TCP port.
#pragma once

#include "server.hpp"

#include <string>

namespace cache {

struct listening {
    std::string address = "127.0.0.1";
    unsigned short port = 6379; ///< 0 for any that is free
    unsigned threads = 1;
};

/// Listens and serves until SIGTERM or SIGINT; then takes no more clients, sends what is answered,
/// and returns. Answers the process's exit code; says "ready on ADDRESS:PORT" on standard output.
[[nodiscard]] int serve(server& host, const listening& where);

} // namespace cache
