// SPDX-License-Identifier: BSL-1.0
/// @file Declares how the server is told what to do: by a file, the environment, the command line.
#pragma once

#include "network/network.hpp"

namespace cache {

/// Where words of the environment come from; null for one that is not set.
using environment_lookup = const char* (*)(const char* name);

/// What an operator decided, from all three places.
struct options {
    settings of_server;
    listening where;
    std::optional<unsigned short> metrics_port; ///< of /livez, /readyz and /metrics
    bool asks_for_help = false;
    bool asks_for_version = false;
};

/// Reads the file that --config or KV_CONFIG names, then the environment (KV_PORT for --port and so
/// on; KV_PASSWORD too), then the command line: what comes later wins. Words and names are checked;
/// the error is a sentence for the operator that never shows a password.
[[nodiscard]] bool read_options(int argc, const char* const* argv, environment_lookup environment,
                                options& to, std::string& error);

/// All options with what they mean.
[[nodiscard]] std::string usage();
/// One line: the program, what it is like, and how it was built.
[[nodiscard]] std::string version_line();

} // namespace cache
