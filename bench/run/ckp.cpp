// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
// CKP: what a snapshot costs those who go on meanwhile (C1, C2). Half of the operations read, half
// write, by the zipfian distribution: one after another as fast as they can, and at moments fixed
// beforehand at 70 % of that; by one client beside a core that has nothing else to do, and by two,
// who leave the snapshot no core of its own. Every wait above a millisecond is told by its cause.
#include "measure/client.hpp"
#include "measure/durable_row.hpp"
#include "measure/rounds.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <filesystem>

namespace {

using namespace bench;
using store = ashlar::store<std::string, std::string, ashlar::hash_map<>,
                            ashlar::logged<ashlar::sync::interval<10>>, ashlar::shared>;

/// Syncs twice in an interval, as interval's contract recommends to those who must not wait.
class ticker {
  public:
    explicit ticker(store& db)
        : thread_{[this, &db] {
              pin(1);
              while (!stop_) {
                  must(static_cast<bool>(db.sync()), "ckp: sync");
                  std::this_thread::sleep_for(std::chrono::milliseconds{5});
              }
          }} {}
    ~ticker() {
        stop_ = true;
        thread_.join();
    }
    ticker(const ticker&) = delete;
    ticker& operator=(const ticker&) = delete;

  private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

struct made {
    std::uint64_t snapshots = 0, bytes = 0;
    double seconds = 0;
};

/// Clients at a rate each (0: as fast as they can), for a while, and during snapshots for a while.
struct outcome {
    report before, during;
    made snapshots;
};
outcome run(store& db, const questions_of_rows& what, unsigned clients, double rate, double lasts) {
    std::atomic<int> phase{0};
    std::vector<report> reports(2 * clients);
    std::vector<std::thread> threads;
    for (unsigned c = 0; c < clients; ++c)
        threads.emplace_back([&, c] {
            pin(c);
            durable_row row{0};
            std::string found;
            std::size_t at = c * what.size() / clients;
            for (const int now : {0, 1})
                serve(reports[2 * c + static_cast<unsigned>(now)], rate, phase, now, [&] {
                    row.number(what[at]);
                    if (at++ % 2 == 0) must(static_cast<bool>(db.put(row.key, row.value)), "put");
                    else must(*db.get(row.key, found), "get");
                });
        });
    outcome told;
    std::thread other{[&] {
        if (clients == 1) pin(1); // else it goes where there is room
        const auto sleep = [](double s) {
            std::this_thread::sleep_for(std::chrono::duration<double>(s));
        };
        sleep(lasts);
        phase = 1;
        for (const auto start = clock::now(); seconds_since(start) < lasts;
             ++told.snapshots.snapshots) {
            const auto begin = clock::now();
            const auto one = db.checkpoint();
            must(static_cast<bool>(one), "ckp: checkpoint");
            told.snapshots.seconds += seconds_since(begin);
            told.snapshots.bytes += one->bytes;
        }
        phase = 2;
    }};
    other.join();
    for (auto& thread : threads) thread.join();
    for (unsigned c = 0; c < clients; ++c) {
        told.before.add(reports[2 * c]);
        told.during.add(reports[2 * c + 1]);
    }
    return told;
}

void tell(const std::string& how, outcome& of, std::size_t round) {
    const auto say = [&](const std::string& what, double number, const char* unit) {
        print_value({"CKP", what + how}, "ashlar logged", number, unit, round);
    };
    say("throughput during/before ", of.during.rate() / of.before.rate(), "times");
    say("throughput during/before but for others on the processor ",
        of.during.own_rate() / of.before.own_rate(), "times");
    say("processor time an operation during/before ",
        of.during.running / double(of.during.operations) / of.before.running *
            double(of.before.operations),
        "times");
    say("snapshots meanwhile ",
        static_cast<double>(of.snapshots.bytes) / of.snapshots.seconds / 1e9, "GB/s");
    for (auto* part : {&of.before, &of.during}) {
        const std::string when = part == &of.before ? " before " : " during ";
        say("p99.9 of 64" + when, part->wait_at(0.999), "us");
        say("longest 64 but for others on the processor" + when, 1e3 * part->longest, "ms");
        say("above 1 ms: asleep" + when, static_cast<double>(part->blocked), "times");
        say("above 1 ms: at work" + when, static_cast<double>(part->worked), "times");
        say("above 1 ms: others on the processor" + when, static_cast<double>(part->delayed),
            "times");
    }
}

void ckp(const setting& how) {
    const std::size_t rows = how.entries(4'000'000, 50'000);
    const double lasts = how.quick ? 0.3 : 3;
    const std::string path = how.directory + "/store";
    auto opened = store::open({.directory = path.c_str()},
                              store::composition::checkpoint::options{.queue_size = 8U << 20});
    must(static_cast<bool>(opened), "ckp: can't be opened");
    store& db = *opened;
    {
        durable_row row{0};
        for (std::size_t i = 0; i < rows; ++i) {
            row.number(i);
            must(static_cast<bool>(db.put(row.key, row.value)), "put");
        }
    }
    const ticker syncs{db};
    const questions_of_rows what{rows, how.seed};
    for (std::size_t round = 1; round <= (std::min)(how.rounds, std::size_t{3}); ++round) {
        const auto start = clock::now();
        const auto one = db.checkpoint();
        must(static_cast<bool>(one), "ckp: checkpoint");
        print_row("time", {"CKP", "snapshot", 1, rows}, "ashlar logged", round,
                  seconds_since(start), "s");
        for (const unsigned clients : {1U, 2U}) {
            const std::string who = clients == 1 ? "1 client" : "2 clients";
            auto closed = run(db, what, clients, 0, lasts);
            tell(who + " at full speed", closed, round);
            auto open = run(db, what, clients, 0.7 * closed.before.rate() / clients, lasts);
            tell(who + " at 70 %", open, round);
            if (clients == 1)
                print_row("time", {"CKP", "snapshot under load", 1, rows}, "ashlar logged", round,
                          open.snapshots.seconds / static_cast<double>(open.snapshots.snapshots),
                          "s");
        }
    }
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, ckp); }
