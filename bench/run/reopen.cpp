// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
// B12: a store whose process was killed is opened again: nine tenths of its rows stand in a
// snapshot, one tenth in the log behind it, and nothing of either in the system's memory. Beside:
// how fast the same files can be read, and the first read of a store that does not wait until all
// is loaded (log_start::early). As many rows as fit into half of the memory, at most 10 GiB.
#include "measure/durable_row.hpp"
#include "measure/rounds.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>

namespace {

using namespace bench;
template <ashlar::log_start Start>
using store_in = ashlar::store<std::string, std::string, ashlar::hash_map<>,
                               ashlar::logged<ashlar::sync::group, Start>, ashlar::shared>;
using store = store_in<ashlar::log_start::loaded>;
using early_store = store_in<ashlar::log_start::early>;

/// Fills the store and is killed with rows that nobody has waited for.
void fill(const std::string& path, std::size_t rows) {
    const ::pid_t child = ::fork();
    must(child >= 0, "reopen: fork");
    if (child == 0) {
        // One snapshot is kept: what stands in the directory is what opening has to read.
        auto opened = early_store::open({.directory = path.c_str()},
                                        ashlar::logged_options{.keep_snapshots = 1});
        if (!opened) ::_exit(1);
        auto many = opened->batch();
        durable_row row{0};
        for (std::size_t i = 0; i < rows; ++i) {
            row.number(i);
            many.put(row.key, row.value);
            if (i % 1'000 != 999 && i + 1 != rows) continue;
            if (!opened->submit(many)) ::_exit(1);
            many.clear();
            if (i < rows / 10 * 9 && i + 1'000 >= rows / 10 * 9 && !opened->checkpoint())
                ::_exit(1);
        }
        if (!opened->sync()) ::_exit(1);
        ::raise(SIGKILL);
    }
    int status = 0;
    must(::waitpid(child, &status, 0) == child && WIFSIGNALED(status), "reopen: the child failed");
}

/// f(path, size) for each file of the store; loading does not read the index.
template <class F>
void each_file(const std::string& path, bool index, F f) {
    for (const auto& entry : std::filesystem::directory_iterator{path})
        if (index || entry.path().filename().string().rfind("index-", 0) != 0)
            f(entry.path().string(), entry.file_size());
}
void forget_pages(const std::string& path) {
    each_file(path, true, [](const std::string& name, std::uintmax_t) {
        const int file = ::open(name.c_str(), O_RDONLY);
        must(file >= 0 && ::fsync(file) == 0 &&
                 ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0,
             "reopen: the system's memory can't be emptied");
        ::close(file);
    });
}
double read_all(const std::string& path) {
    std::vector<char> block(std::size_t{1} << 20);
    const auto start = clock::now();
    each_file(path, false, [&](const std::string& name, std::uintmax_t) {
        const int file = ::open(name.c_str(), O_RDONLY);
        must(file >= 0, "reopen: a file can't be read");
        while (::read(file, block.data(), block.size()) > 0) {
        }
        ::close(file);
    });
    return seconds_since(start);
}

/// Until a row of the log can be read. The store and its memory are gone with the call.
double load_all(const std::string& path, std::size_t rows) {
    const auto start = clock::now();
    auto opened = store::open({.directory = path.c_str()});
    must(static_cast<bool>(opened) && *opened->contains(durable_row{rows - 1}.key),
         "reopen: a row is missing");
    const double took = seconds_since(start);
    must(opened->size() == rows, "reopen: rows are missing");
    must(static_cast<bool>(opened->close()), "reopen: it can't be closed");
    return took;
}

void early_reads(const std::string& path, std::size_t rows, std::size_t round) {
    forget_pages(path);
    const auto start = clock::now();
    auto opened = early_store::open({.directory = path.c_str(), .read_only = true});
    must(static_cast<bool>(opened), "reopen: it can't be opened");
    const double open = seconds_since(start);
    const auto read = [&](std::size_t row) {
        const auto before = clock::now();
        must(*opened->contains(durable_row{row}.key), "reopen: a row is missing");
        return seconds_since(before);
    };
    const double in_snapshot = read(rows / 2), in_log = read(rows - 1);
    must(!opened->stack().loaded(), "reopen: the store was loaded before it was read");
    must(opened->size() == rows, "reopen: rows are missing");
    const auto say = [&](const char* what, double number, const char* unit) {
        print_value({"B12", what}, "ashlar logged early", number, unit, round);
    };
    say("kill -9 to the first read", open + in_snapshot, "s");
    say("a read of the snapshot before it is loaded", in_snapshot * 1e3, "ms");
    say("a read of the log before it is loaded", in_log * 1e3, "ms");
    say("kill -9 to all is loaded", seconds_since(start), "s");
}

void reopen(const setting& how) {
    const std::size_t most = (std::size_t{10} << 30) / durable_row::size;
    const std::size_t fits = available_bytes() / 2 / 320; // of a row with all that is around it
    const std::size_t rows = static_cast<std::size_t>(
        how.scale * (how.quick ? 50'000. : double((std::min)(most, fits))));
    const std::string path = how.directory + "/reopened";
    fill(path, rows);
    double bytes = 0;
    each_file(path, false, [&](const std::string&, std::uintmax_t size) { bytes += double(size); });
    print_value({"B12", "size of the files"}, "ashlar logged", bytes / 1e9, "GB");
    for (std::size_t round = 1; round <= (std::min)(how.rounds, std::size_t{3}); ++round) {
        forget_pages(path);
        const double sequential = read_all(path);
        forget_pages(path);
        const double took = load_all(path, rows);
        const auto say = [&](const char* what, double number, const char* unit) {
            print_value({"B12", what}, "ashlar logged", number, unit, round);
        };
        say("kill -9 to the first read", took, "s");
        say("recovery", bytes / took / 1e9, "GB/s");
        say("reading the files", bytes / sequential / 1e9, "GB/s");
        say("recovery beside reading the files", sequential / took, "times");
        early_reads(path, rows, round);
    }
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, reopen); }
