// SPDX-License-Identifier: BSL-1.0
// MS: hash maps of texts, keys of 24 bytes, values of 100. Goals A4 (memory) and A5 (filling tiny
// entries, by the one call that is made for it, as Redis's command is); Redis's side of both is
// told by report/redis.py.
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

/// What `DEBUG POPULATE` puts: `key:7` with the value `value:7`. Made while it is walked.
class tiny_entries {
  public:
    explicit tiny_entries(std::size_t n) : n_{n} {}

    class iterator {
      public:
        explicit iterator(std::size_t at) : at_{at} {}
        [[nodiscard]] const std::pair<std::string, std::string>& operator*() {
            const std::string number = std::to_string(at_);
            entry_.first.replace(4, std::string::npos, number);
            entry_.second.replace(6, std::string::npos, number);
            return entry_;
        }
        iterator& operator++() { return ++at_, *this; }
        [[nodiscard]] bool operator!=(const iterator& other) const { return at_ != other.at_; }

      private:
        std::size_t at_;
        std::pair<std::string, std::string> entry_{"key:", "value:"};
    };
    [[nodiscard]] iterator begin() const { return iterator{0}; }
    [[nodiscard]] iterator end() const { return iterator{n_}; }
    [[nodiscard]] std::size_t size() const { return n_; }

  private:
    std::size_t n_;
};

constexpr auto one_by_one = [](auto& map, const tiny_entries& entries) {
    for (const auto& [key, value] : entries) map.put(key, value);
};
constexpr auto at_once = [](auto& map, const tiny_entries& entries) {
    if (!map.itself().bulk_load(entries)) throw std::runtime_error{"MS: bulk_load failed"};
};

template <class Map, class Fill>
void fill_tiny(const char* name, std::size_t n, std::size_t round, Fill fill) {
    Map map;
    const std::size_t before = resident_bytes();
    pin(0);
    const auto start = clock::now();
    fill(map, tiny_entries{n});
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
    const std::size_t n = how.entries(std::size_t{1} << 21, std::size_t{1} << 17);
    for (std::size_t round = 1; round <= 3; ++round) {
        fill_tiny<ours<>>("ashlar", n, round, one_by_one);
        fill_tiny<ours<>>("ashlar bulk_load", n, round, at_once);
        fill_tiny<standard_map<kind, theirs<std::unordered_map>>>("std unordered_map", n, round,
                                                                  one_by_one);
        fill_tiny<standard_map<kind, theirs<absl::flat_hash_map>>>("absl flat_hash_map", n, round,
                                                                   one_by_one);
        fill_tiny<tbb_hash_map<kind>>("tbb concurrent_hash_map", n, round, one_by_one);
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
                     how.entries(std::size_t{1} << 20, std::size_t{1} << 16),
                     {"ashlar stamped lazy_ttl", "ashlar lazy_ttl", "ashlar", "absl flat_hash_map",
                      "absl 64 locked pieces", "boost unordered_flat_map", "std unordered_map",
                      "tbb concurrent_hash_map", "libcuckoo", "liburcu rculfhash"}};
        workload.reads();
        workload.mixed();
    }
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, ms); }
