// SPDX-License-Identifier: BSL-1.0
// One table of options; file, environment and command line are three ways to name them.
#include "options.hpp"

#include "server/log.hpp"
#include "text/numbers.hpp"
#include "text/words.hpp"

#include <openssl/opensslv.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace cache {

namespace {

bool whole_number(string_view text, std::int64_t least, std::int64_t greatest, std::int64_t& to) {
    const auto value = text.empty() ? std::nullopt : parse_integer(text);
    if (!value || *value < least || *value > greatest) return false;
    to = *value;
    return true;
}
template <class Integer>
bool set_number(string_view text, std::int64_t least, std::int64_t greatest, Integer& to) {
    std::int64_t value = 0;
    if (!whole_number(text, least, greatest, value)) return false;
    to = static_cast<Integer>(value);
    return true;
}

/// Lines of a name and a password; empty lines and those that begin with # say nothing.
bool read_users(string_view path, settings& to) {
    std::ifstream file{std::string{path}};
    if (!file) return false;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string name, password, more;
        if (!(words >> name) || name.front() == '#') continue;
        if (!(words >> password) || (words >> more)) return false;
        to.users[name] = password;
    }
    return !file.bad();
}

bool set_log_level(string_view value) {
    constexpr std::array<string_view, 4> names{"error", "warning", "info", "debug"};
    for (std::size_t i = 0; i < names.size(); ++i)
        if (value == names[i]) return log::limit(static_cast<log::level>(i)), true;
    return false;
}

struct option {
    string_view name;
    string_view value;   ///< what --help calls it
    string_view meaning; ///< lines of at most 60 characters
    bool secret;         ///< no message repeats its value
    bool (*take)(string_view value, options& to);
};

constexpr option table[] = {
    {"bind", "ADDRESS", "or a name for one; * for all of IPv4 [127.0.0.1]", false,
     [](string_view value, options& to) { return to.where.address = value, !value.empty(); }},
    {"port", "PORT", "0 for any that is free [6379]", false,
     [](string_view value, options& to) { return set_number(value, 0, 65535, to.where.port); }},
    {"tls-port", "PORT", "a further port, encrypted; 0 for any that is free [none]", false,
     [](string_view value, options& to) {
         return set_number(value, 0, 65535, to.where.tls_port.emplace());
     }},
    {"tls-cert", "FILE", "its certificate and those above it, PEM", false,
     [](string_view value, options& to) { return to.where.tls_certificate = value, true; }},
    {"tls-key", "FILE", "the certificate's key, PEM", false,
     [](string_view value, options& to) { return to.where.tls_key = value, true; }},
    {"metrics-port", "PORT",
     "of /livez, /readyz and /metrics over HTTP; 0 for any that\n"
     "is free [none]",
     false,
     [](string_view value, options& to) {
         return set_number(value, 0, 65535, to.metrics_port.emplace());
     }},
    {"maxclients", "N", "at one time [10000]", false,
     [](string_view value, options& to) {
         return set_number(value, 1, 1000000, to.of_server.max_clients);
     }},
    {"timeout", "SECONDS", "after which an idle client is closed; 0 for never [0]", false,
     [](string_view value, options& to) {
         return set_number(value, 0, 2147483647, to.of_server.idle_seconds);
     }},
    {"requirepass", "WORD", "the password of the user \"default\"; also KV_PASSWORD", true,
     [](string_view value, options& to) { return to.of_server.password = value, true; }},
    {"users", "FILE", "further users: a name and a password on each line", false,
     [](string_view value, options& to) { return read_users(value, to.of_server); }},
    {"enable-debug-command", "WHO", "may let a client sleep by DEBUG SLEEP: no, local, yes [no]",
     false,
     [](string_view value, options& to) {
         return to.of_server.debug = value, value == "no" || value == "local" || value == "yes";
     }},
    {"threads", "N",
     "[as many as there are processors; where replies wait for\n"
     "the disk, one fewer]",
     false,
     [](string_view value, options& to) { return set_number(value, 1, 256, to.where.threads); }},
    {"dir", "DIRECTORY", "where data outlives the server [none: it is in memory only]", false,
     [](string_view value, options& to) {
         return to.of_server.storage.directory = value, !value.empty();
     }},
    {"fsync", "WHEN",
     "always|group: who writes is answered when the disk has it;\n"
     "interval:MS|no: the disk has it some time later [group]",
     false, [](string_view value, options& to) { return to.of_server.storage.set_fsync(value); }},
    {"snapshot-after", "BYTES", "of log, at least [67108864]", false,
     [](string_view value, options& to) {
         return set_number(value, 1, std::int64_t{1} << 60, to.of_server.storage.snapshot_after);
     }},
    {"maxmemory", "BYTES", "of data; 1gb and the like, too; 0 for no limit [0]", false,
     [](string_view value, options& to) {
         const auto bytes = parse_memory(value);
         if (bytes) to.of_server.max_memory = *bytes;
         return bytes.has_value();
     }},
    {"maxmemory-policy", "POLICY",
     "above it: noeviction refuses what takes memory; spill moves\n"
     "data that is used least to DIR.cold; allkeys-lru,\n"
     "allkeys-s3fifo and volatile-ttl erase keys [noeviction]",
     false,
     [](string_view value, options& to) {
         const auto policy = memory_policy_named(value);
         if (policy) to.of_server.policy = *policy;
         return policy.has_value();
     }},
    {"notify-keyspace-events", "LETTERS",
     "which changes of keys are published, by Redis's letters\n"
     "[none]",
     false,
     [](string_view value, options& to) {
         const auto classes = key_events::parse(value);
         to.of_server.told_events = classes.value_or(0);
         return classes.has_value();
     }},
    {"log-level", "LEVEL", "error, warning, info or debug [warning]", false,
     [](string_view value, options&) { return set_log_level(value); }},
};

