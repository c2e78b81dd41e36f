// SPDX-License-Identifier: BSL-1.0
// INFO: numbers that are true; what this server has not is left out rather than made up.
#include "commands/handlers.hpp"

#include <algorithm>
#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

namespace cache::on {

namespace {

std::size_t resident_bytes() {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    if (std::fscanf(file, "%zu %zu", &total, &resident) != 2) resident = 0;
    std::fclose(file);
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::string in_units(std::size_t bytes) {
    constexpr std::array units{'B', 'K', 'M', 'G', 'T', 'P'};
    std::size_t unit = 0;
    double value = static_cast<double>(bytes);
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    char text[40];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f%c" : "%.2f%c", value, units[unit]);
    return text;
}

double seconds_of(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

/// The text of an answer, section by section.
class report {
  public:
    explicit report(call& c) noexcept : call_{c} {}

    [[nodiscard]] bool has(string_view section, bool by_default = true) {
        bool wanted = call_.size() == 1 && by_default;
        for (const string_view word : call_.args.subspan(1))
            wanted = wanted || is(word, lowered(section)) || is(word, "all") ||
                     is(word, "everything") || (by_default && is(word, "default"));
        if (wanted) text_.append(text_.empty() ? "# " : "\r\n# ").append(section).append("\r\n");
        return wanted;
    }
    template <class Value>
    void line(string_view name, const Value& value) {
        text_.append(name) += ':';
        if constexpr (std::is_convertible_v<Value, string_view>) text_.append(value);
        else text_ += std::to_string(value);
        text_ += "\r\n";
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    static std::string lowered(string_view word) {
        std::string made{word};
        for (char& ch : made) ch = lower(ch);
        return made;
    }

    call& call_;
    std::string text_;
};

void show_server(report& to, server& host) {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::steady_clock::now() - host.started)
                            .count();
    to.line("redis_version", redis_version);
    to.line("server_name", "ashlar result_cache");
    to.line("redis_mode", "standalone");
    to.line("arch_bits", 64);
    to.line("process_id", getpid());
    to.line("tcp_port", host.options.port);
    to.line("server_time_usec", std::chrono::duration_cast<std::chrono::microseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count());
    to.line("uptime_in_seconds", uptime);
    to.line("uptime_in_days", uptime / 86400);
    to.line("io_threads_active", host.options.threads > 1 ? 1 : 0);
}

void show_memory(report& to, server& host) {
    const std::size_t used = host.memory.used();
    const std::size_t resident = resident_bytes();
    to.line("used_memory", used);
    to.line("used_memory_human", in_units(used));
    to.line("used_memory_rss", resident);
    to.line("used_memory_rss_human", in_units(resident));
    to.line("mem_fragmentation_ratio",
            static_cast<double>(resident) / static_cast<double>(std::max<std::size_t>(used, 1)));
    to.line("maxmemory", host.memory.limit());
    to.line("maxmemory_human", in_units(host.memory.limit()));
    to.line("maxmemory_policy", name_of(host.memory.policy()));
}

void show_persistence(report& to, server& host) {
    const bool durable = host.space.rows().is_durable();
    to.line("loading", 0); // the port opens when everything is back
    to.line("rdb_bgsave_in_progress", host.saves.running() ? 1 : 0);
    to.line("rdb_last_save_time", host.saves.last());
    to.line("rdb_last_bgsave_status", host.saves.last_succeeded() ? "ok" : "err");
    to.line("aof_enabled", durable ? 1 : 0);
    to.line("aof_last_write_status", host.space.rows().has_failed() ? "err" : "ok");
}

void show_stats(report& to, server& host) {
    std::uint64_t errors = 0;
    for (std::size_t i = 0; i < commands().size(); ++i) {
        const command_stats::totals of = host.stats.recent(i);
        errors += of.failed + of.rejected;
    }
    to.line("total_connections_received", host.counts.connections.load());
    to.line("total_commands_processed", host.counts.commands.load());
    to.line("total_error_replies", errors);
    to.line("expired_keys", host.space.expired.load());
    to.line("rejected_connections", host.counts.rejected.load());
    to.line("evicted_keys", host.memory.evicted.load());
    to.line("keyspace_hits", host.counts.hits.load());
    to.line("keyspace_misses", host.counts.misses.load());
    if (host.space.rows().spills()) {
        const spill_counts of = host.space.rows().spilled();
        to.line("spill_memory_hits", of.hits);
        to.line("spill_disk_reads", of.fetches);
        to.line("spilled_rows", of.spills);
        to.line("spill_promoted_rows", of.promotions);
        to.line("spill_failures", of.failures);
    }
    to.line("pubsub_channels", host.listeners.channels({}).size());
    to.line("pubsub_patterns", host.listeners.patterns());
}

void show_processor(report& to) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    to.line("used_cpu_sys", seconds_of(usage.ru_stime));
    to.line("used_cpu_user", seconds_of(usage.ru_utime));
}

void show_commands(report& to, server& host) {
    const auto all = commands();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const command_stats::totals t = host.stats.recent(i);
        if (t.calls == 0 && t.rejected == 0) continue;
        const auto microseconds = static_cast<double>(t.nanoseconds) / 1000;
        char text[200];
        std::snprintf(text, sizeof text,
                      "calls=%llu,usec=%.0f,usec_per_call=%.2f,rejected_calls=%llu,"
                      "failed_calls=%llu",
                      static_cast<unsigned long long>(t.calls), microseconds,
                      t.calls == 0 ? 0 : microseconds / static_cast<double>(t.calls),
                      static_cast<unsigned long long>(t.rejected),
                      static_cast<unsigned long long>(t.failed));
        to.line("cmdstat_" + std::string{all[i].name}, text);
    }
}

/// O(1): ends are known by their sum, in whole seconds.
void show_keys(report& to, call& c) {
    constexpr std::uint64_t millisecond = 1'000'000;
    for (int db = 0; db < database_count; ++db) {
        const key_totals of = c.host.space.totals(c.work.place_of(db));
        if (of.keys <= 0) continue;
        std::int64_t left = 0;
        if (of.mortal > 0)
            left = std::max<std::int64_t>(
                0, of.end_seconds / of.mortal * 1000 +
                       of.end_seconds % of.mortal * 1000 / of.mortal -
                       static_cast<std::int64_t>(c.work.now() / millisecond));
        to.line("db" + std::to_string(db), "keys=" + std::to_string(of.keys) +
                                               ",expires=" + std::to_string(of.mortal) +
                                               ",avg_ttl=" + std::to_string(left));
    }
}

} // namespace

void info(call& c) {
    report to{c};
    if (to.has("Server")) show_server(to, c.host);
    if (to.has("Clients")) {
        to.line("connected_clients", c.host.client_count());
        to.line("maxclients", c.host.most_clients.load());
        to.line("blocked_clients", c.host.blocked.count() + c.host.pausing.waiting());
    }
    if (to.has("Memory")) show_memory(to, c.host);
    if (to.has("Persistence")) show_persistence(to, c.host);
    if (to.has("Stats")) show_stats(to, c.host);
    if (to.has("Replication")) {
        to.line("role", "master");
        to.line("connected_slaves", 0);
        to.line("master_failover_state", "no-failover");
        to.line("master_repl_offset", 0);
    }
    if (to.has("CPU")) show_processor(to);
    if (to.has("Commandstats", false)) show_commands(to, c.host);
    if (to.has("Cluster")) to.line("cluster_enabled", 0);
    if (to.has("Keyspace")) show_keys(to, c);
    c.out.verbatim(to.text());
}

} // namespace cache::on
