// SPDX-License-Identifier: BSL-1.0
// NEEDS: prometheus threads
#include "catch.hpp"
#include "support/stores.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/metrics/counted/prometheus.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <map>
#include <prometheus/text_serializer.h>
#include <set>
#include <sstream>

namespace {

using texts = ashlar::store<std::string, std::string, ashlar::hash_map<>, ashlar::stamped,
                            ashlar::counted<1>>;

/// The values of an exposition, by what stands in front of them.
std::map<std::string, double> values_in(const std::string& text) {
    std::map<std::string, double> all;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (const auto space = line.rfind(' '); !line.empty() && line[0] != '#')
            all[line.substr(0, space)] = std::stod(line.substr(space + 1));
    return all;
}

} // namespace

TEST_CASE("K-24 prometheus: what was counted, with the names that dashboards know") {
    texts store = ashlar_test::opened<texts>();
    REQUIRE(store.put("a", "12345"));
    REQUIRE(store.put("b", "1"));
    CHECK(store.get("a"));
    CHECK_FALSE(store.get("none"));
    auto batch = texts::batch();
    batch.expect_absent("a").put("c", "3");
    CHECK_FALSE(store.apply(batch));

    const ashlar::store_metrics<texts> metrics{store, "packages"};
    const auto families = metrics.Collect();
    const auto found = values_in(prometheus::TextSerializer{}.Serialize(families));
    const auto value = [&](const std::string& name) {
        INFO(name);
        REQUIRE(found.count(name) == 1);
        return found.at(name);
    };
    const std::string read = R"({store="packages",layer="store",op="read")";
    CHECK(value("ashlar_operations_total" + read + R"(,result="ok"})") == 1);
    CHECK(value("ashlar_operations_total" + read + R"(,result="missing"})") == 1);
    CHECK(value(R"(ashlar_cache_requests_total{store="packages",result="hit"})") == 1);
    CHECK(value(R"(ashlar_cache_requests_total{store="packages",result="miss"})") == 1);
    CHECK(value("ashlar_operation_duration_seconds_count" + read + "}") == 2);
    CHECK(value("ashlar_operation_duration_seconds_bucket" + read + R"(,le="+Inf"})") == 2);
    CHECK(value("ashlar_operation_duration_seconds_sum" + read + "}") > 0);
    CHECK(value(R"(ashlar_conflicts_total{store="packages"})") == 1);
    CHECK(value(R"(ashlar_corruptions_total{store="packages",kind="row"})") == 0);
    CHECK(value(R"(ashlar_bytes_total{store="packages",direction="read"})") >= 5);
    CHECK(value(R"(ashlar_bytes_total{store="packages",direction="written"})") >= 8);
    CHECK(value(R"(ashlar_entries{store="packages"})") == 2);
    CHECK(value(R"(ashlar_backend_size_bytes{store="packages"})") > 8);
}

TEST_CASE("prometheus: names follow its rules") {
    const texts store = ashlar_test::opened<texts>();
    const ashlar::store_metrics<texts> metrics{store, "packages"};
    std::set<std::string> names;
    for (const auto& family : metrics.Collect()) {
        INFO(family.name);
        CHECK(family.name.rfind("ashlar_", 0) == 0);
        CHECK(family.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK(names.insert(family.name).second);
        CHECK_FALSE(family.help.empty());
        const bool total = family.name.size() > 6 && family.name.ends_with("_total");
        CHECK(total == (family.type == prometheus::MetricType::Counter));
        if (family.type == prometheus::MetricType::Histogram)
            CHECK(family.name.ends_with("_seconds"));
        for (const auto& one : family.metric)
            for (const auto& label : one.label) {
                CHECK(family.name.find(label.name + "_") == std::string::npos);
                CHECK_FALSE(label.value.empty());
            }
    }
    CHECK(names.count("ashlar_conflicts_total") == 1); // also where nothing has happened
}
