// SPDX-License-Identifier: BSL-1.0
// CEL: the result store of a task queue, in process. A result is put once, read twice, and goes
// when it is old; as many live all the time. Goal A8; Redis's side is told by report/redis.py.
#include "measure/keys.hpp"
#include "measure/rounds.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/cuckoo_map.hpp"
#include "peer/standard_map.hpp"
#include "peer/tbb_hash_map.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <absl/container/flat_hash_map.h>
#include <tbb/version.h>

#include <memory>

namespace {

using namespace bench;

struct results {
    using key = std::string;
    using value = std::string;
    [[nodiscard]] static std::string hex(std::uint64_t number, int digits) {
        std::string text;
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
            text += "0123456789abcdef"[(number >> shift) & 15U];
        return text;
    }
    [[nodiscard]] static key make_key(std::uint64_t i) {
        const std::uint64_t a = scatter(i);
        const std::uint64_t b = scatter(~i);
        return "celery-task-meta-" + hex(a >> 32, 8) + '-' + hex(a >> 16, 4) + '-' + hex(a, 4) +
               '-' + hex(b >> 48, 4) + '-' + hex(b, 12);
    }
    [[nodiscard]] static value make_value(std::uint64_t i) {
        std::string text = R"({"status": "SUCCESS", "result": ")";
        while (text.size() < 190) text += hex(scatter(i + text.size()), 16);
        return text + R"(", "traceback": null, "children": [], "task_id": "" })";
    }
    [[nodiscard]] static std::uint64_t fold(std::string_view v) noexcept { return fold_text(v); }
};

/// What one turn does, made before the clock starts: results first to first + n - 1 are put, as
/// many old ones erased, and some that live are read.
struct turn_of_queue {
    std::vector<std::string> fresh;
    std::vector<std::string> values;
    std::vector<std::string> old;
    std::vector<std::string> read;
    std::uint64_t sum = 0;

    void make(std::uint64_t first, std::size_t n, std::size_t live) {
        fresh.clear(), values.clear(), old.clear(), read.clear();
        sum = 0;
        uniform any{live - n, first};
        for (std::uint64_t i = first; i < first + n; ++i) {
            fresh.push_back(results::make_key(i));
            values.push_back(results::make_value(i));
            old.push_back(results::make_key(i - live));
            for (int twice = 0; twice < 2; ++twice) { // not of those that come or go in this turn
                const std::uint64_t which = first - live + n + any();
                read.push_back(results::make_key(which));
                sum += results::fold(results::make_value(which));
            }
        }
    }
};

template <class Map>
std::uint64_t serve(Map& map, const turn_of_queue& turn, std::size_t from, std::size_t to) {
    std::uint64_t sum = 0;
    for (std::size_t i = from; i < to; ++i) {
        map.put(turn.fresh[i], turn.values[i]);
        map.read(turn.read[2 * i], [&](std::string_view v) { sum += results::fold(v); });
        map.erase(turn.old[i]);
        map.read(turn.read[2 * i + 1], [&](std::string_view v) { sum += results::fold(v); });
    }
    return sum;
}

template <class... Maps>
void queue(const setting& how, const std::array<const char*, sizeof...(Maps)>& names) {
    const std::size_t live = how.entries(500'000, 20'000);
    const std::size_t n = how.quick ? 2'000 : 20'000;
    std::tuple<Maps...> maps;
    const auto for_each_map = [&](auto f) {
        std::size_t i = 0;
        std::apply([&](auto&... map) { (f(names[i++], map), ...); }, maps);
    };
    for_each_map([&](const char* name, auto& map) {
        const std::size_t before = resident_bytes();
        for (std::uint64_t i = 0; i < live; ++i)
            map.put(results::make_key(i), results::make_value(i));
        print_value({"CEL", "memory"}, name,
                    static_cast<double>(resident_bytes() - before) / static_cast<double>(live),
                    "bytes/entry");
    });
    std::uint64_t first = live;
    turn_of_queue turn;
    for (const unsigned threads : {1U, 2U}) {
        std::vector<subject> subjects;
        for_each_map([&](const char* name, auto& map) {
            const auto run = [&, threads](std::size_t) {
                timing t = timed(threads, [&](unsigned thread) {
                    return serve(map, turn, n / threads * thread, n / threads * (thread + 1));
                });
                if (map.size() != live) t.answer = 0; // lost some, or kept what was erased
                return t;
            };
            subjects.push_back({name, run});
        });
        measure(how, {"CEL", "1 write 2 reads", threads, 3 * n}, subjects, [&](std::size_t) {
            turn.make(first, n, live);
            first += n;
            return turn.sum;
        });
    }
}

void cel(const setting& how) {
    print_version("oneTBB", TBB_VERSION_STRING);
    using flat = absl::flat_hash_map<std::string, std::string, hash_of>;
    queue<ashlar_store<results, ashlar::hash_map<>>,
          ashlar_store<results, ashlar::hash_map<>, ashlar::stamped, ashlar::lazy_ttl>,
          locked_map<results, flat, 64>, tbb_hash_map<results>, cuckoo_map<results>>(
        how, {"ashlar", "ashlar stamped lazy_ttl", "absl 64 locked pieces",
              "tbb concurrent_hash_map", "libcuckoo"});
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, cel); }
