// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb sqlite threads
// DUR: rows that are durable when they are acknowledged. B1 one client, B2 64 clients, B3 4,096 in
// flight, B4 batches of 1,000, B13 latencies at half load. Beside: the file itself.
#include "measure/rounds.hpp"
#include "peer/durable_stores.hpp"

#include <deque>
#include <filesystem>

namespace {

using namespace bench;

std::string folder(const std::string& directory, const std::string& name) {
    const std::string path = directory + '/' + name;
    std::filesystem::create_directories(path);
    return path;
}

/// All of them, each in a folder of its own; rows are numbered on from turn to turn.
struct stores {
    explicit stores(const setting& how)
        : raw{folder(how.directory, "raw")}, ours{folder(how.directory, "ashlar")},
          ours_spare{folder(how.directory, "spare"), how.quick ? 1U : 12U},
          lmdb{folder(how.directory, "lmdb")}, rocksdb{folder(how.directory, "rocksdb")},
          rocksdb_used{folder(how.directory, "used"), 3, how.entries(1'000'000, 1'000)},
          sqlite{folder(how.directory, "sqlite")} {}
    raw_log raw;
    ashlar_durable ours;
    ashlar_durable ours_spare; ///< whose segments are on the disk before they are needed
    lmdb_durable lmdb;
    rocksdb_durable rocksdb;
    rocksdb_durable rocksdb_used; ///< whose logs have been used before
    sqlite_durable sqlite;
};

/// Rows put one after another by each thread.
template <class Store>
timing puts(Store& store, std::size_t turn, unsigned threads, std::size_t each) {
    return timed(threads, [&](unsigned thread) {
        for (std::size_t i = 0; i < each; ++i) store.put((turn * threads + thread) * each + i);
        return std::uint64_t{each};
    });
}

void one_client(const setting& how, stores& all) {
    const std::size_t n = how.entries(1'000, 100);
    raw_log room{folder(how.directory, "room"), 2 * (how.rounds + 1) * n * durable_row::size};
    const auto run = [&](auto& store) {
        return [&, n](std::size_t turn) { return puts(store, turn, 1, n); };
    };
    measure(how, {"DUR", "put", 1, n},
            {{"limit: pwrite and fdatasync", run(all.raw), true},
             {"limit: the same over zeros", run(room), true},
             {"ashlar logged", run(all.ours)},
             {"ashlar logged with spares", run(all.ours_spare)},
             {"lmdb", run(all.lmdb)},
             {"rocksdb sync", run(all.rocksdb)},
             {"rocksdb sync with used logs", run(all.rocksdb_used)},
             {"sqlite wal full", run(all.sqlite)}},
            [&](std::size_t) { return std::uint64_t{n}; });
}

void many_clients(const setting& how, stores& all) {
    constexpr unsigned clients = 64;
    const std::size_t each = how.entries(200, 20);
    const auto run = [&](auto& store) {
        return [&, each](std::size_t turn) { return puts(store, turn, clients, each); };
    };
    const auto limit = [&](std::size_t) { // 64 rows with each flush
        return timed(1, [&](unsigned) {
            for (std::size_t i = 0; i < each; ++i) all.raw.batch(0, clients);
            return std::uint64_t{each} * clients;
        });
    };
    measure(how, {"DUR", "put", clients, each * clients},
            {{"limit: 64 rows a flush", limit, true},
             {"ashlar logged", run(all.ours)},
             {"ashlar logged with spares", run(all.ours_spare)},
             {"rocksdb sync", run(all.rocksdb)},
             {"rocksdb sync with used logs", run(all.rocksdb_used)}},
            [&](std::size_t) { return std::uint64_t{each} * clients; });
}

/// Two threads that wait for the oldest of 2,048 tickets each.
timing in_flight(ashlar_durable& ours, std::size_t turn, std::size_t each) {
    constexpr std::size_t window = 2'048;
    return timed(2, [&](unsigned thread) {
        auto& store = ours.itself();
        durable_row row{0};
        using ticket = std::remove_cvref_t<decltype(*store.submit(row.key, row.value))>;
        std::vector<ticket> tickets(window);
        std::uint64_t durable = 0;
        for (std::size_t i = 0; i < each + window; ++i) {
            ticket& place = tickets[i % window];
            if (i >= window) {
                must(static_cast<bool>(place.wait()), "ashlar: wait");
                ++durable;
            }
            if (i >= each) continue;
            row.number((turn * 2 + thread) * each + i);
            auto given = store.submit(row.key, row.value);
            must(static_cast<bool>(given), "ashlar: submit");
            place = *given;
        }
        return durable;
    });
}
/// Threads that write and flush files of their own, so many rows at a time; with `room`, over
/// zeros.
timing parallel_flushes(const std::string& directory, unsigned lanes, std::size_t rows,
                        std::size_t each, bool room = false) {
    std::deque<raw_log> files;
    for (unsigned lane = 0; lane < lanes; ++lane)
        files.emplace_back(folder(directory, "lane" + std::to_string(lane)),
                           room ? each * durable_row::size : 0);
    return timed(lanes, [&](unsigned lane) {
        for (std::size_t i = 0; i < each / rows; ++i) files[lane].batch(0, rows);
        return std::uint64_t{each};
    });
}
/// Rows that are new each turn; or, as in a store that has been at work for a while, the same ones.
void asynchronous(const setting& how, stores& all, bool new_rows) {
    const std::size_t each = how.entries(100'000, 8'192) / 4'096 * 4'096;
    all.ours_spare.checkpoint();
    setting three = how;
    three.rounds = (std::min)(how.rounds, std::size_t{5});
    const auto sync_64 = [&](rocksdb_durable& store) {
        return [&, each](std::size_t turn) {
            timing t = puts(store, new_rows ? turn : 0, 64, each / 512);
            t.seconds *= 2.0 * 512 / 64; // as many rows as the others, at the same rate
            t.answer = 2 * each;
            return t;
        };
    };
    const auto run = [&](ashlar_durable& store) {
        return [&, each](std::size_t turn) { return in_flight(store, new_rows ? turn : 0, each); };
    };
    measure(
        three, {"DUR", new_rows ? "4096 in flight" : "4096 in flight over rows", 2, 2 * each},
        {{"limit: 4 lanes of 1024 rows",
          [&](std::size_t) { return parallel_flushes(how.directory, 4, 1'024, each / 2); }, true},
         {"limit: 4 lanes of 1024 rows over zeros",
          [&](std::size_t) { return parallel_flushes(how.directory, 4, 1'024, each / 2, true); },
          true},
         {"limit: 1 lane of 4096 rows",
          [&](std::size_t) { return parallel_flushes(how.directory, 1, 4'096, 2 * each); }, true},
         {"ashlar logged", run(all.ours)},
         {"ashlar logged with spares", run(all.ours_spare)},
         {"rocksdb sync by 64 threads", sync_64(all.rocksdb)},
         {"rocksdb sync by 64 threads with used logs", sync_64(all.rocksdb_used)}},
        [&](std::size_t) { return std::uint64_t{2 * each}; });
}

void batches(const setting& how, stores& all) {
    constexpr std::size_t size = 1'000;
    const std::size_t n = how.entries(40, 4);
    all.ours_spare.checkpoint();
    const auto run = [&](auto& store) {
        return [&, n](std::size_t turn) {
            return timed(1, [&](unsigned) {
                for (std::size_t i = 0; i < n; ++i) store.batch((turn * n + i) * size, size);
                return std::uint64_t{n * size};
            });
        };
    };
    measure(how, {"DUR", "batches of 1000", 1, n * size},
            {{"limit: pwrite and fdatasync", run(all.raw), true},
             {"ashlar logged", run(all.ours)},
             {"ashlar logged with spares", run(all.ours_spare)},
             {"lmdb", run(all.lmdb)},
             {"rocksdb sync", run(all.rocksdb)},
             {"rocksdb sync with used logs", run(all.rocksdb_used)},
             {"sqlite wal full", run(all.sqlite)}},
            [&](std::size_t) { return std::uint64_t{n * size}; });
}

double at(std::vector<double>& all, double share) {
    const auto place = static_cast<std::ptrdiff_t>(static_cast<double>(all.size() - 1) * share);
    std::nth_element(all.begin(), all.begin() + place, all.end());
    return all[static_cast<std::size_t>(place)];
}
/// One client that comes at moments fixed beforehand, at half of what it could do; a wait counts
/// from the moment when it was to come.
template <class Store>
std::vector<double> latencies(Store& store, double gap, std::size_t n, std::uint64_t first) {
    std::vector<double> all;
    const auto start = clock::now();
    for (std::size_t i = 0; i < n; ++i) {
        const double due = gap * static_cast<double>(i);
        while (seconds_since(start) < due) sched_yield();
        store.put(first + i);
        all.push_back(1e6 * (seconds_since(start) - due));
    }
    return all;
}
void half_load(const setting& how, stores& all) {
    const std::size_t n = how.entries(5'000, 300);
    for (std::size_t round = 1; round <= 3; ++round) {
        const double flush = puts(all.raw, 0, 1, n / 5).seconds / static_cast<double>(n / 5);
        const auto tell = [&](const char* who, auto& store) {
            auto waits = latencies(store, 2 * flush, n, round * n);
            for (const auto& [name, share] :
                 {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}})
                print_value({"DUR", std::string{"half load "} + name}, who,
                            at(waits, share) / (1e6 * flush), "flushes", round);
        };
        tell("limit: pwrite and fdatasync", all.raw);
        tell("ashlar logged", all.ours);
        tell("rocksdb sync", all.rocksdb);
    }
}

void durable(const setting& how) {
    stores all{how};
    one_client(how, all);
    many_clients(how, all);
    asynchronous(how, all, true);
    asynchronous(how, all, false);
    batches(how, all);
    half_load(how, all);
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, durable); }