const option* find_option(string_view name) {
    for (const option& one : table)
        if (one.name == name) return &one;
    return nullptr;
}

bool take(const option& one, string_view value, string_view from, options& to, std::string& error) {
    if (one.take(value, to)) return true;
    error = std::string{from} + ": can't set '" + std::string{one.name} + "'";
    if (!one.secret) error += " to '" + std::string{value} + "'";
    return false;
}

bool read_file(const std::string& path, options& to, std::string& error) {
    std::ifstream file{path};
    if (!file) return error = "can't read '" + path + "'", false;
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        const std::string where = path + ":" + std::to_string(++number);
        std::istringstream words{line};
        std::string name, value, more;
        if (!(words >> name) || name.front() == '#') continue;
        const option* one = find_option(name);
        if (one == nullptr)
            return error.assign(where).append(": there is no '").append(name).append("'"), false;
        if (!(words >> value) || (words >> more))
            return error.assign(where).append(": '").append(name).append("' takes one word"), false;
        if (!take(*one, value, where, to, error)) return false;
    }
    return true;
}

/// KV_MAX_CLIENTS for max-clients.
std::string variable_of(string_view name) {
    std::string variable = "KV_";
    for (const char c : name)
        variable += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return variable;
}

bool read_environment(environment_lookup environment, options& to, std::string& error) {
    if (const char* word = environment("KV_PASSWORD")) to.of_server.password = word;
    for (const option& one : table) {
        const std::string variable = variable_of(one.name);
        const char* value = environment(variable.c_str());
        if (value != nullptr && !take(one, value, variable, to, error)) return false;
    }
    return true;
}

/// The kernel, too, works for who waits for the disk: beside as many threads as processors it is
/// late (docs/decisions/0180).
unsigned usual_threads(const durability& storage) {
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    return storage.replies_wait() && processors > 1 ? processors - 1 : processors;
}

bool read_words(int argc, const char* const* argv, options& to, std::string& error) {
    for (int i = 1; i < argc; i += 2) {
        const string_view word = argv[i];
        const option* one = word.starts_with("--") ? find_option(word.substr(2)) : nullptr;
        const bool is_config = word == "--config"; // read already
        if (one == nullptr && !is_config)
            return error = "there is no '" + std::string{word} + "'; --help says what there is",
                   false;
        if (i + 1 == argc) return error = std::string{word} + " takes a word", false;
        if (one != nullptr && !take(*one, argv[i + 1], word, to, error)) return false;
    }
    return true;
}

} // namespace

bool read_options(int argc, const char* const* argv, environment_lookup environment, options& to,
                  std::string& error) {
    to.where.threads = 0; // not said
    const char* file = environment("KV_CONFIG");
    for (int i = 1; i < argc; ++i) {
        const string_view word = argv[i];
        to.asks_for_help = to.asks_for_help || word == "--help" || word == "-h";
        to.asks_for_version = to.asks_for_version || word == "--version" || word == "-v";
        if (word == "--config" && i + 1 < argc) file = argv[i + 1];
    }
    if (to.asks_for_help || to.asks_for_version) return true;
    if (file != nullptr && !read_file(file, to, error)) return false;
    if (!read_environment(environment, to, error) || !read_words(argc, argv, to, error))
        return false;
    const bool has_files = !to.where.tls_certificate.empty() && !to.where.tls_key.empty();
    if (to.where.tls_port && !has_files)
        return error = "tls-port needs tls-cert and tls-key, too", false;
    if (to.where.threads == 0) to.where.threads = usual_threads(to.of_server.storage);
    return true;
}

std::string usage() {
    constexpr std::size_t column = 24;
    std::string text = "usage: result_cache [OPTION VALUE]...\n\n"
                       "What holds without an option stands in brackets.\n\n";
    const auto line = [&](string_view name, string_view value, string_view meaning) {
        std::string begin = "  --" + std::string{name} + ' ' + std::string{value};
        if (begin.size() + 2 > column) begin += '\n' + std::string(column, ' ');
        else begin.resize(column, ' ');
        text += begin;
        for (const char c : meaning) {
            text += c;
            if (c == '\n') text.append(column, ' ');
        }
        text += '\n';
    };
    for (const option& one : table) line(one.name, one.value, one.meaning);
    line("config", "FILE",
         "lines of a name from above and a value; # begins a remark.\n"
         "The environment (KV_PORT for --port, ...; KV_CONFIG) wins\n"
         "over the file, and the command line over both");
    line("version", "", "or -v: what this program is, in one line");
    line("help", "", "or -h: this text");
    return text + "\nPrints \"ready on ADDRESS:PORT\" when it serves. SIGTERM lets clients have "
                  "their replies and ends.\n";
}

std::string version_line() {
#ifdef __clang__
    constexpr string_view compiler = __VERSION__;
#else
    constexpr string_view compiler = "GCC " __VERSION__;
#endif
#ifdef NDEBUG
    constexpr string_view checks = "";
#else
    constexpr string_view checks = ", with assertions";
#endif
    return "result_cache " ASHLAR_VERSION ", commands of Redis " + std::string{redis_version} +
           ", " OPENSSL_VERSION_TEXT ", " + std::string{compiler}.append(checks) + '\n';
}

} // namespace cache
