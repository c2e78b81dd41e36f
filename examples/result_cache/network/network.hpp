// SPDX-License-Identifier: BSL-1.0
/// @file Declares serve, which puts a server on a TCP port.
#pragma once

#include "server/server.hpp"

#include <functional>
#include <optional>
#include <string>

namespace cache {

struct listening {
    std::string address = "127.0.0.1";
    unsigned short port = 6379; ///< 0 for any that is free
    unsigned threads = 1;
    /// A second port, whose connections are encrypted; 0 for any that is free.
    std::optional<unsigned short> tls_port;
    std::string tls_certificate; ///< PEM files
    std::string tls_key;
    std::function<void()> on_serving;  ///< called when clients may come
    std::function<void()> on_draining; ///< called when they may not any more
};

/// Listens and serves until SIGTERM or SIGINT; then takes no more clients, sends what is answered,
/// and returns. Answers the process's exit code; says "TLS on ADDRESS:PORT", if so,
/// and then "ready on ADDRESS:PORT" on standard output.
[[nodiscard]] int serve(server& host, const listening& where);

} // namespace cache
