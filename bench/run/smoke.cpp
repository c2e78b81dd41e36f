// SPDX-License-Identifier: BSL-1.0
// The measuring itself, in a second and without peers: run by report/test_report.py.
// `--plant` puts a map among the subjects that loses one value; no row may be printed then.
#include "hash_workload.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/standard_map.hpp"

#include <ashlar/backend/hash_map.hpp>

#include <unordered_map>

namespace {

using namespace bench;
using kind = integers;

/// Answers 0 for one key; everything else is right.
template <bool Planted>
struct forgetful : standard_map<kind, std::unordered_map<std::uint64_t, std::uint64_t>> {
    using all = standard_map<kind, std::unordered_map<std::uint64_t, std::uint64_t>>;
    template <class F>
    bool read(std::uint64_t k, F f) const {
        return all::read(k, [&](std::uint64_t v) { f(k == kind::make_key(7) ? 0 : v); });
    }
    template <class F>
    void read_many(const std::uint64_t* keys, std::size_t n, F f) const {
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
};
template <>
struct forgetful<false> : standard_map<kind, std::unordered_map<std::uint64_t, std::uint64_t>> {};

template <bool Planted>
void smoke(const setting& how) {
    hash_workload<kind, ashlar_store<kind, ashlar::hash_map<>>, forgetful<Planted>> workload{
        how, "smoke", 1000, {"ashlar", "std unordered_map"}};
    workload.reads();
    workload.mixed();
    workload.growth(1000);
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view{argv[1]} == "--plant")
        return bench::program(argc - 1, argv + 1, smoke<true>);
    return bench::program(argc, argv, smoke<false>);
}
