// SPDX-License-Identifier: BSL-1.0
// TTLB: very many rows expire at once and are swept by one thread, while another reads and writes
// others. Goal A7: how fast memory comes back, and what the other notices.
#include "measure/keys.hpp"
#include "measure/rounds.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace {

using namespace bench;
using namespace std::chrono_literals;

/// What the two threads tell each other. A sweep is over in tens of milliseconds, so it does not
/// begin before the other thread is at work.
struct signals {
    std::atomic<bool> begun{false};
    std::atomic<bool> stop{false};
};

/// Half reads, half writes until told to stop; microseconds that each group of 16 took.
template <class Store>
void foreground(Store& store, const std::vector<std::string>& keys, std::size_t others,
                signals& tell, std::vector<float>& waits) {
    constexpr std::size_t group = 16;
    zipf some{keys.size() - others, 7};
    const std::string value = texts::make_value(1);
    std::string found;
    pin(0);
    tell.begun = true;
    while (!tell.stop.load(std::memory_order_relaxed)) {
        std::size_t asked[group];
        for (std::size_t& which : asked) which = others + some();
        const auto start = clock::now();
        for (std::size_t i = 0; i < group; ++i) {
            const std::string& key = keys[asked[i]];
            const bool done = i % 2 == 0 ? store.get(key, found).value_or(false)
                                         : store.put(key, value).has_value();
            if (!done) throw wrong_answer{"TTLB: a row that stays is gone"};
        }
        waits.push_back(std::chrono::duration<float, std::micro>(clock::now() - start).count());
    }
}
double p999(std::vector<float>& waits) {
    if (waits.empty()) throw std::runtime_error{"TTLB: the other thread did nothing"};
    const auto at = waits.begin() + static_cast<std::ptrdiff_t>(waits.size() * 999 / 1000);
    std::nth_element(waits.begin(), at, waits.end());
    return static_cast<double>(*at);
}

template <class... Policies>
void sweep(const setting& how, const char* name, const std::vector<std::string>& keys,
           std::size_t others, std::size_t round) {
    using store_type = ashlar::store<std::string, std::string, ashlar::hash_map<>, Policies...>;
    store_type store;
    const std::string value = texts::make_value(1);
    for (std::size_t i = others; i < keys.size(); ++i)
        if (!store.put(keys[i], value)) throw wrong_answer{"TTLB: put failed"};
    const auto soon = store.after(how.quick ? 1s : 6s);
    const auto filling = clock::now();
    for (std::size_t i = 0; i < others; ++i)
        if (!store.put(keys[i], value, soon)) throw wrong_answer{"TTLB: put failed"};
    const std::size_t full = resident_bytes();

    std::vector<float> before;
    std::vector<float> during;
    before.reserve(1U << 22);
    during.reserve(1U << 22);
    std::size_t swept = 0;
    double seconds = 0;
    for (auto* const waits : {&before, &during}) {
        if (waits == &during)
            while (seconds_since(filling) < (how.quick ? 1.1 : 6.1)) std::this_thread::yield();
        signals tell;
        std::thread other{[&] { foreground(store, keys, others, tell, *waits); }};
        pin(1);
        while (!tell.begun) std::this_thread::yield();
        if (waits == &before) {
            std::this_thread::sleep_for(how.quick ? 200ms : 2s);
        } else {
            const auto start = clock::now();
            const auto done = store.sweep();
            seconds = seconds_since(start);
            swept = done ? *done : 0;
        }
        tell.stop = true;
        other.join();
    }
    if (swept != others)
        throw wrong_answer{"TTLB: " + std::to_string(swept) + " rows were swept of " +
                           std::to_string(others)};
    const double worse = p999(during) / p999(before);
    const auto print = [&](const char* what, double number, const char* unit) {
        print_value({"TTLB", what}, name, number, unit, round);
    };
    print("reclaimed", static_cast<double>(swept) / seconds / 1e6, "M rows/s");
    print("p99.9 before", p999(before), "us for 16");
    print("p99.9 during", p999(during), "us for 16");
    print("p99.9 during/before", worse, "times");
    print("memory that came back",
          100 * static_cast<double>(full - resident_bytes()) / static_cast<double>(full), "%");
}

void ttlb(const setting& how) {
    const std::size_t others = how.entries(4'000'000, 400'000);
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < others + others / 20; ++i) keys.push_back(texts::make_key(i));
    print_value({"TTLB", "entries"}, "expiring", static_cast<double>(others), "entries");
    for (std::size_t round = 1; round <= 3; ++round) {
        sweep<ashlar::lazy_ttl>(how, "ashlar lazy_ttl", keys, others, round);
        sweep<ashlar::lazy_ttl, ashlar::stamped>(how, "ashlar stamped lazy_ttl", keys, others,
                                                 round);
    }
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, ttlb); }
