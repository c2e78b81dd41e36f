// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb sqlite threads
// DUR: rows that are durable when they are acknowledged. B1 one client, B2 64 clients, B3 4,096 in
// flight, B4 batches of 1,000, B12 opening again, B13 latencies at half load, C1 and C2 snapshots
// under load. Beside: the file itself.
#include "measure/rounds.hpp"
#include "peer/durable_stores.hpp"

#include <deque>
#include <filesystem>
#include <mutex>

namespace {

using namespace bench;

std::string folder(const setting& how, const std::string& name) {
    const std::string path = how.directory + '/' + name;
    std::filesystem::create_directories(path);
    return path;
}

/// All of them, each in a folder of its own; rows are numbered on from turn to turn.
struct stores {
    explicit stores(const setting& how)
        : raw{folder(how, "raw")}, ours{folder(how, "ashlar")}, lmdb{folder(how, "lmdb")},
          rocksdb{folder(how, "rocksdb")}, sqlite{folder(how, "sqlite")} {}
    raw_log raw;
    ashlar_durable ours;
    lmdb_durable lmdb;
    rocksdb_durable rocksdb;
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
    const auto run = [&](auto& store) {
        return [&, n](std::size_t turn) { return puts(store, turn, 1, n); };
    };
    measure(how, {"DUR", "put", 1, n},
            {{"limit: pwrite and fdatasync", run(all.raw), true},
             {"ashlar logged", run(all.ours)},
             {"lmdb", run(all.lmdb)},
             {"rocksdb sync", run(all.rocksdb)},
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
             {"rocksdb sync", run(all.rocksdb)}},
            [&](std::size_t) { return std::uint64_t{each} * clients; });
}

/// Two threads that wait for the oldest of 2,048 tickets each.
timing in_flight(ashlar_durable& ours, std::size_t turn, std::size_t each) {
    constexpr std::size_t window = 2'048;
    return timed(2, [&](unsigned thread) {
        auto& store = ours.itself();
        auto one = store.batch();
        using ticket = std::remove_cvref_t<decltype(*store.submit(one))>;
        std::vector<ticket> tickets(window);
        std::uint64_t durable = 0;
        for (std::size_t i = 0; i < each + window; ++i) {
            ticket& place = tickets[i % window];
            if (i >= window) {
                must(static_cast<bool>(place.wait()), "ashlar: wait");
                ++durable;
            }
            if (i >= each) continue;
            const durable_row row{(turn * 2 + thread) * each + i};
            one.clear();
            one.put(row.key, row.value);
            auto given = store.submit(one);
            must(static_cast<bool>(given), "ashlar: submit");
            place = *given;
        }
        return durable;
    });
}
/// Threads that write and flush files of their own, so many rows at a time.
timing parallel_flushes(const std::string& directory, unsigned lanes, std::size_t rows,
                        std::size_t each) {
    std::deque<raw_log> files;
    for (unsigned lane = 0; lane < lanes; ++lane)
        files.emplace_back(folder({}, directory + "/lane" + std::to_string(lane)));
    return timed(lanes, [&](unsigned lane) {
        for (std::size_t i = 0; i < each / rows; ++i) files[lane].batch(0, rows);
        return std::uint64_t{each};
    });
}
void asynchronous(const setting& how, stores& all) {
    const std::size_t each = how.entries(100'000, 8'192) / 4'096 * 4'096;
    setting three = how;
    three.rounds = (std::min)(how.rounds, std::size_t{5});
    const auto sync_64 = [&](std::size_t turn) {
        timing t = puts(all.rocksdb, turn, 64, each / 512);
        t.seconds *= 2.0 * 512 / 64; // as many rows as the others, at the same rate
        t.answer = 2 * each;
        return t;
    };
    measure(
        three, {"DUR", "4096 in flight", 2, 2 * each},
        {{"limit: 4 lanes of 1024 rows",
          [&](std::size_t) { return parallel_flushes(how.directory, 4, 1'024, each / 2); }, true},
         {"limit: 1 lane of 4096 rows",
          [&](std::size_t) { return parallel_flushes(how.directory, 1, 4'096, 2 * each); }, true},
         {"ashlar logged", [&](std::size_t turn) { return in_flight(all.ours, turn, each); }},
         {"rocksdb sync by 64 threads", sync_64}},
        [&](std::size_t) { return std::uint64_t{2 * each}; });
}

void batches(const setting& how, stores& all) {
    constexpr std::size_t size = 1'000;
    const std::size_t n = how.entries(40, 4);
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
             {"lmdb", run(all.lmdb)},
             {"rocksdb sync", run(all.rocksdb)},
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

/// A store that is filled, and opened again from its log, and from its snapshot.
void reopening(const setting& how) {
    const std::size_t rows = how.entries(2'000'000, 50'000);
    const std::string path = folder(how, "reopened");
    using store = ashlar_durable::store;
    const auto open = [&](const char* what) {
        const auto start = clock::now();
        auto opened = store::open({.directory = path.c_str()});
        must(opened && opened->size() == rows, "durable: rows are missing");
        const double seconds = seconds_since(start);
        double bytes = 0;
        for (const auto& entry : std::filesystem::directory_iterator{path})
            bytes += static_cast<double>(entry.file_size());
        print_value({"DUR", what}, "ashlar logged", seconds, "s to the first read");
        print_value({"DUR", what}, "ashlar logged", bytes / seconds / 1e9, "GB/s");
        return std::move(*opened);
    };
    {
        ashlar_durable filled{path};
        for (std::size_t i = 0; i < rows; i += 1'000) filled.batch(i, 1'000);
    }
    {
        auto db = open("reopening from the log");
        const auto start = clock::now();
        const auto made = db.checkpoint();
        must(static_cast<bool>(made), "durable: checkpoint");
        print_value({"DUR", "snapshot"}, "ashlar logged",
                    static_cast<double>(made->bytes) / seconds_since(start) / 1e9, "GB/s");
    }
    static_cast<void>(open("reopening from a snapshot"));
}

/// What a writer and its longest waits notice of a snapshot.
void snapshots_under_load(const setting& how) {
    const std::size_t rows = how.entries(2'000'000, 50'000);
    using store = ashlar::store<std::string, std::string, ashlar::hash_map<>,
                                ashlar::logged<ashlar::sync::interval<10>>, ashlar::shared>;
    auto opened = store::open({.directory = folder(how, "snapshots").c_str()});
    must(static_cast<bool>(opened), "durable: can't be opened");
    store& db = *opened;
    for (std::size_t i = 0; i < rows; ++i) {
        const durable_row row{i};
        must(static_cast<bool>(db.put(row.key, row.value)), "put");
    }
    for (std::size_t round = 1; round <= 3; ++round) {
        std::atomic<bool> stop{false};
        std::atomic<bool> during{false};
        std::uint64_t writes[2]{};
        double seconds[2]{}, longest[2]{};
        std::thread writer{[&] {
            pin(0);
            uniform_state chance{round};
            while (!stop) {
                const bool which = during;
                const auto start = clock::now();
                for (int i = 0; i < 16; ++i) {
                    const durable_row row{chance.below(rows)};
                    must(static_cast<bool>(db.put(row.key, row.value)), "put");
                }
                const double took = seconds_since(start);
                writes[which] += 16;
                seconds[which] += took;
                longest[which] = (std::max)(longest[which], took);
            }
        }};
        pin(1);
        std::this_thread::sleep_for(std::chrono::milliseconds{how.quick ? 200 : 2'000});
        during = true;
        const auto start = clock::now();
        const auto made = db.checkpoint();
        const double took = seconds_since(start);
        stop = true;
        writer.join();
        must(static_cast<bool>(made), "durable: checkpoint");
        const auto tell = [&](const char* what, double number, const char* unit) {
            print_value({"DUR", what}, "ashlar logged", number, unit, round);
        };
        const auto rate = [&](int i) { return static_cast<double>(writes[i]) / seconds[i]; };
        tell("snapshot under load", static_cast<double>(made->bytes) / took / 1e9, "GB/s");
        tell("throughput during/before", rate(1) / rate(0), "times");
        tell("longest 16 writes before", 1e3 * longest[0], "ms");
        tell("longest 16 writes during", 1e3 * longest[1], "ms");
    }
}

void durable(const setting& how) {
    {
        stores all{how};
        one_client(how, all);
        many_clients(how, all);
        asynchronous(how, all);
        batches(how, all);
        half_load(how, all);
    }
    reopening(how);
    snapshots_under_load(how);
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, durable); }
