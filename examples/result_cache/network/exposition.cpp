// SPDX-License-Identifier: BSL-1.0
// What the server knows, with the names that Prometheus asks for.
#include "network/exposition.hpp"

#include "commands/command.hpp"

#include <ashlar/metrics/counted/prometheus.hpp>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

namespace cache {

namespace {

using families = ashlar::metric_families;
using prometheus::MetricFamily;
using prometheus::MetricType;

template <class Integer>
double number(Integer value) {
    return static_cast<double>(value);
}
double seconds_of(const timeval& t) { return number(t.tv_sec) + number(t.tv_usec) / 1e6; }

constexpr const char* store = "result_cache";

void add_operations(families& to, server& host) {
    MetricFamily& calls =
        to.add("ashlar_operations_total", "Commands, by how they ended.", MetricType::Counter);
    double nanoseconds = 0;
    const auto all = commands();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const command_stats::totals t = host.stats.of(i);
        nanoseconds += number(t.nanoseconds);
        const auto put = [&](const char* result, std::uint64_t count) {
            if (count == 0) return;
            families::put(calls, number(count),
                          {{"store", store},
                           {"layer", "commands"},
                           {"op", std::string{all[i].name}},
                           {"result", result}});
        };
        put("ok", t.calls - t.failed);
        put("error", t.failed);
        put("rejected", t.rejected);
    }
    MetricFamily& times =
        to.add("ashlar_operation_duration_seconds", "How long commands took, without the network.",
               MetricType::Histogram);
    const command_stats::histogram counts = host.stats.times();
    const auto bound = [](std::size_t i) { return number(std::uint64_t{1} << i) / 1e6; };
    families::put_histogram(times, counts, counts.size(), bound, nanoseconds / 1e9,
                            {{"store", store}, {"layer", "commands"}});
    MetricFamily& requests =
        to.add("ashlar_cache_requests_total", "Look-ups of strings, by whether they were there.",
               MetricType::Counter);
    families::put(requests, number(host.counts.hits.load()), {{"store", store}, {"result", "hit"}});
    families::put(requests, number(host.counts.misses.load()),
                  {{"store", store}, {"result", "miss"}});
}

void add_store(families& to, server& host, double recovery_seconds) {
    MetricFamily& entries =
        to.add("ashlar_entries", "Keys of each database in use.", MetricType::Gauge);
    for (int db = 0; db < database_count; ++db)
        if (const auto count = host.space.count(host.space.place_of(db)); count > 0)
            families::put(entries, number(count), {{"store", store}, {"db", std::to_string(db)}});
    to.gauge("ashlar_backend_size_bytes", "What rows and the store around them take.",
             number(host.memory.used()), {{"store", store}});
    to.gauge("ashlar_recovery_duration_seconds", "How long the last start took to read the disk.",
             recovery_seconds, {{"store", store}});
    to.gauge(
        "ashlar_build_info", "Always 1; the labels say what runs.", 1,
        {{"version", "0.1"}, {"format", "1"}, {"stack", "sorted_map,stamped,active_ttl,logged"}});
    if (!host.space.rows().is_durable()) return;
    to.gauge("ashlar_checkpoint_last_success_timestamp_seconds",
             "When the last snapshot was finished, or the server started.",
             number(host.saves.last()), {{"store", store}});
    to.gauge("result_cache_checkpoint_succeeded", "Whether the last snapshot was written.",
             host.saves.last_succeeded() ? 1 : 0);
}

/// What is done when memory is used up.
void add_memory(families& to, server& host) {
    to.gauge("result_cache_memory_limit_bytes", "What the data may take; 0 for no limit.",
             number(host.memory.limit()));
    to.counter("result_cache_evicted_keys_total", "Keys that went because memory was used up.",
               number(host.memory.evicted.load()));
    if (!host.space.rows().spills()) return;
    const spill_counts of = host.space.rows().spilled();
    MetricFamily& reads = to.add("result_cache_spill_reads_total",
                                 "Reads of rows, by where they rested.", MetricType::Counter);
    families::put(reads, number(of.hits), {{"from", "memory"}});
    families::put(reads, number(of.fetches), {{"from", "disk"}});
    MetricFamily& moves = to.add("result_cache_spill_moves_total",
                                 "Rows that left memory or came back.", MetricType::Counter);
    families::put(moves, number(of.spills), {{"to", "disk"}});
    families::put(moves, number(of.promotions), {{"to", "memory"}});
    to.counter("result_cache_spill_failures_total",
               "Calls that the disk refused, or answered with altered rows.", number(of.failures));
}

void add_clients(families& to, server& host) {
    to.gauge("result_cache_connected_clients", "Clients that are connected.",
             number(host.client_count()));
    to.gauge("result_cache_max_clients", "Clients that may be connected.",
             number(host.most_clients.load()));
    to.gauge("result_cache_blocked_clients", "Clients that wait for a list.",
             number(host.blocked.count()));
    to.counter("result_cache_connections_total", "Connections that were taken.",
               number(host.counts.connections.load()));
    to.counter("result_cache_rejected_connections_total", "Connections above the limit.",
               number(host.counts.rejected.load()));
}

void add_process(families& to) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    to.counter("process_cpu_seconds_total", "Processor time, user and system.",
               seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    std::size_t total = 0;
    std::size_t resident = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%zu %zu", &total, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    to.gauge("process_resident_memory_bytes", "Memory that is in RAM.",
             number(resident) * number(sysconf(_SC_PAGESIZE)));
}

} // namespace

std::string exposition(server& host, double recovery_seconds) {
    families all;
    add_operations(all, host);
    add_store(all, host, recovery_seconds);
    add_memory(all, host);
    add_clients(all, host);
    add_process(all);
    return prometheus::TextSerializer{}.Serialize(all.all());
}

} // namespace cache
