// SPDX-License-Identifier: BSL-1.0
// M8: hash maps of 8-byte keys and values. Goals A1 (batched reads), A2 (single reads), A3 (mixed),
// A6 (pauses of growth). Every map holds the same entries, put in the same order; as many as fit.
#include "hash_workload.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/cuckoo_map.hpp"
#include "peer/standard_map.hpp"
#include "peer/tbb_hash_map.hpp"
#include "peer/urcu_map.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <absl/container/flat_hash_map.h>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/version.hpp>
#include <tbb/version.h>

#include <unordered_map>

namespace {

using namespace bench;
using kind = integers;

template <class... Policies>
using ours = ashlar_store<kind, ashlar::hash_map<>, Policies...>;
template <template <class...> class Map>
using theirs = Map<kind::key, kind::value, hash_of>;

/// Growth waits for the first touch of a page: who needs short waits rather than short reads takes
/// small ones (docs/decisions/0144-pauses-of-growth.md).
struct small_pages : ashlar::posix {
    static void prefer_large_pages(void*, std::size_t) = delete;
};

void all_maps(const setting& how, std::size_t n) {
    hash_workload<kind, ours<ashlar::stamped, ashlar::lazy_ttl>, ours<ashlar::stamped>, ours<>,
                  ours<ashlar::single>, standard_map<kind, theirs<absl::flat_hash_map>>,
                  locked_map<kind, theirs<absl::flat_hash_map>, 64>,
                  standard_map<kind, theirs<boost::unordered_flat_map>>,
                  standard_map<kind, theirs<std::unordered_map>>, tbb_hash_map<kind>,
                  cuckoo_map<kind>, urcu_map<kind>>
        workload{how,
                 "M8",
                 n,
                 {"ashlar stamped lazy_ttl", "ashlar stamped", "ashlar", "ashlar single",
                  "absl flat_hash_map", "absl 64 locked pieces", "boost unordered_flat_map",
                  "std unordered_map", "tbb concurrent_hash_map", "libcuckoo",
                  "liburcu rculfhash"}};
    workload.reads();
    workload.mixed();
    workload.growth(how.entries(std::size_t{1} << 22, std::size_t{1} << 17));
}

void m8(const setting& how) {
    print_version("oneTBB", TBB_VERSION_STRING);
    print_version("Boost", BOOST_LIB_VERSION);
    // What an entry takes in all maps together, measured, and a third more for tables that are
    // copied while they grow.
    constexpr std::size_t together = 700;
    const std::size_t n =
        how.fitting(how.entries(std::size_t{1} << 24, std::size_t{1} << 19), together);
    all_maps(how, n);
    // Goal A6 asks for 64 Mi entries; few maps, for each takes as long as all before it.
    const std::size_t most =
        how.fitting(how.entries(std::size_t{1} << 26, std::size_t{1} << 20), 100);
    print_value({"M8", "entries of the long growth"}, "all", static_cast<double>(most), "entries");
    grow_map<kind, ours<>>("M8", "ashlar", "long growth", most, 1);
    grow_map<kind, ours<small_pages>>("M8", "ashlar small pages", "long growth", most, 1);
    grow_map<kind, standard_map<kind, theirs<absl::flat_hash_map>>>("M8", "absl flat_hash_map",
                                                                    "long growth", most, 1);
    // What ours takes in the end, page by page, and nothing else.
    for (const bool huge : {true, false})
        print_value({"M8", "longest wait for 16 of long growth"},
                    huge ? "limit: first touch of a page of 2 MiB"
                         : "limit: first touch of a page of 4 KiB",
                    touch_new_memory(most * 24, huge).longest * 1e3, "ms");
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, m8); }
