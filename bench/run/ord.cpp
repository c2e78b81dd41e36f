// SPDX-License-Identifier: BSL-1.0
// ORD: ordered maps of integers and of texts. Goals A10 (reads) and A11 (with writes, scans).
#include "ordered_workload.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/standard_map.hpp"
#include "peer/tbb_ordered_map.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>

#include <absl/container/btree_map.h>
#include <tbb/version.h>

#include <map>

namespace {

using namespace bench;

template <class Kind, class... Policies>
void ord(const setting& how, const char* workload, std::size_t n) {
    using btree = absl::btree_map<typename Kind::key, typename Kind::value>;
    using shared = ashlar_store<Kind, ashlar::sorted_map<>, Policies...>;
    using single = ashlar_store<Kind, ashlar::sorted_map<>, ashlar::single, Policies...>;
    using b_tree = standard_map<Kind, btree>;
    using locked = locked_map<Kind, btree, 1>;
    using standard = standard_map<Kind, std::map<typename Kind::key, typename Kind::value>>;
    using tbb_map = tbb_ordered_map<Kind>;
    ordered_workload<Kind, shared, single, b_tree, locked, standard, tbb_map> work{
        how,
        workload,
        n,
        {"ashlar", "ashlar single", "absl btree_map", "absl btree_map locked", "std map",
         "tbb concurrent_map"},
        how.quick ? 1U << 14 : 1U << 17,
        {std::make_unique<shared>(), std::make_unique<single>(), std::make_unique<b_tree>(),
         std::make_unique<locked>(), std::make_unique<standard>(), std::make_unique<tbb_map>()}};
    work.gets(1);
    work.gets(2);
    work.batches();
    work.scans();
    work.template gets_and_puts<2>();
    work.template scans_and_puts<2>();
}

void both(const setting& how) {
    print_version("oneTBB", TBB_VERSION_STRING);
    ord<integers, ashlar::big_endian>(how, "ORD integers",
                                      how.entries(std::size_t{1} << 22, std::size_t{1} << 16));
    ord<texts>(how, "ORD texts", how.entries(std::size_t{1} << 20, std::size_t{1} << 15));
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, both); }
