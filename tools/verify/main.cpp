// SPDX-License-Identifier: BSL-1.0
// ashlar-verify: reads every byte of a store directory of any type, changes nothing.
//
//   ashlar-verify [--json] DIRECTORY
//
// Exits with 0 when the store is sound, 3 when it is damaged (each damage with file, byte and
// reason), 4 when the directory is no store of this version, or can't be read now, 2 for a wrong
// command line. What a crash leaves at the end of a log is no damage: opening cuts it off.
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/store_directory.hpp>

#include "check.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace verify;
using ashlar::errc;

constexpr char usage[] = "usage: ashlar-verify [--json] DIRECTORY";

const char* name_of(verdict v) {
    switch (v) {
    case verdict::sound: return "sound";
    case verdict::damaged: return "damaged";
    case verdict::unavailable: return "unavailable";
    }
    return "";
}

std::string hex(ashlar::bytes_view bytes) {
    std::string text;
    for (const std::byte b : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(b));
        text += two;
    }
    return text;
}

bool has_word(const std::string& formats, const std::string& word) {
    return (' ' + formats + ' ').find(' ' + word + ' ') != std::string::npos;
}

/// Engines of others may end the process over a damaged file (LMDB trusts its pages), so they read
/// in a child, which hands over its report.
verdict in_child(verdict (*check)(const subject&, report&), const subject& of, report& out,
                 const char* engine) {
    const auto cant = [&out] {
        out.problem("", 0, "no process could be started to read it; see to what this one may have");
        return verdict::unavailable;
    };
    int ends[2];
    if (::pipe(ends) != 0) return cant();
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        const verdict v = check(of, out);
        const std::string text =
            nlohmann::json{{"found", out.found}, {"problems", out.problems}}.dump(
                -1, ' ', false, nlohmann::json::error_handler_t::replace);
        std::size_t done = 0;
        while (done < text.size()) {
            const auto n = ::write(ends[1], text.data() + done, text.size() - done);
            if (n <= 0) break;
            done += static_cast<std::size_t>(n);
        }
        ::_exit(static_cast<int>(v));
    }
    ::close(ends[1]);
    std::string text;
    char piece[4096];
    for (::ssize_t n; (n = ::read(ends[0], piece, sizeof piece)) > 0;)
        text.append(piece, static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return cant();
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        out.problem(
            "", 0, std::string{"reading ended "} + engine + " by signal " + std::to_string(signal));
        // Which no damage sends, but somebody, or a system that is short of memory.
        const bool was_stopped = signal == SIGKILL || signal == SIGTERM || signal == SIGINT;
        return was_stopped ? verdict::unavailable : verdict::damaged;
    }
    const auto told = nlohmann::json::parse(text, nullptr, false);
    if (told.is_object() && told.contains("found") && told.contains("problems")) {
        out.found.update(told["found"]);
        out.problems = told["problems"];
    }
    return static_cast<verdict>(WEXITSTATUS(status));
}

/// A file that can't be opened for this is damage to an engine, so it gets all that there are.
bool may_open_files() {
    struct ::rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return true;
    files.rlim_cur = files.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &files));
    return files.rlim_max >= 64;
}

/// What is neither file nor directory the engines of others would wait for. Empty: nothing is.
std::string no_file_in(const std::string& directory) {
    std::error_code ignored;
    std::filesystem::recursive_directory_iterator each{directory, ignored};
    for (; each != std::filesystem::recursive_directory_iterator{}; each.increment(ignored))
        if (!each->is_directory(ignored) && !each->is_regular_file(ignored))
            return each->path().lexically_relative(directory).string();
    return {};
}

