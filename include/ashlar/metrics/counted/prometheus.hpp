// SPDX-License-Identifier: BSL-1.0
/// @file Defines store_metrics, what a store has counted as prometheus-cpp's families of metrics,
/// and metric_families, with which programs add their own.
#pragma once

#include <ashlar/metrics/counted/counts.hpp>

#include <limits>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <string>
#include <utility>
#include <vector>

namespace ashlar::inline v0_1 {

/// Families in the order in which they are added. Names and helps are the caller's; values are in
/// base units (seconds, bytes), as Prometheus asks. Throws what std::vector throws.
class metric_families {
  public:
    using labels = std::vector<prometheus::ClientMetric::Label>;

    prometheus::MetricFamily& add(const char* name, const char* help, prometheus::MetricType type) {
        return all_.emplace_back(prometheus::MetricFamily{name, help, type, {}});
    }
    /// A family of one value.
    void gauge(const char* name, const char* help, double value, labels of = {}) {
        put(add(name, help, prometheus::MetricType::Gauge), value, std::move(of));
    }
    void counter(const char* name, const char* help, double value, labels of = {}) {
        put(add(name, help, prometheus::MetricType::Counter), value, std::move(of));
    }
    /// One value more of a family of counters or gauges.
    static void put(prometheus::MetricFamily& to, double value, labels of) {
        prometheus::ClientMetric& one = to.metric.emplace_back();
        one.label = std::move(of);
        if (to.type == prometheus::MetricType::Counter) one.counter.value = value;
        else one.gauge.value = value;
    }
    /// One histogram more of a family of them. counts[i] is how many took up to bounds(i) seconds
    /// and more than the bound before; the last bucket takes all that took longer.
    template <class Counts, class Bounds>
    static void put_histogram(prometheus::MetricFamily& to, const Counts& counts,
                              std::size_t buckets, Bounds bounds, double sum, labels of) {
        prometheus::ClientMetric& one = to.metric.emplace_back();
        one.label = std::move(of);
        std::uint64_t so_far = 0;
        for (std::size_t i = 0; i < buckets; ++i) {
            so_far += counts[i];
            constexpr double infinity = std::numeric_limits<double>::infinity();
            one.histogram.bucket.push_back({so_far, i + 1 == buckets ? infinity : bounds(i)});
        }
        one.histogram.sample_count = so_far;
        one.histogram.sample_sum = sum;
    }

    [[nodiscard]] const std::vector<prometheus::MetricFamily>& all() const noexcept { return all_; }
    [[nodiscard]] std::vector<prometheus::MetricFamily> take() && { return std::move(all_); }

  private:
    std::vector<prometheus::MetricFamily> all_;
};

namespace metrics_parts {

inline constexpr const char* verb_names[store_verbs] = {"read",  "put",  "erase", "update",
                                                        "apply", "scan", "walk",  "sync"};
inline constexpr const char* result_names[verb_results] = {"ok",      "missing", "conflict",
                                                           "refused", "corrupt", "failed"};

[[nodiscard]] inline double sum_of(const operation_counts& counts, verb_result result) noexcept {
    std::uint64_t all = 0;
    for (const auto& by_result : counts.calls) all += by_result[static_cast<std::size_t>(result)];
    return static_cast<double>(all);
}

inline void add_calls(metric_families& to, const std::string& store,
                      const operation_counts& counts) {
    using prometheus::MetricType;
    prometheus::MetricFamily& calls =
        to.add("ashlar_operations_total", "Calls, by how they ended.", MetricType::Counter);
    for (std::size_t v = 0; v < store_verbs; ++v)
        for (std::size_t r = 0; r < verb_results; ++r)
            if (const std::uint64_t count = counts.calls[v][r]; count != 0)
                metric_families::put(calls, static_cast<double>(count),
                                     {{"store", store},
                                      {"layer", "store"},
                                      {"op", verb_names[v]},
                                      {"result", result_names[r]}});
    prometheus::MetricFamily& times =
        to.add("ashlar_operation_duration_seconds",
               "How long calls took, of those that were timed.", MetricType::Histogram);
    const auto bound = [](std::size_t i) { return static_cast<double>(duration_bounds[i]) / 1e9; };
    for (std::size_t v = 0; v < store_verbs; ++v)
        if (counts.of(static_cast<store_verb>(v)) != 0)
            metric_families::put_histogram(
                times, counts.durations[v], duration_buckets, bound,
                static_cast<double>(counts.nanoseconds[v]) / 1e9,
                {{"store", store}, {"layer", "store"}, {"op", verb_names[v]}});
}

} // namespace metrics_parts

/// Adds what a counted store has done, and where the store knows it, its rows and their memory. The
/// label `store` is `name`. Families without a call are there, too, so that rates begin at 0.
/// O(cells), some thousand additions.
template <class Store>
void add_metrics_of(metric_families& to, const Store& store, const std::string& name) {
    using prometheus::MetricType;
    const operation_counts counts = counts_of(store);
    metrics_parts::add_calls(to, name, counts);

    auto& bytes = to.add("ashlar_bytes_total",
                         "Bytes of rows that were shown, and of keys and "
                         "rows that were written.",
                         MetricType::Counter);
    metric_families::put(bytes, static_cast<double>(counts.bytes_read),
                         {{"store", name}, {"direction", "read"}});
    metric_families::put(bytes, static_cast<double>(counts.bytes_written),
                         {{"store", name}, {"direction", "written"}});
    auto& requests = to.add("ashlar_cache_requests_total", "Reads, by whether the key was there.",
                            MetricType::Counter);
    const auto reads = [&](const char* result, verb_result ended) {
        metric_families::put(requests, static_cast<double>(counts.of(store_verb::read, ended)),
                             {{"store", name}, {"result", result}});
    };
    reads("hit", verb_result::ok);
    reads("miss", verb_result::missing);
    to.counter("ashlar_conflicts_total", "Calls whose check failed.",
               metrics_parts::sum_of(counts, verb_result::conflict), {{"store", name}});
    to.counter("ashlar_corruptions_total", "Calls that met bytes which are not what was written.",
               metrics_parts::sum_of(counts, verb_result::corrupt),
               {{"store", name}, {"kind", "row"}});
    const auto& stack = store.stack();
    if constexpr (requires { stack.size(); })
        to.gauge("ashlar_entries", "Rows.", static_cast<double>(stack.size()), {{"store", name}});
    if constexpr (requires { stack.memory_used(); })
        to.gauge("ashlar_backend_size_bytes", "Bytes that rows and what is around them take.",
                 static_cast<double>(stack.memory_used()), {{"store", name}});
}

/// A counted store for a registry or an exposer of prometheus-cpp:
///
///   const auto metrics = std::make_shared<ashlar::store_metrics<decltype(db)>>(db, "packages");
///   exposer.RegisterCollectable(metrics);
///
/// Refers to the store, which must outlive it. Thread-safe as the store is.
/// (docs/policies/counted.md)
template <class Store>
class store_metrics final : public prometheus::Collectable {
  public:
    /// `name` is the label `store` of every value.
    store_metrics(const Store& store, std::string name) : store_{store}, name_{std::move(name)} {}

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        metric_families all;
        add_metrics_of(all, store_, name_);
        return std::move(all).take();
    }

  private:
    const Store& store_;
    std::string name_;
};

} // namespace ashlar::inline v0_1
