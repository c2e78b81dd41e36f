// SPDX-License-Identifier: BSL-1.0
// MS: hash maps of texts, keys of 24 bytes, values of 100. Goals A4 (memory) and A5 (filling tiny
// entries); Redis's side of both is told by report/redis.py.
#include "hash_workload.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/cuckoo_map.hpp"
#include "peer/standard_map.hpp"
#include "peer/tbb_hash_map.hpp"
#include "peer/urcu_map.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <absl/container/flat_hash_map.h>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/version.hpp>
#include <tbb/version.h>

#include <unordered_map>

namespace {

using namespace bench;
using kind = texts;

template <class... Policies>
using ours = ashlar_store<kind, ashlar::hash_map<>, Policies...>;
template <template <class...> class Map>
using theirs = Map<kind::key, kind::value, hash_of>;

/// What `DEBUG POPULATE` puts: `key:7` with the value `value:7`.
template <class Map>
void fill_tiny(const char* name, std::size_t n, std::size_t round) {
    Map map;
    const std::size_t before = resident_bytes();
    pin(0);
    const auto start = clock::now();
    std::string key = "key:";
    std::string value = "value:";
    for (std::size_t e = 0; e < n; ++e) {
        const std::string number = std::to_string(e);
        key.replace(4, std::string::npos, number);
        value.replace(6, std::string::npos, number);
        map.put(key, value);
    }
    const double seconds = seconds_since(start);
    if (map.size() != n) throw wrong_answer{std::string{"MS: "} + name + " lost entries"};
    print_row("time", {"MS", "fill tiny entries", 1, n}, name, round, seconds, "s");
    print_value({"MS", "memory of tiny entries"}, name,
                static_cast<double>(resident_bytes() - before) / static_cast<double>(n),
                "bytes/entry", round);
}

void ms(const setting& how) {
    print_version("oneTBB", TBB_VERSION_STRING);
    print_version("Boost", BOOST_LIB_VERSION);
    // First, while the heap is clean: holes that others leave would be room for nothing.
    const std::size_t n = how.entries(std::size_t{1} << 22, std::size_t{1} << 17);
    for (std::size_t round = 1; round <= 3; ++round) {
        fill_tiny<ours<>>("ashlar", n, round);
        fill_tiny<standard_map<kind, theirs<std::unordered_map>>>("std unordered_map", n, round);
        fill_tiny<standard_map<kind, theirs<absl::flat_hash_map>>>("absl flat_hash_map", n, round);
        fill_tiny<tbb_hash_map<kind>>("tbb concurrent_hash_map", n, round);
    }
    using locked = locked_map<kind, theirs<absl::flat_hash_map>, 64>;
    {
        hash_workload<kind, ours<ashlar::stamped, ashlar::lazy_ttl>, ours<ashlar::lazy_ttl>, ours<>,
                      standard_map<kind, theirs<absl::flat_hash_map>>, locked,
                      standard_map<kind, theirs<boost::unordered_flat_map>>,
                      standard_map<kind, theirs<std::unordered_map>>, tbb_hash_map<kind>,
                      cuckoo_map<kind>, urcu_map<kind>>
            workload{how,
                     "MS",
                     how.entries(std::size_t{1} << 21, std::size_t{1} << 16),
                     {"ashlar stamped lazy_ttl", "ashlar lazy_ttl", "ashlar", "absl flat_hash_map",
                      "absl 64 locked pieces", "boost unordered_flat_map", "std unordered_map",
                      "tbb concurrent_hash_map", "libcuckoo", "liburcu rculfhash"}};
        workload.reads();
        workload.mixed();
    }
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, ms); }
