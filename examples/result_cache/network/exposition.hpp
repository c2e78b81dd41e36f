// SPDX-License-Identifier: BSL-1.0
/// @file Declares exposition: the server's numbers as Prometheus reads them.
#pragma once

#include "server/server.hpp"

namespace cache {

/// Text in the exposition format 0.0.4: names of ashlar_ for what every store has, result_cache_
/// for what only this server has, process_ for what every process has. Thread-safe. O(commands).
[[nodiscard]] std::string exposition(server& host, double recovery_seconds);

} // namespace cache