verdict check_formats(const subject& of, report& out) {
    // Readers may be many: an engine that takes the directory's lock itself gets it, too.
    ashlar::error_detail detail;
    const auto locked = ashlar::store_directory<ashlar::posix>::open(of.opening(detail));
    if (!locked) {
        out.problem("ashlar.lock", 0, detail.message.c_str());
        return verdict::unavailable;
    }
    if (has_word(of.formats, "checkpoint=logged/1")) return check_log(of, out);
    if (const std::string name = no_file_in(of.directory); !name.empty()) {
        out.problem(name, 0, "is no file; see to what its path names");
        return verdict::unavailable;
    }
    if (!may_open_files()) {
        out.problem("", 0,
                    "this process may open too few files to tell; let it open 64 (ulimit -n)");
        return verdict::unavailable;
    }
    struct known {
        const char* word;
        const char* name;
        verdict (*check)(const subject&, report&);
    };
    static constexpr known engines[] = {
#ifdef ASHLAR_VERIFY_LMDB
        {"backend=lmdb/1", "LMDB", check_lmdb},
#endif
#ifdef ASHLAR_VERIFY_ROCKSDB
        {"backend=rocksdb/1", "RocksDB", check_rocksdb},
#endif
#ifdef ASHLAR_VERIFY_SQLITE
        {"backend=sqlite/1", "SQLite", check_sqlite},
#endif
        {"", "", nullptr},
    };
    for (const known& engine : engines)
        if (engine.check != nullptr && has_word(of.formats, engine.word))
            return in_child(engine.check, of, out, engine.name);
    out.problem("ashlar.manifest", 40, "this program can't read stores of these formats");
    return verdict::unavailable;
}

verdict check(const std::string& directory, report& out) {
    const ashlar::posix environment;
    const auto kind = environment.kind_of(directory);
    if (!kind || *kind != ashlar::file_kind::directory) {
        out.problem("", 0,
                    !kind                              ? "the directory can't be looked at"
                    : *kind == ashlar::file_kind::none ? "there is no such directory"
                                                       : "this is no directory");
        return verdict::unavailable;
    }
    ashlar::byte_buffer bytes;
    ashlar::error_detail detail;
    const auto manifest = ashlar::read_manifest(environment, directory, bytes, &detail);
    if (!manifest) {
        out.problem("ashlar.manifest", detail.position, detail.message.c_str());
        return manifest.error() == errc::corrupt ? verdict::damaged : verdict::unavailable;
    }
    const subject of{
        directory, {manifest->formats.data(), manifest->formats.size()}, manifest->uuid};
    out.found["formats"] = of.formats;
    out.found["uuid"] = hex(of.uuid);
    return check_formats(of, out);
}

void print(const std::string& directory, const report& out, verdict v) {
    std::printf("%s: %s\n", directory.c_str(), name_of(v));
    for (const auto& [name, value] : out.found.items())
        std::printf("  %-14s %s\n", name.c_str(),
                    value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
    for (const auto& problem : out.problems)
        std::printf("  %s at byte %llu: %s\n", problem["file"].get<std::string>().c_str(),
                    static_cast<unsigned long long>(problem["position"].get<std::uint64_t>()),
                    problem["reason"].get<std::string>().c_str());
}

} // namespace

int main(int count, char** arguments) {
    std::string directory;
    bool as_json = false;
    for (int i = 1; i < count; ++i) {
        if (std::strcmp(arguments[i], "--help") == 0) return std::puts(usage), 0;
        if (std::strcmp(arguments[i], "--json") == 0) as_json = true;
        else if (arguments[i][0] == '-' || !directory.empty()) directory.clear(), i = count;
        else directory = arguments[i];
    }
    if (directory.empty()) {
        std::fprintf(stderr, "%s\n", usage);
        return 2;
    }
    report out;
    const verdict v = check(directory, out);
    if (as_json) {
        nlohmann::json all = out.found;
        all["directory"] = directory;
        all["verdict"] = name_of(v);
        all["problems"] = out.problems;
        std::puts(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
        print(directory, out, v);
    }
    if (std::fflush(stdout) != 0 && v == verdict::sound) {
        std::fprintf(stderr, "ashlar-verify: standard output can't be written\n");
        return static_cast<int>(verdict::unavailable);
    }
    return static_cast<int>(v);
}
