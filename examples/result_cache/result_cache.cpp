// SPDX-License-Identifier: BSL-1.0
// The server's command line.
#include "network.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace {

constexpr const char* usage = R"(usage: result_cache [OPTION VALUE]...

  --bind ADDRESS        127.0.0.1
  --port PORT           6379; 0 for any that is free
  --threads N           as many as there are processors
  --requirepass WORD    the password of the user "default"; or the environment's KV_PASSWORD
  --users FILE          further users: a name and a password on each line
  --maxclients N        10000

Prints "ready on ADDRESS:PORT" when it serves. SIGTERM lets clients have their replies and ends.
)";

bool number(const char* text, unsigned long greatest, unsigned long& to) {
    const auto value = cache::parse_integer(text);
    if (!value || *value < 0 || static_cast<unsigned long>(*value) > greatest) return false;
    to = static_cast<unsigned long>(*value);
    return true;
}

/// Lines of a name and a password; empty lines and those that begin with # say nothing.
bool read_users(const char* path, cache::settings& to) {
    std::ifstream file{path};
    if (!file) return false;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string name, password, more;
        if (!(words >> name) || name.front() == '#') continue;
        if (!(words >> password) || (words >> more)) return false;
        to.users[name] = password;
    }
    return true;
}

bool apply(const char* option, const char* value, cache::settings& options,
           cache::listening& where) {
    unsigned long n = 0;
    if (std::strcmp(option, "--bind") == 0) return where.address = value, true;
    if (std::strcmp(option, "--requirepass") == 0) return options.password = value, true;
    if (std::strcmp(option, "--users") == 0) return read_users(value, options);
    if (std::strcmp(option, "--port") == 0 && number(value, 65535, n))
        return where.port = static_cast<unsigned short>(n), true;
    if (std::strcmp(option, "--threads") == 0 && number(value, 256, n) && n != 0)
        return where.threads = static_cast<unsigned>(n), true;
    if (std::strcmp(option, "--maxclients") == 0 && number(value, 1000000, n) && n != 0)
        return options.max_clients = n, true;
    return false;
}

} // namespace

int main(int argc, char** argv) {
    cache::server host;
    cache::listening where;
    where.threads = std::max(1U, std::thread::hardware_concurrency());
    // Nothing has started a thread yet.
    if (const char* word = std::getenv("KV_PASSWORD")) // NOLINT(concurrency-mt-unsafe)
        host.options.password = word;
    for (int i = 1; i < argc; i += 2) {
        const bool asks = std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0;
        if (asks) return std::fputs(usage, stdout), 0;
        if (i + 1 == argc || !apply(argv[i], argv[i + 1], host.options, where)) {
            std::fprintf(stderr, "result_cache: can't do '%s%s%s'; --help says what is possible\n",
                         argv[i], i + 1 < argc ? " " : "", i + 1 < argc ? argv[i + 1] : "");
            return 2;
        }
    }
    return cache::serve(host, where);
}
